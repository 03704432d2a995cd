from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gitreg.formats.answer import read_answer

LABELS, SCORES = np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]])


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (LABELS, {"prediction": [0, 1]}),
        ([0, 1], {"prediction": [0, 1]}),
        (LABELS.reshape(-1, 1), {"prediction": [0, 1]}),
        (SCORES, {"score": SCORES.tolist()}),
        ((LABELS, SCORES), {"prediction": [0, 1], "score": SCORES.tolist()}),
        ({"any": SCORES}, {"score": SCORES.tolist()}),
        (
            {"score": SCORES, "classes": ["no", "yes"], "other": LABELS},
            {"score": SCORES.tolist(), "classes": ["no", "yes"]},
        ),
    ],
)
def test_an_answer_is_what_it_says_or_what_its_shape_says(
    output: Any, expected: dict[str, Any]
) -> None:
    answer = read_answer(output)
    assert {name: array.tolist() for name, array in answer.items()} == expected


@pytest.mark.parametrize("output", [None, 3.0, np.zeros((2, 2, 2)), (), {}, {"classes": LABELS}])
def test_what_is_no_answer_is_told(output: Any) -> None:
    with pytest.raises(ValueError, match="neither a prediction nor a score"):
        read_answer(output)
