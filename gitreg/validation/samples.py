"""Inputs made from a signature, where no example of real ones is at hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gitreg.errors import SetupError

# Datatypes of the V2 inference protocol, as numpy names them; BYTES are texts.
DTYPES = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
    "BYTES": "str",
}
_ROWS, _OPEN = 16, 4  # rows of a sample, and the size of another dimension that may have any
_MOST = 1 << 24  # values of one input
_GIVE = "give real ones: validation.examples in model.yaml"


def make_inputs(signature: Sequence[Mapping[str, Any]], *, seed: int = 0) -> dict[str, Any]:
    """Return an array for each input: numbers around 0, or 0 and 1 where they must be whole.

    The first dimension counts rows; the same seed gives the same values.

    Raises: SetupError where there is no signature, it wants texts, or has no rows.
    """
    import numpy as np

    if not signature:
        raise SetupError(
            "model.yaml has no signature.inputs",
            next_step="add signature: {inputs: [{name: …, datatype: FP64, shape: [-1]}]}, "
            f"or {_GIVE}",
        )
    random = np.random.default_rng(seed)
    rows = _count_rows(signature)
    made = {}
    for item in signature:
        name, dtype = item["name"], DTYPES[item["datatype"]]
        if dtype == "str":
            raise SetupError(f"{name} is text, which cannot be made up", next_step=_GIVE)
        shape = (rows, *(_OPEN if size == -1 else size for size in item["shape"][1:]))
        if math.prod(shape) > _MOST:
            raise SetupError(f"{name} has over {_MOST} values", next_step=_GIVE)
        if dtype.startswith("float"):
            made[name] = random.standard_normal(shape).astype(dtype)
        else:
            made[name] = random.integers(0, 2, shape).astype(dtype)
    return made


def _count_rows(signature: Sequence[Mapping[str, Any]]) -> int:
    """Return how many rows a sample has: as many as the inputs fix, if they fix any."""
    fixed = {item["shape"][0] if item["shape"] else 0 for item in signature} - {-1}
    if len(fixed) > 1 or 0 in fixed:
        raise SetupError(
            "the inputs of model.yaml have no first dimension in common, which counts rows",
            next_step="write shapes such as [-1] or [-1, 4] in signature.inputs",
        )
    return fixed.pop() if fixed else _ROWS
