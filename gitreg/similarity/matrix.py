"""Sparse matrices of doubles: a row a version, a column a feature."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Self

import numpy as np
import numpy.typing as npt

from gitreg.similarity.features import Features
from gitreg.value import Value, replace

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]  # of rows and columns: half of what would else be most of memory
Flags = npt.NDArray[np.bool_]


class Matrix(Value, eq=False):
    """`values[i]` stands in row `rows[i]` and column `columns[i]`, called `names[columns[i]]`.

    Entries lie row by row, the columns of each ascending, names ascending with their columns; so
    equal rows are summed up in the same order. `starts` (height + 1,) are where rows begin.
    `figures` (columns,) are the columns that are to be standardised; one comes after another
    column of the same name.
    """

    names: tuple[str, ...]
    rows: Numbers
    columns: Numbers
    values: Floats
    starts: Places
    figures: Flags

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.starts) - 1

    def with_values(self, values: Floats) -> Self:
        """Return the same entries with other values."""
        return replace(self, values=values)

    def count_by_column(self) -> Places:
        """Return how many entries each column has."""
        return np.bincount(self.columns, minlength=len(self.names))

    def sum_by_row(self, entries: Floats) -> Floats:
        """Return the sum of `entries` (entries,) for each row."""
        return np.bincount(self.rows, entries, self.height).astype(np.float64)

    def sum_by_column(self, entries: Floats) -> Floats:
        """Return the sum of `entries` (entries,) for each column."""
        return np.bincount(self.columns, entries, len(self.names)).astype(np.float64)

    def row(self, place: int) -> tuple[Numbers, Floats]:
        """Return the columns and the values of one row."""
        inside = slice(self.starts[place], self.starts[place + 1])
        return self.columns[inside], self.values[inside]

    def is_stated(self, place: int) -> bool:
        """Whether one row has any entry."""
        return bool(self.starts[place] < self.starts[place + 1])

    def dense_row(self, place: int) -> Floats:
        """Return one row, (columns,), zeros included."""
        columns, values = self.row(place)
        row = np.zeros(len(self.names))
        row[columns] = values
        return row

    def find_shares(self, place: int, row: Floats) -> tuple[Sequence[str], Floats]:
        """Return what the columns of one row add to its product with `row`, by name."""
        columns, values = self.row(place)
        return [self.names[column] for column in columns], values * row[columns]

    def square_lengths(self) -> Floats:
        """Return the square of each row's length."""
        return self.sum_by_row(self.values**2)

    def multiply(self, row: Floats) -> Floats:
        """Return the inner product of each row with `row` (columns,)."""
        return self.sum_by_row(self.values * row[self.columns])

    def square_distances(self, row: Floats) -> Floats:
        """Return the square of each row's distance from `row` (columns,): exactly 0 for equal ones.

        Only what is stored is gone through: |x - y|^2 is the sum of (x - y)^2 where x is stored,
        and what is left of |y|^2 where it is not.
        """
        here = row[self.columns]
        stored = self.sum_by_row((self.values - here) ** 2)
        left = np.maximum((row**2).sum() - self.sum_by_row(here**2), 0.0)
        is_whole = self.sum_by_row((here != 0).astype(np.float64)) == np.count_nonzero(row)
        return stored + np.where(is_whole, 0.0, left)

    def keep_rows(self, kept: Flags) -> Matrix:
        """Return the rows where `kept` (height,) holds."""
        if kept.all():
            return self
        inside = kept[self.rows]
        return assemble(
            names=self.names,
            figures=self.figures,
            rows=(np.cumsum(kept, dtype=np.int32) - np.int32(1))[self.rows[inside]],
            columns=self.columns[inside],
            values=self.values[inside],
            height=int(np.count_nonzero(kept)),
        )


