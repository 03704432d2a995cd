"""Sparse matrices as bytes, and back: names as JSON, numbers as small as hold them exactly.

Law: `read(write(matrices))` has the same entries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gitreg.index.sealed import seal, unseal
from gitreg.similarity.matrix import Matrix

_KINDS = ("<u1", "<u2", "<i4", "<f8")
_SIZE = 4  # bytes of the length of the head


def write(matrices: Mapping[str, Matrix]) -> bytes:
    """Return matrices by name as bytes."""
    head, parts = {}, []
    for name, matrix in matrices.items():
        lengths = np.diff(matrix.starts)
        arrays = [_shrink(part) for part in (lengths, matrix.columns, matrix.values)]
        parts += [array.tobytes() for array in arrays]
        head[name] = {
            "names": matrix.names,
            "figures": np.flatnonzero(matrix.figures).tolist(),
            "arrays": [[array.dtype.str, len(array)] for array in arrays],
        }
    text = json.dumps(head, separators=(",", ":")).encode()
    return seal(b"".join([len(text).to_bytes(_SIZE, "little"), text, *parts]))


def read(data: bytes) -> dict[str, Matrix]:
    """Return the matrices that bytes are.

    Raises: DamagedError.
    """
    body = unseal(data)
    start = _SIZE + int.from_bytes(body[:_SIZE], "little")
    matrices = {}
    for name, about in json.loads(bytes(body[_SIZE:start])).items():
        arrays = []
        for kind, length in about["arrays"]:
            arrays.append(np.frombuffer(body, kind, length, start))
            start += arrays[-1].nbytes
        lengths, columns, values = arrays
        figures = np.zeros(len(about["names"]), np.bool_)
        figures[about["figures"]] = True
        matrices[name] = Matrix(
            names=tuple(about["names"]),
            rows=np.repeat(np.arange(len(lengths), dtype=np.int32), lengths),
            columns=columns.astype(np.int32),
            values=values.astype(np.float64),
            starts=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))),
            figures=figures,
        )
    return matrices


def _shrink(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the same numbers in the smallest kind that holds all of them."""
    for kind in _KINDS:
        with np.errstate(invalid="ignore"):
            small = values.astype(kind)
        if (small == values).all():
            return small
    return values
