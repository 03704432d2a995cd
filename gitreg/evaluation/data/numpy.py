"""NumPy's own files: `.npz` names its columns; of `.npy`, fields do, or numbers from 0.

They are read as streams, so that a file larger than memory is no matter. Pickled objects inside
are refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from gitreg.errors import InvalidError
from gitreg.evaluation.data.columns import Columns, choose_columns
from gitreg.value import Value

NAME = "numpy"
SUFFIXES = (".npy", ".npz")


class _Stream(Value, kw_only=False):
    """An array whose header was read: what is left of the file is its rows."""

    file: IO[bytes]
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    def read(self, path: Path, rows: int) -> npt.NDArray[np.generic]:
        shape = (rows, *self.shape[1:])
        size = self.dtype.itemsize * int(np.prod(shape))
        data = self.file.read(size)
        if len(data) < size:
            raise _make_error(path, "it ends before its last row")
        return np.frombuffer(data, dtype=self.dtype).reshape(shape)


def read(path: Path, wanted: Sequence[str] | None, rows: int) -> Iterator[Columns]:
    """Yield the wanted columns, or all, in chunks of at most `rows`.

    Raises: InvalidError.
    """
    try:
        yield from _read(path, wanted, rows)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise _make_error(path, str(error)) from error


def _read(path: Path, wanted: Sequence[str] | None, rows: int) -> Iterator[Columns]:
    with ExitStack() as stack:
        if path.suffix.lower() == ".npz":
            archive = stack.enter_context(zipfile.ZipFile(path))
            present = [name[:-4] for name in archive.namelist() if name.endswith(".npy")]
            names = choose_columns(path, present, wanted)
            files = [stack.enter_context(archive.open(f"{name}.npy")) for name in names]
            streams = {n: _open(path, file) for n, file in zip(names, files, strict=True)}
            for chunk in _read_together(path, streams, rows):
                yield chunk
            return
        stream = _open(path, stack.enter_context(path.open("rb")))
        names = choose_columns(path, _name_columns(stream), wanted)
        for chunk in _read_together(path, {"": stream}, rows):
            yield {name: _pick(chunk[""], name) for name in names}


def _open(path: Path, file: IO[bytes]) -> _Stream:
    """Read a header.

    Raises: InvalidError for objects, single values and the order of Fortran.
    """
    version = npy.read_magic(file)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read_header(file)
    if dtype.hasobject:
        raise _make_error(path, "it holds pickled objects")
    if not 1 <= len(shape) <= 2 or (fortran and len(shape) > 1):
        raise _make_error(path, f"an array of the shape {shape} is not stored row by row")
    return _Stream(file, shape, dtype)


def _read_together(
    path: Path, streams: dict[str, _Stream], rows: int
) -> Iterator[dict[str, npt.NDArray[np.generic]]]:
    lengths = {name: stream.shape[0] for name, stream in streams.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise _make_error(path, f"its columns are not of one length ({listed})")
    left = min(lengths.values(), default=0)
    while left:
        size = min(rows, left)
        yield {name: stream.read(path, size) for name, stream in streams.items()}
        left -= size


def _name_columns(stream: _Stream) -> list[str]:
    if stream.dtype.names is not None:
        return list(stream.dtype.names)
    return [str(place) for place in range(stream.shape[1] if len(stream.shape) > 1 else 1)]


def _pick(chunk: npt.NDArray[Any], name: str) -> npt.NDArray[np.generic]:
    if chunk.dtype.names is None and chunk.ndim == 1:
        return chunk
    picked: npt.NDArray[np.generic] = chunk[:, int(name)] if chunk.ndim > 1 else chunk[name]
    return picked


def _make_error(path: Path, what: str) -> InvalidError:
    return InvalidError(
        f"{path} cannot be read: {what}",
        next_step="save plain arrays with as many rows each, by numpy.savez",
    )
