"""What the readers share: columns by name, lines and chunks of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gitreg.errors import InvalidError

Columns = Mapping[str, npt.NDArray[np.generic]]

MAX_LINE, MAX_CHUNK = 1 << 20, 1 << 26  # bytes
_WIDEST = 256  # an array gives each text the room of its longest
_LISTED = 20


class Record(NamedTuple):
    """A row as read: the line that it ends in, about how many bytes, and its value."""

    line: int
    size: int
    value: Any


def cut(records: Iterator[Record], rows: int) -> Iterator[list[Record]]:
    """Yield records in chunks of at most `rows`, fewer where they are large."""
    chunk, size = [], 0
    for record in records:
        chunk.append(record)
        size += record.size
        if len(chunk) == rows or size >= MAX_CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def make_texts(values: Sequence[str]) -> npt.NDArray[Any]:
    """Return an array of text, of objects where one is long."""
    long = max(map(len, values), default=0) > _WIDEST
    return np.array(values, dtype=object if long else str)


def choose_columns(path: Path, present: Sequence[str], wanted: Sequence[str] | None) -> list[str]:
    """Return the wanted columns, or all that there are.

    Raises: InvalidError where one is missing, or the file names one twice.
    """
    twice = [name for i, name in enumerate(present) if name in present[:i]]
    if twice:
        raise InvalidError(
            f"{path} has two columns called {twice[0]!r}", next_step="give each its own name"
        )
    missing = [name for name in wanted or () if name not in present]
    if missing:
        listed = ", ".join(present[:_LISTED]) + (", …" if len(present) > _LISTED else "")
        raise InvalidError(
            f"{path} has no column {' nor '.join(map(repr, missing))}",
            next_step=f"it has {listed or 'none'}",
        )
    return list(present if wanted is None else dict.fromkeys(wanted))


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, from 1; a byte-order mark is left out.

    Raises: InvalidError for a line that is not UTF-8, or longer than a mebibyte.
    """
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise InvalidError(
                    f"{path} line {number} is longer than {MAX_LINE} bytes",
                    next_step="is it the format that its name says?",
                )
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise InvalidError(
                    f"{path} line {number} is not UTF-8: {error.reason}",
                    next_step="save the file as UTF-8",
                ) from error
            yield number, text
