"""A field's values over all versions, and which of them fit a comparison.

What a value is, how two compare and what a pattern fits is said in `domain/query/literals.py`
alone: its tests are put to distinct values here. Where values have an order, a test holds from one
place in it on, or up to one, so that few are asked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gitreg.domain.query.fields import Kind
from gitreg.domain.query.literals import Comparable, make_test, sort_key, text_of
from gitreg.domain.query.tree import Operator
from gitreg.domain.version import Version
from gitreg.index.columns import Rows, Scalar
from gitreg.value import Value

Mask = npt.NDArray[np.bool_]

_EXACT = 2**53  # the integers up to it are doubles
_FEW = 32  # distinct values, that are asked one by one
_NUMBERS = {Kind.NUMBER, Kind.BYTES, Kind.TIME}


def value_of(kind: Kind, scalar: Scalar) -> Comparable:
    """Return the value that a column has as `scalar`."""
    if isinstance(scalar, float):
        return Decimal(repr(scalar))
    if isinstance(scalar, bool):
        return scalar
    if isinstance(scalar, int):
        return scalar if kind is Kind.TIME else Decimal(scalar)
    if kind is Kind.VERSION and isinstance(scalar, str):
        return Version.parse(scalar)
    return scalar


class Column(Value, eq=False):
    """`rows[i]` has the value `values[i]`; a row that has several stands there several times."""

    __slots__ = ("__dict__",)

    kind: Kind
    rows: Rows
    values: Sequence[Scalar]

    def at(self, row: int) -> tuple[Comparable, ...]:
        """Return what a row has, in its own order."""
        first, last = self.rows.searchsorted((row, row + 1))
        return tuple(value_of(self.kind, item) for item in self.values[first:last])

    def find(self, sign: Operator, value: str, *, regex: bool = False) -> Rows:
        """Return the rows of which any value fits; `!=` and `!~` are as `=` and `~`."""
        is_part = sign in {"~", "!~"} and not regex and not set("*?") & set(value)
        kind = None if sign in {"~", "!~"} or len(self.distinct) <= _FEW else self._one_kind
        if is_part:
            part = value.casefold()
            return self._select([part in text for text in self._folded])
        if kind is None:
            test = make_test(self.kind, sign, value, regex=regex)
            return self._select([test(value_of(self.kind, item)) for item in self.distinct])
        first, stop = self._range(kind, sign, value)
        places = self.places[self._codes]
        return self.rows[(places >= first) & (places < stop)]

    def _select(self, fits: Sequence[bool]) -> Rows:
        """Return the rows of which any distinct value fits."""
        return self.rows[np.array(fits, np.bool_)[self._codes]]

    @cached_property
    def _folded(self) -> list[str]:
        """The distinct values as parts of texts are looked for in them, as `make_test` does it."""
        return [text_of(value_of(self.kind, item)).casefold() for item in self.distinct]

    def order(self, size: int, *, descending: bool) -> Rows:
        """Return by what to order `size` rows: by the best of their values; those without last."""
        own = self.places[self._codes]
        order = np.full(size, len(self.distinct) + 1, np.int64)
        np.minimum.at(order, self.rows, -own if descending else own)
        return order

    @cached_property
    def _coded(self) -> tuple[list[Scalar], Rows, bool]:
        """The distinct values, which of them each row has, and whether they are ascending."""
        values, types = self.values, set(map(type, self.values))
        if types <= {float, int} and (len(types) == 1 or self.kind in _NUMBERS):
            whole = types == {int}
            if all(-_EXACT <= item <= _EXACT for item in values if type(item) is int):
                numbers = np.array(values, np.int64 if whole else np.float64)
                found, codes = np.unique(numbers, return_inverse=True)
                return found.tolist(), codes, True
        keys: Sequence[Any] = values if len(types) < 2 else [(type(item), item) for item in values]
        numbered = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        codes = np.fromiter(map(numbered.__getitem__, keys), np.int64, len(values))
        distinct = list(numbered) if len(types) < 2 else [key[1] for key in numbered]
        return distinct, codes, False

    @property
    def distinct(self) -> list[Scalar]:
        """The values that there are, each once; of numbers those that are equal are one."""
        return self._coded[0]

    @property
    def _codes(self) -> Rows:
        return self._coded[1]

    @cached_property
    def _ranking(self) -> tuple[list[Scalar], Rows]:
        """One value for each place in their order, and the place of each distinct value."""
        distinct, _, is_ascending = self._coded
        if is_ascending:
            return distinct, np.arange(len(distinct))
        keys = [sort_key(self.kind, value_of(self.kind, item)) for item in distinct]
        places = np.empty(len(keys), np.int64)
        leaders: list[Scalar] = []
        last: Any = None
        for number in sorted(range(len(keys)), key=keys.__getitem__):
            if not leaders or keys[number] != last:
                leaders.append(distinct[number])
                last = keys[number]
            places[number] = len(leaders) - 1
        return leaders, places

    @property
    def places(self) -> Rows:
        """The place of each distinct value in their order; what is the same has the same place."""
        return self._ranking[1]

    @cached_property
    def _one_kind(self) -> Kind | None:
        """The kind of all values where they are of one that has an order."""
        if self.kind is not Kind.ANY:
            return None if self.kind is Kind.FLAG else self.kind
        types = set(map(type, self.distinct))
        if types <= {str}:
            return Kind.TEXT
        return None if types & {str, bool} else Kind.NUMBER

    def _range(self, kind: Kind, sign: Operator, value: str) -> tuple[int, int]:
        """Return the places that fit: from the first one to before the second."""
        count = len(self._ranking[0])
        if sign in {">", ">="}:
            return self._first(self.kind, sign, value, holds=True), count
        if sign in {"<", "<="}:
            return 0, self._first(self.kind, sign, value, holds=False)
        try:
            return (
                self._first(kind, ">=", value, holds=True),
                self._first(kind, ">", value, holds=True),
            )
        except ValueError:  # no number is what is none
            return 0, 0

    def _first(
        self, kind: Kind, sign: Literal[">", ">=", "<", "<="], value: str, *, holds: bool
    ) -> int:
        """Return the first place from which on the comparison holds, or does not."""
        leaders = self._ranking[0]
        test = make_test(kind, sign, value)
        asked: Callable[[Scalar], bool] = lambda item: test(value_of(self.kind, item)) is holds  # noqa: E731
        return bisect_left(leaders, True, key=asked)
