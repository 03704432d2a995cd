"""JSON lines: one object a line, whose keys are the columns; null is a missing value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gitreg.errors import InvalidError
from gitreg.evaluation.data.columns import (
    MAX_CHUNK,
    Columns,
    choose_columns,
    make_texts,
    read_lines,
)

NAME = "jsonlines"
SUFFIXES = (".jsonl", ".ndjson")


class Record(NamedTuple):
    """A row: its line, about how many bytes it takes, and its values."""

    line: int
    size: int
    value: dict[str, Any]


def read(path: Path, wanted: Sequence[str] | None, rows: int) -> Iterator[Columns]:
    """Yield the wanted columns, or those of the first line, in chunks of at most `rows`.

    Raises: InvalidError with the line.
    """
    records = _read_records(path)
    names: list[str] | None = None
    while chunk := _take_chunk(records, rows):
        if names is None:
            names = choose_columns(path, list(chunk[0].value), wanted)
        for record in chunk:
            lacking = [name for name in names if name not in record.value]
            if lacking:
                raise InvalidError(
                    f"{path} line {record.line} has no {lacking[0]!r}",
                    next_step="give every line the same keys; null is a missing value",
                )
        yield {name: _make_array(path, name, chunk) for name in names}


def _take_chunk(records: Iterator[Record], rows: int) -> list[Record]:
    """Return at most `rows` records, fewer where they are large."""
    chunk: list[Record] = []
    size = 0
    while len(chunk) < rows and size < MAX_CHUNK:
        record = next(records, None)
        if record is None:
            break
        chunk.append(record)
        size += record.size
    return chunk


def _read_records(path: Path) -> Iterator[Record]:
    for number, text in enumerate(chain.from_iterable(read_lines(path)), 1):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidError(
                f"{path} line {number} is not JSON: {error}", next_step="write one object a line"
            ) from error
        if not isinstance(record, dict):
            raise InvalidError(
                f"{path} line {number} is not an object", next_step="write one object a line"
            )
        yield Record(number, len(text), record)


def _make_array(path: Path, name: str, chunk: Sequence[Record]) -> npt.NDArray[np.generic]:
    values = [record.value[name] for record in chunk]
    first = _measure(values[0])
    for record, value in zip(chunk, values, strict=True):
        if _measure(value) != first or isinstance(value, dict):
            raise InvalidError(
                f"{path} line {record.line}: {name} is not shaped as in line {chunk[0].line}",
                next_step="write one value, or lists of one length",
            )
    plain = {type(value) for value in values} <= {bool, int, float}
    numeric = plain or first is not None
    try:
        return np.array(values) if numeric else _make_texts(values)
    except (ValueError, OverflowError) as error:
        raise InvalidError(
            f"{path} line {chunk[0].line} and after: {name} is not a table of numbers: {error}",
            next_step="write one value, or lists of one length",
        ) from error


def _measure(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def _make_texts(values: list[Any]) -> npt.NDArray[np.generic]:
    """Return text as text; what mixes types stays as it is, for the measurement to name the row."""
    if all(isinstance(value, str) for value in values):
        return make_texts(values)
    return np.array(values, dtype=object)
