"""Sparse matrices of doubles: a row a version, a column a feature."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from gitreg.similarity.features import Features

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Matrix:
    """`values[i]` stands in row `rows[i]` and column `columns[i]`, called `names[columns[i]]`.

    Entries lie row by row, the columns of each ascending, names ascending with their columns; so
    equal rows are summed up in the same order. `starts` (height + 1,) are where rows begin.
    `figures` (columns,) are the columns that are to be standardised.
    """

    names: tuple[str, ...]
    rows: Places
    columns: Places
    values: Floats
    starts: Places
    figures: npt.NDArray[np.bool_]

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

    def row(self, place: int) -> tuple[Places, Floats]:
        """Return the columns and the values of one row."""
        inside = slice(self.starts[place], self.starts[place + 1])
        return self.columns[inside], self.values[inside]

    def dense_row(self, place: int) -> Floats:
        """Return one row, (columns,), zeros included."""
        columns, values = self.row(place)
        row = np.zeros(len(self.names))
        row[columns] = values
        return row

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


class MatrixBuilder:
    """A matrix that grows row by row."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._columns, self._values, self._lengths = array("q"), array("d"), array("q")
        self._figures: set[str] = set()

    def add(self, features: Features) -> None:
        """Append a row."""
        row = {**features.marks, **features.figures}
        for name, value in row.items():
            self._columns.append(self._places.setdefault(name, len(self._places)))
            self._values.append(value)
        self._lengths.append(len(row))
        self._figures.update(features.figures)

    def build(self) -> Matrix:
        """Return the matrix, whose columns are in the order of their names."""
        names = sorted(self._places)
        order = np.zeros(len(names), dtype=np.int64)
        order[[self._places[name] for name in names]] = np.arange(len(names))
        lengths = np.array(self._lengths, dtype=np.int64)
        rows = np.repeat(np.arange(len(lengths)), lengths)
        columns = order[np.array(self._columns, dtype=np.int64)]
        ascending = np.lexsort((columns, rows))
        return Matrix(
            names=tuple(names),
            rows=rows,
            columns=columns[ascending],
            values=np.array(self._values, dtype=np.float64)[ascending],
            starts=np.concatenate(([0], np.cumsum(lengths))),
            figures=np.array([name in self._figures for name in names], dtype=bool),
        )
