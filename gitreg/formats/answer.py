"""What a model answers, where its format leaves that to whoever made the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = ("prediction", "score", "classes")


def read_answer(output: Any) -> dict[str, Any]:
    """Return `prediction`, `score` and `classes` of what a model returned.

    A mapping with one of these names is taken as it says. Otherwise each array is what its shape
    says (`read_array`); several are a tuple, or a mapping with names of any kind.

    Raises: ValueError where neither a prediction nor a score is among them.
    """
    import numpy as np

    if isinstance(output, Mapping) and any(name in output for name in _NAMES):
        answer = {name: np.asarray(output[name]) for name in _NAMES if name in output}
    else:
        if isinstance(output, Mapping):
            output = tuple(output.values())
        answer = {}
        for part in output if isinstance(output, tuple) else (output,):
            answer |= read_array(np.asarray(part))
    if not answer.keys() & {"prediction", "score"}:
        raise ValueError("the model answers with neither a prediction nor a score for each row")
    return answer


def read_array(found: Any) -> dict[str, Any]:
    """Return a column as `prediction`, several (a column for each class) as `score`."""
    if found.ndim == 2 and found.shape[1] > 1:
        return {"score": found}
    return {"prediction": found.reshape(len(found))} if found.ndim in (1, 2) else {}
