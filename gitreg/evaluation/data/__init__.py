"""Data sets read in chunks, so that memory does not grow with them: a module a format, one table.

Each file becomes arrays by column name. What a person must mend is told with its line or row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from gitreg.errors import InvalidError, NotFoundError, UsageError
from gitreg.evaluation.data import csv, jsonlines, numpy, parquet
from gitreg.evaluation.data.columns import Columns
from gitreg.value import Value

CHUNK = 1 << 16
_MODULES: tuple[ModuleType, ...] = (csv, jsonlines, numpy, parquet)


class Reader(Protocol):
    """What a module of this room offers; `SUFFIXES` are file name endings."""

    NAME: str
    SUFFIXES: tuple[str, ...]

    def read(self, path: Path, wanted: Sequence[str] | None, rows: int) -> Iterator[Columns]:
        """Yield the wanted columns, or all, in chunks of at most `rows`."""


READERS: Mapping[str, Reader] = {
    suffix: cast("Reader", module) for module in _MODULES for suffix in module.SUFFIXES
}


class Chunk(Value, eq=False):
    """Some rows: the number of the first in the whole data, and an array a column."""

    first_row: int
    columns: Mapping[str, npt.NDArray[np.generic]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def read_chunks(
    path: Path, columns: Sequence[str] | None = None, *, rows: int = CHUNK
) -> Iterator[Chunk]:
    """Yield the rows of a file, of these columns or all, in chunks of at most `rows`.

    Raises: NotFoundError where there is no file; UsageError for an unknown ending; InvalidError
    for what is wrong inside, with its line or row; SetupError where an extra is missing.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(
            f"{path} does not end in the way of a format that gitreg reads",
            next_step=f"convert it to one of {', '.join(READERS)}",
        )
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", next_step="pull it, or name another")
    first_row = 0
    for part in reader.read(path, columns, rows):
        chunk = Chunk(first_row=first_row, columns=part)
        first_row += len(chunk)
        yield chunk
    if first_row == 0:
        raise InvalidError(f"{path} has no rows", next_step="measure on data that has some")
