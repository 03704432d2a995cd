"""CSV and TSV: the first line names the columns.

A column is of numbers or text as its first chunk is; an empty number is NaN. Whole numbers with
leading zeros make it text, since they name things.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

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

NAME = "csv"
SUFFIXES = (".csv", ".tsv")

_STEP = 256  # records between two looks at how large the chunk is

Record = list[str]


def read(path: Path, wanted: Sequence[str] | None, rows: int) -> Iterator[Columns]:
    """Yield the wanted columns, or all, in chunks of at most `rows`.

    Raises: InvalidError with the line.
    """
    records = _read_records(path)
    header = next(records, [])
    names = choose_columns(path, header, wanted)
    numeric: dict[str, bool] = {}
    first = 1
    while chunk := _take_chunk(records, rows):
        if set(map(len, chunk)) != {len(header)}:
            row = next(row for row, record in enumerate(chunk) if len(record) != len(header))
            raise InvalidError(
                f"{path} line {_find_line(path, first + row)} has {len(chunk[row])} values, "
                f"the header {len(header)}",
                next_step="quote values that hold the separator",
            )
        table = dict(zip(header, zip(*chunk, strict=True), strict=True))
        if not numeric:
            numeric = {name: _are_numbers(table[name]) for name in names}
        yield {name: _convert(path, name, table[name], first, numeric[name]) for name in names}
        first += len(chunk)


def _convert(
    path: Path,
    name: str,
    texts: Sequence[str],
    first: int,
    numeric: bool,  # noqa: FBT001
) -> npt.NDArray[np.generic]:
    if not numeric:
        return make_texts(texts)
    try:
        return _make_numbers(texts)
    except ValueError as error:
        row = next(row for row, text in enumerate(texts) if not _is_number(text))
        raise InvalidError(
            f"{path} line {_find_line(path, first + row)}: {name} is {texts[row]!r}, "
            "and a number in earlier rows",
            next_step="write numbers throughout; an empty value is a missing one",
        ) from error


def _take_chunk(records: Iterator[Record], rows: int) -> list[Record]:
    """Return at most `rows` records, fewer where they are large."""
    chunk: list[Record] = []
    size = 0
    while len(chunk) < rows and size < MAX_CHUNK:
        step = list(islice(records, min(_STEP, rows - len(chunk))))
        if not step:
            break
        chunk += step
        size += sum(map(len, chain.from_iterable(step)))
    return chunk


def _read_records(path: Path) -> Iterator[Record]:
    """Yield each record that is not empty."""
    reader = _open(path)
    try:
        yield from filter(None, reader)
    except csv.Error as error:
        raise InvalidError(
            f"{path} line {reader.line_num} is not CSV: {error}",
            next_step="close its quotes, and double those inside quotes",
        ) from error


def _open(path: Path) -> Any:
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    return csv.reader(chain.from_iterable(read_lines(path)), delimiter=separator, strict=True)


def _find_line(path: Path, number: int) -> int:
    """Return the line that the n-th record ends in: looked for only where something is wrong."""
    reader = _open(path)
    next(islice(filter(None, reader), number, None), None)
    return int(reader.line_num)


def _are_numbers(texts: Sequence[str]) -> bool:
    if not any(texts) or any(map(_is_name, texts)):
        return False
    return all(map(_is_number, texts))


def _is_name(text: str) -> bool:
    """Whether it only looks like a number to Python: 007, 1_000."""
    digits = text.lstrip("+-")
    return "_" in text or (digits[:1] == "0" and len(digits) > 1 and digits.isdigit())


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def _make_numbers(texts: Sequence[str]) -> npt.NDArray[np.generic]:
    try:
        return np.fromiter(map(int, texts), np.int64, len(texts))
    except (OverflowError, ValueError):
        numbers = (float(text or "nan") for text in texts)
        return np.fromiter(numbers, np.float64, len(texts))