def assemble(
    *,
    names: Sequence[str],
    figures: Flags,
    rows: Numbers,
    columns: Numbers,
    values: Floats,
    height: int,
) -> Matrix:
    """Return the matrix of entries, which may come in any order; of one place the last counts.

    `names` and `figures` have the order of columns. Those without entries are left out.
    """
    keys = rows.astype(np.int64) * len(names) + columns
    if (keys[1:] <= keys[:-1]).any():
        chosen = np.argsort(keys, kind="stable")
        chosen = chosen[np.append(keys[chosen][1:] != keys[chosen][:-1], True)]
        rows, columns, values = rows[chosen], columns[chosen], values[chosen]
    used = np.bincount(columns, minlength=len(names)) > 0
    if not used.all():
        columns = (np.cumsum(used, dtype=np.int32) - np.int32(1))[columns]
        names = [names[number] for number in np.flatnonzero(used).tolist()]
    lengths = np.bincount(rows, minlength=height)
    return Matrix(
        names=tuple(names),
        rows=rows,
        columns=columns,
        values=values,
        starts=np.concatenate(([0], np.cumsum(lengths))),
        figures=figures[used],
    )


def stack(matrices: Sequence[Matrix]) -> Matrix:
    """Return the rows of all matrices, one after the other; there is one matrix at least."""
    offsets = np.cumsum([0, *(matrix.height for matrix in matrices)])
    rows = [
        matrix.rows + np.int32(offset) for matrix, offset in zip(matrices, offsets, strict=False)
    ]
    return _join(matrices, rows, int(offsets[-1]))


def overlay(under: Matrix, over: Matrix) -> Matrix:
    """Return what either matrix states of each row, and `over` where both do.

    What is no finite number in `over` is stated by neither.
    """
    both = _join([under, over], [under.rows, over.rows], under.height)
    finite = np.isfinite(both.values)
    if finite.all():
        return both
    return assemble(
        names=both.names,
        figures=both.figures,
        rows=both.rows[finite],
        columns=both.columns[finite],
        values=both.values[finite],
        height=both.height,
    )


def _join(matrices: Sequence[Matrix], rows: Sequence[Numbers], height: int) -> Matrix:
    keys = [list(zip(m.names, m.figures.tolist(), strict=True)) for m in matrices]
    known = sorted(set().union(*keys))
    places = {key: number for number, key in enumerate(known)}
    columns = [
        np.array([places[key] for key in own], np.int32)[matrix.columns]
        for own, matrix in zip(keys, matrices, strict=True)
    ]
    return assemble(
        names=[name for name, _ in known],
        figures=np.array([is_figure for _, is_figure in known], np.bool_),
        rows=np.concatenate(rows),
        columns=np.concatenate(columns),
        values=np.concatenate([matrix.values for matrix in matrices]),
        height=height,
    )


class MatrixBuilder:
    """A matrix that grows row by row."""

    def __init__(self) -> None:
        number = count().__next__
        self._marks: dict[str, int] = defaultdict(number)
        self._figures: dict[str, int] = defaultdict(number)
        self._columns, self._values, self._lengths = array("i"), array("d"), array("i")

    def add(self, features: Features) -> None:
        """Append a row."""
        for places, stated in (
            (self._marks, features.marks),
            (self._figures, features.figures),
        ):
            self._columns.extend(map(places.__getitem__, stated))
            self._values.extend(stated.values())
        self._lengths.append(len(features.marks) + len(features.figures))

    def build(self) -> Matrix:
        """Return the matrix, whose columns are in the order of their names."""
        marks = [(name, False, place) for name, place in self._marks.items()]
        figures = [(name, True, place) for name, place in self._figures.items()]
        known = sorted(marks + figures)
        order = np.zeros(len(known), np.int32)
        order[[place for _, _, place in known]] = np.arange(len(known), dtype=np.int32)
        lengths = np.array(self._lengths, np.int32)
        return assemble(
            names=[name for name, _, _ in known],
            figures=np.array([is_figure for _, is_figure, _ in known], np.bool_),
            rows=np.repeat(np.arange(len(lengths), dtype=np.int32), lengths),
            columns=order[np.array(self._columns, np.int32)],
            values=np.array(self._values, np.float64),
            height=len(lengths),
        )
