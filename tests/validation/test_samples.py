"""Inputs made from signatures, and answers compared with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gitreg.errors import SetupError
from gitreg.schema import read_schema
from gitreg.validation.answers import check_answer, compare, differing_rows, name_outputs
from gitreg.validation.samples import DTYPES, make_inputs


def signature(datatype: str = "FP64", *shapes: list[int]) -> list[dict[str, Any]]:
    given = shapes or ([-1],)
    return [
        {"name": f"x{place}", "datatype": datatype, "shape": shape}
        for place, shape in enumerate(given)
    ]


def test_every_datatype_of_the_schema_is_known() -> None:
    inputs = read_schema("model.v1")["properties"]["signature"]["properties"]["inputs"]
    assert set(DTYPES) == set(inputs["items"]["properties"]["datatype"]["enum"])


@pytest.mark.parametrize("datatype", sorted(set(DTYPES) - {"BYTES"}))
def test_a_sample_has_the_type_that_is_asked_for(datatype: str) -> None:
    (array,) = make_inputs(signature(datatype, [-1, 3])).values()
    assert array.dtype.name == DTYPES[datatype]
    assert array.shape == (16, 3)
    assert len(np.unique(array)) > 1


@pytest.mark.parametrize(
    ("shapes", "found"),
    [
        ([[-1]], [(16,)]),
        ([[-1, -1]], [(16, 4)]),
        ([[1, 3, 8, 8]], [(1, 3, 8, 8)]),
        ([[-1], [8, 2]], [(8,), (8, 2)]),
    ],
)
def test_open_dimensions_are_filled(shapes: list[list[int]], found: list[tuple[int, ...]]) -> None:
    assert [array.shape for array in make_inputs(signature("FP32", *shapes)).values()] == found


def test_the_same_seed_gives_the_same_sample() -> None:
    one, same, other = (make_inputs(signature(), seed=seed)["x0"] for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ([], r"no signature\.inputs"),
        (signature("BYTES"), "x0 is text"),
        (signature("FP64", []), "no first dimension in common"),
        (signature("FP64", [2], [3]), "no first dimension in common"),
        (signature("FP64", [0]), "no first dimension in common"),
        (signature("FP64", [-1, 1 << 30]), "x0 has over"),
    ],
)
def test_what_cannot_be_made_is_told(given: list[dict[str, Any]], what: str) -> None:
    with pytest.raises(SetupError, match=what) as caught:
        make_inputs(given)
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("names", "answered", "found"),
    [
        (["species"], ["prediction"], ["prediction"]),
        (["species", "chances"], ["prediction", "score"], ["prediction", "score"]),
        (["score", "species"], ["prediction", "score"], ["score", "prediction"]),
        (["chances"], ["score"], ["score"]),
        (["species", "chances"], ["prediction"], ["prediction", ""]),
    ],
)
def test_outputs_are_named_by_their_order(
    names: list[str], answered: list[str], found: list[str]
) -> None:
    given = [{"name": name} for name in names]
    assert name_outputs(given, dict.fromkeys(answered, np.zeros(1))) == found


def test_an_answer_that_fits_is_in_order() -> None:
    outputs = [
        {"name": "species", "datatype": "BYTES", "shape": [-1]},
        {"name": "score", "datatype": "FP32", "shape": [-1, 3]},
    ]
    answer = {"prediction": np.array(["a", "b"]), "score": np.zeros((2, 3), np.float32)}
    assert list(check_answer(answer, outputs, 2)) == []
    assert list(check_answer({"prediction": answer["prediction"]}, outputs, 2)) == [
        "it has no output for score of the signature"
    ]


@pytest.mark.parametrize(
    ("one", "other", "rows"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-9], [False, False]),
        ([1.0, 2.0], [1.0, 2.1], [False, True]),
        ([np.nan, 1.0], [np.nan, np.nan], [False, True]),
        ([1e9, 1.0], [1e9 + 1, 1.0], [False, False]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 5]], [False, True]),
        (["a", "b"], ["a", "c"], [False, True]),
        (["1", "2"], [1, 2], [False, False]),
        ([True, False], [True, True], [False, True]),
        ([1, 2], [1, 2, 3], [True, True, True]),
    ],
)
def test_rows_that_differ_are_found(one: Any, other: Any, rows: list[bool]) -> None:
    assert differing_rows(np.array(one), np.array(other), 1e-6).tolist() == rows


def test_an_output_that_comes_and_goes_differs() -> None:
    answer = {"prediction": np.zeros(2)}
    assert list(compare(answer, {}, 0.0)) == [("prediction", "is there once and missing once")]
