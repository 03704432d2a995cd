"""What the readers share: columns by name, lines and chunks of bounded size."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gitreg.errors import InvalidError

Columns = Mapping[str, npt.NDArray[np.generic]]

MAX_LINE, MAX_CHUNK = 1 << 20, 1 << 26  # bytes
_BLOCK = 1 << 16
_WIDEST = 256  # an array gives each text the room of its longest
_LISTED = 20


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


def read_lines(path: Path) -> Iterator[list[str]]:
    """Yield the lines, with their ends, some at a time; a byte-order mark is left out.

    Raises: InvalidError for a line that is not UTF-8, or longer than a mebibyte.
    """
    number, rest = 1, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            if max(len(rest), len(lines[0]) if lines else 0) > MAX_LINE:
                line = number + (len(lines) if len(rest) > MAX_LINE else 0)
                raise InvalidError(
                    f"{path} line {line} is longer than {MAX_LINE} bytes",
                    next_step="is it the format that its name says?",
                )
            yield _decode(path, lines, number)
            number += len(lines)
    if rest:
        yield _decode(path, [rest], number)


def _decode(path: Path, lines: list[bytes], number: int) -> list[str]:
    if number == 1 and lines:
        lines = [lines[0].removeprefix(codecs.BOM_UTF8), *lines[1:]]
    try:
        return [f"{line}\n" for line in b"\n".join(lines).decode().split("\n")] if lines else []
    except UnicodeDecodeError as error:
        before = b"\n".join(lines)[: error.start].count(b"\n")
        raise InvalidError(
            f"{path} line {number + before} is not UTF-8: {error.reason}",
            next_step="save the file as UTF-8",
        ) from error
