"""The array types of this room, and arrays as JSON values and back, bit for bit."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gitreg.errors import InvalidError

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


def pack(array: Floats) -> dict[str, object]:
    """Return an array of doubles as its shape and its little-endian bytes in base64."""
    data = np.ascontiguousarray(array, dtype="<f8").tobytes()
    return {"shape": list(array.shape), "float64": base64.b64encode(data).decode("ascii")}


def unpack(value: object) -> Floats:
    """Return the array that `pack` made the value of.

    Raises: InvalidError.
    """
    if isinstance(value, Mapping):
        shape, text = value.get("shape"), value.get("float64")
        if isinstance(shape, list) and isinstance(text, str) and all(map(_is_length, shape)):
            try:
                data = base64.b64decode(text, validate=True)
            except binascii.Error:
                data = None
            if data is not None and len(data) == 8 * math.prod(shape):
                return np.frombuffer(data, dtype="<f8").reshape(shape).astype(np.float64)
    raise InvalidError(
        "a state holds an array that is not what its shape says",
        next_step="measure the shard again with the same version of gitreg",
    )


def _is_length(value: object) -> bool:
    return type(value) is int and value >= 0


def divide(above: Floats, below: Floats) -> Floats:
    """Return above / below, and NaN, which stands for "not defined", where `below` is 0."""
    quotient = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=quotient, where=below != 0)
    return quotient
