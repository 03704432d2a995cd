"""What gitreg and the process that runs a model say to each other: a JSON head, then arrays.

Neither side unpickles anything, and what comes is no larger than what was said before: each array
is named in the head with a plain dtype and a shape, and follows as that many bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Arrays = Mapping[str, np.ndarray[Any, np.dtype[Any]]]

_MAX_HEAD = 1 << 20
_MAX_BODY = 1 << 31
_LENGTH = 8  # bytes of the big-endian number before the head
_PLAIN = re.compile(r"\|b1|\|[iu]1|<[iuf][248]|<U[0-9]{1,5}")


def to_bytes(head: Mapping[str, Any], arrays: Arrays | None = None) -> bytes:
    """Return a message.

    Raises: ValueError for an array of objects or another dtype that is not plain.
    """
    import numpy as np

    described, bodies = [], []
    for name, array in (arrays or {}).items():
        plain = _plain(np.asarray(array))
        described.append([name, plain.dtype.str, list(plain.shape)])
        bodies.append(plain.tobytes())
    text = json.dumps({**head, "arrays": described}).encode()
    return b"".join([len(text).to_bytes(_LENGTH, "big"), text, *bodies])


def is_plain(array: np.ndarray[Any, np.dtype[Any]]) -> bool:
    """Whether an array, objects apart, can be handed over."""
    return _PLAIN.fullmatch(array.dtype.newbyteorder("<").str) is not None


def _plain(array: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[Any]]:
    """Return the array little-endian and contiguous, objects as text."""
    import numpy as np

    if array.dtype == object:
        array = array.astype(str)
    plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    if not _PLAIN.fullmatch(plain.dtype.str):
        raise ValueError(f"values of the type {array.dtype} cannot be handed over")
    return plain


def read_message(read: Callable[[int], bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the head and the arrays of the next message; `read` returns just so many bytes.

    Raises: ValueError for what is no message, arrays that are not plain, or larger than 2 GiB
    together; and what `read` does.
    """
    length = int.from_bytes(read(_LENGTH), "big")
    if length > _MAX_HEAD:
        raise ValueError("the answer is no message")
    head = json.loads(read(length))
    described = [(str(name), *_measure(dtype, shape)) for name, dtype, shape in head.pop("arrays")]
    if sum(size for *_, size in described) > _MAX_BODY:
        raise ValueError("the answer is larger than 2 GiB")
    arrays = {name: _array(read(size), dtype, shape) for name, dtype, shape, size in described}
    return head, arrays


def _measure(dtype: str, shape: Sequence[int]) -> tuple[str, tuple[int, ...], int]:
    """Return an array's dtype, its shape and its size in bytes."""
    import numpy as np

    if not _PLAIN.fullmatch(dtype) or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("the answer has an array that is not plain")
    return dtype, tuple(shape), math.prod(shape) * np.dtype(dtype).itemsize


def _array(data: bytes, dtype: str, shape: tuple[int, ...]) -> Any:
    """Return the array that the bytes are; text that is not Unicode is a ValueError."""
    import numpy as np

    array = np.frombuffer(data, dtype=dtype).reshape(shape)
    return array.astype(object).astype(str) if array.dtype.kind == "U" else array
