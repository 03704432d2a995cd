"""Distributions of scores and errors: exact while they have few values, then binned.

The bins are fixed beforehand, and what decides is how many distinct values there are, so neither
the order of rows nor the way they are split changes a distribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from gitreg.evaluation.metrics.arrays import Array, Codes, Floats, pack, unpack
from gitreg.value import Value

LIMIT = 1 << 17
_SLICE, _PROBE = 1 << 16, 64


class Bins(Protocol):
    """Cells of the real line, in ascending order. A bin of one value costs nothing."""

    count: int

    def find(self, values: Floats) -> Codes:
        """Return the bin of each value."""

    def edges(self) -> tuple[Floats, Floats]:
        """Return the least value of each bin, and what no value of it is above."""


class ScoreBins:
    """2¹⁷ equal bins between 0 and 1, one each for 0 and 1, and 2¹⁴ on either side, ever wider.

    Halves, quarters and so on are edges, so a threshold of 0.5 parts the bins.
    """

    _LINEAR, _TAIL = 1 << 17, 1 << 14
    count = _LINEAR + 2 * _TAIL + 2

    def find(self, values: Floats) -> Codes:
        """Return the bin of each value."""
        if not len(values) or (values.min() >= 0 and values.max() <= 1):
            return self._find_inside(values)
        outside = np.maximum(np.maximum(values - 1, -values), 0)  # the distance to [0, 1]
        steps = ((1 - 1 / (1 + outside)) * self._TAIL).astype(np.intp)
        steps = np.minimum(steps, self._TAIL - 1)
        above, below = self.count - self._TAIL + steps, self._TAIL - 1 - steps
        inside = self._find_inside(np.clip(values, 0, 1))
        places: Codes = np.where(values > 1, above, np.where(values < 0, below, inside))
        return places

    def _find_inside(self, values: Floats) -> Codes:
        places: Codes = (values * self._LINEAR).astype(np.intp)
        places += self._TAIL + 1
        places -= values == 0
        return places

    def edges(self) -> tuple[Floats, Floats]:
        """Return the least value of each bin, and what no value of it is above."""
        with np.errstate(divide="ignore"):
            away = 1 / (1 - np.arange(self._TAIL + 1) / self._TAIL) - 1
        inner = np.arange(self._LINEAR + 1) / self._LINEAR
        edges = np.concatenate([-away[::-1], inner, 1 + away])
        return edges[:-1], edges[1:]


class ErrorBins:
    """Bins for what is not negative, each wider than the last by the same factor, 1 + 2⁻¹¹.

    They are the leading bits of a double: 128 powers of two around 1, of 2¹¹ bins each; the first
    bin reaches down to 0 and the last up to infinity.
    """

    _BITS, _LOWEST, _POWERS = 11, 1023 - 64, 128
    count = _POWERS << _BITS

    def find(self, values: Floats) -> Codes:
        """Return the bin of each value."""
        bits = np.ascontiguousarray(values + 0.0, dtype=np.float64).view(np.int64)
        leading = (bits >> (52 - self._BITS)) - (self._LOWEST << self._BITS)
        places: Codes = np.clip(leading, 0, self.count - 1).astype(np.intp, copy=False)
        return places

    def edges(self) -> tuple[Floats, Floats]:
        """Return the least value of each bin, and what no value of it is above."""
        leading = np.arange(self.count + 1, dtype=np.int64) + (self._LOWEST << self._BITS)
        edges = (leading << (52 - self._BITS)).view(np.float64).copy()
        edges[0], edges[-1] = 0.0, np.inf
        return edges[:-1], edges[1:]


SCORES: Bins = ScoreBins()
ERRORS: Bins = ErrorBins()


class Cells(NamedTuple):
    """Where there is weight, ascending: from `low` to `high`, (columns, cells) of weights.

    Where `low` is `high`, all weight is at that value.
    """

    low: Floats
    high: Floats
    weights: Floats
    squares: Floats

    @property
    def wide(self) -> Array:
        """Whether a cell may hold more than one value."""
        return self.low < self.high


class ValueCounts(Value, eq=False):
    """Weights, and weights squared, of each value and column: (columns, values).

    `values` are the distinct ones, ascending, or None where they are more than `limit`; then the
    columns have a cell for each bin.
    """

    bins: Bins
    limit: int
    values: Floats | None
    weights: Floats
    squares: Floats

    @classmethod
    def start(cls, bins: Bins, columns: int, limit: int = LIMIT) -> Self:
        """Return the distribution of no rows."""
        none = np.zeros((columns, 0))
        return cls(bins=bins, limit=limit, values=np.zeros(0), weights=none, squares=none)

    def add(self, values: Floats, columns: Codes, weight: Floats | None) -> Self:
        """Return the distribution of these rows too; `columns` says where each row counts.

        Small slices first: data of few values stay exact, and others are sorted up to the limit
        only.
        """
        state, start = self, 0
        while start < len(values) and state.values is not None:
            part = slice(start, start + _SLICE)
            piece = None if weight is None else weight[part]
            state = state.add_exactly(values[part], columns[part], piece)
            start += _SLICE
        if start >= len(values):
            return state
        left = None if weight is None else weight[start:]
        places = self.bins.find(values[start:])
        return state.count(places, columns[start:], left, None)

    def add_exactly(self, values: Floats, columns: Codes, weight: Floats | None) -> Self:
        """Return the distribution of these rows too, binned if that makes too many values."""
        known = self.values
        if known is not None and len(known) and _look_up(known, values[:_PROBE]) is not None:
            found = _look_up(known, values)
            if found is not None:
                return self.count(found, columns, weight, known)
        distinct, places = _find_distinct(values)
        empty = np.zeros((len(self.weights), len(distinct)))
        piece = self._replace(distinct, empty, empty)
        return self.merge(piece.count(places, columns, weight, distinct))

    def count(
        self, places: Codes, columns: Codes, weight: Floats | None, values: Floats | None
    ) -> Self:
        """Return the distribution with rows added whose values' places are known."""
        shape = self.weights.shape
        cells = places + columns * shape[1]
        size = shape[0] * shape[1]
        counts = np.bincount(cells, weight, size).reshape(shape)
        if weight is None:
            squares = counts
        else:
            squares = np.bincount(cells, weight * weight, size).reshape(shape)
        return self._replace(values, self.weights + counts, self.squares + squares)

    def _replace(self, values: Floats | None, weights: Floats, squares: Floats) -> Self:
        return type(self)(
            bins=self.bins, limit=self.limit, values=values, weights=weights, squares=squares
        )

    def merge(self, other: Self) -> Self:
        """Return the distribution of both."""
        if self.values is None or other.values is None:
            one, two = self.bin(), other.bin()
            return self._replace(None, one.weights + two.weights, one.squares + two.squares)
        union, _ = _find_distinct(np.concatenate([self.values, other.values]))
        weights = np.zeros((len(self.weights), len(union)))
        squares = np.zeros_like(weights)
        for values, state in ((self.values, self), (other.values, other)):
            places = np.searchsorted(union, values)
            weights[:, places] += state.weights
            squares[:, places] += state.squares
        merged = self._replace(union, weights, squares)
        return merged if len(union) <= self.limit else merged.bin()

    def bin(self) -> Self:
        """Return the distribution over the bins."""
        if self.values is None:
            return self
        places, count = self.bins.find(self.values), self.bins.count
        weights, squares = (
            np.array([np.bincount(places, column, count) for column in table], dtype=np.float64)
            for table in (self.weights, self.squares)
        )
        return self._replace(None, weights, squares)

    def cells(self) -> Cells:
        """Return the cells that have weight."""
        filled = np.flatnonzero(self.weights.sum(0) > 0)
        weights, squares = self.weights[:, filled], self.squares[:, filled]
        if self.values is not None:
            values = self.values[filled]
            return Cells(values, values, weights, squares)
        low, high = self.bins.edges()
        return Cells(low[filled], high[filled], weights, squares)

    def to_dict(self) -> dict[str, object]:
        """The distribution as JSON has it; of bins, those that have weight."""
        places = np.flatnonzero(self.weights.sum(0) > 0)
        where = places.astype(np.float64) if self.values is None else self.values[places]
        weights = np.concatenate([self.weights[:, places], self.squares[:, places]])
        return {
            "binned": self.values is None,
            "limit": self.limit,
            "where": pack(where),
            "weights": pack(weights),
        }

    @classmethod
    def from_dict(cls, bins: Bins, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        where, (weights, squares) = unpack(data["where"]), np.split(unpack(data["weights"]), 2)
        state = cls(
            bins=bins, limit=int(data["limit"]), values=where, weights=weights, squares=squares
        )
        if not data["binned"]:
            return state
        places, tables = where.astype(np.intp), np.zeros((2, len(weights), bins.count))
        tables[0][:, places], tables[1][:, places] = weights, squares
        return state._replace(None, tables[0], tables[1])


def _look_up(known: Floats, values: Floats) -> Codes | None:
    """Return where values stand among the known ones, or None if one is not known."""
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return places if (known[places] == values).all() else None


def _find_distinct(values: Floats) -> tuple[Floats, Codes]:
    """Return the distinct values, ascending, and where each value stands among them."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.ones(len(values), dtype=bool)
    starts[1:] = ordered[1:] != ordered[:-1]
    places = np.empty(len(values), dtype=np.intp)
    places[order] = np.cumsum(starts) - 1
    return ordered[starts], places
