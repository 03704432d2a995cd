"""What gitreg and the process that runs a model say to each other: a JSON head, then arrays.

Neither side unpickles anything, and what comes is no larger than what was said before: each array
is named in the head with a plain dtype and a shape, and follows as that many bytes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Arrays = Mapping[str, np.ndarray[Any, np.dtype[Any]]]

MAX_HEAD = 1 << 20
MAX_BODY = 1 << 31
LENGTH = 8  # bytes of the big-endian number before the head
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
    return b"".join([len(text).to_bytes(LENGTH, "big"), text, *bodies])


def _plain(array: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[Any]]:
    """Return the array little-endian and contiguous, objects as text."""
    import numpy as np

    if array.dtype == object:
        array = array.astype(str)
    plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    if not _PLAIN.fullmatch(plain.dtype.str):
        raise ValueError(f"values of the type {array.dtype} cannot be handed over")
    return plain


def head_length(start: bytes) -> int:
    """Return how long the head is, from the first `LENGTH` bytes of a message.

    Raises: ValueError for one that is too long.
    """
    length = int.from_bytes(start, "big")
    if length > MAX_HEAD:
        raise ValueError("the answer is no message")
    return length


def read_head(text: bytes) -> tuple[dict[str, Any], list[tuple[str, str, tuple[int, ...], int]]]:
    """Return the head, and of each array name, dtype, shape and size in bytes.

    Raises: ValueError for arrays that are not plain, or larger than 2 GiB together.
    """
    import numpy as np

    head = json.loads(text)
    described = []
    for name, dtype, shape in head.pop("arrays"):
        if not _PLAIN.fullmatch(dtype) or not all(type(n) is int and n >= 0 for n in shape):
            raise ValueError("the answer has an array that is not plain")
        size = math.prod(shape) * np.dtype(dtype).itemsize
        described.append((str(name), dtype, tuple(shape), size))
    if sum(size for *_, size in described) > MAX_BODY:
        raise ValueError("the answer is larger than 2 GiB")
    return head, described


def read_array(data: bytes, dtype: str, shape: tuple[int, ...]) -> Any:
    """Return the array that the bytes are.

    Raises: ValueError for text that is not Unicode.
    """
    import numpy as np

    array = np.frombuffer(data, dtype=dtype).reshape(shape)
    return array.astype(object).astype(str) if array.dtype.kind == "U" else array
