"""CSV and TSV: the first line names the columns.

A column is of whole numbers, numbers or text as its first chunk is; an empty number is NaN. Whole
numbers written with leading zeros are text, since they name things.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gitreg.errors import InvalidError
from gitreg.evaluation.data.columns import (
    Columns,
    Record,
    choose_columns,
    cut,
    make_texts,
    read_lines,
)

NAME = "csv"
SUFFIXES = (".csv", ".tsv")

Texts = npt.NDArray[Any]


def read(path: Path, wanted: Sequence[str] | None, rows: int) -> Iterator[Columns]:
    """Yield the wanted columns, or all, in chunks of at most `rows`.

    Raises: InvalidError with the line.
    """
    records = _read_records(path)
    header = next(records, Record(1, 0, [])).value
    names = choose_columns(path, header, wanted)
    places = [header.index(name) for name in names]
    kinds: dict[str, type | None] = {}
    for chunk in cut(records, rows):
        for record in chunk:
            if len(record.value) != len(header):
                raise InvalidError(
                    f"{path} line {record.line} has {len(record.value)} values, "
                    f"the header {len(header)}",
                    next_step="quote values that hold the separator",
                )
        columns = {}
        for name, place in zip(names, places, strict=True):
            texts = make_texts([record.value[place] for record in chunk])
            kind = kinds.setdefault(name, _find_kind(texts))
            columns[name] = _convert(path, name, kind, texts, chunk)
        yield columns


def _read_records(path: Path) -> Iterator[Record]:
    """Yield each record that is not empty."""
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    reader = csv.reader((text for _, text in read_lines(path)), delimiter=separator, strict=True)
    try:
        for values in reader:
            if values:
                yield Record(reader.line_num, sum(map(len, values)), values)
    except csv.Error as error:
        raise InvalidError(
            f"{path} line {reader.line_num} is not CSV: {error}",
            next_step="close its quotes, and double those inside quotes",
        ) from error


def _find_kind(texts: Texts) -> type | None:
    """Return int, float, or None for text."""
    if texts.dtype.kind == "O":
        return None
    stripped = np.char.lstrip(texts, "+-")
    named = np.char.startswith(stripped, "0") & np.char.isdigit(stripped)
    if (named & (np.char.str_len(stripped) > 1)).any() or (texts == "").all():
        return None
    for kind in (int, float):
        try:
            (texts if kind is int else np.where(texts == "", "nan", texts)).astype(kind)
        except (ValueError, OverflowError):
            continue
        return kind
    return None


def _convert(
    path: Path, name: str, kind: type | None, texts: Texts, chunk: Sequence[Record]
) -> npt.NDArray[np.generic]:
    if kind is None:
        return texts
    if kind is int:
        try:
            return texts.astype(np.int64)
        except (ValueError, OverflowError):
            kind = float  # numbers all the same
    filled = np.where(texts == "", "nan", texts)
    try:
        return filled.astype(np.float64)
    except ValueError as error:
        texts_by_line = zip(chunk, filled.tolist(), strict=True)
        line, text = next((rec.line, text) for rec, text in texts_by_line if not _is_number(text))
        raise InvalidError(
            f"{path} line {line}: {name} is {text!r}, and a number in earlier rows",
            next_step="write numbers throughout; an empty value is a missing one",
        ) from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
