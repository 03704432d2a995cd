"""The versions of one registry or several, numbered through, with columns read when asked for."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

import numpy as np

from gitreg.domain.query.fields import Field, field_of
from gitreg.domain.query.words import mark_words
from gitreg.index.columns import (
    LENGTH,
    TEXTS,
    Rows,
    Scalar,
    plain_of,
    read_column,
    read_fields,
    read_word,
)
from gitreg.index.rows import FLAGS, count_versions, read_flagged
from gitreg.index.values import Column, Mask

K = TypeVar("K")
T = TypeVar("T")
Source = tuple[str, sqlite3.Connection]
_Read = tuple[Rows, list[Scalar]]

_MOST = 256  # columns that are kept in memory
_STAGES = {
    "stage": "SELECT row, stage FROM holders ORDER BY row, stage",
    "held": "SELECT row, stage FROM entered ORDER BY row, stage",
}
_MEASURED = "SELECT row, value FROM measured WHERE metric = ? ORDER BY row"
_METRICS = "SELECT min(metric) FROM measured WHERE metric > ?"


class Corpus:
    """The versions of `sources`, each a name and a database that is up to date.

    The rows of each source come after those of the one before.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        """Take the databases as they are now."""
        self.sources = sources
        sizes = [count_versions(connection) for _, connection in sources]
        self.starts = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
        self.size = self.starts[-1]
        self._columns: dict[str, Column] = {}
        self._words: dict[tuple[str, bool], tuple[Rows, Rows]] = {}

    def column(self, field: Field) -> Column:
        """Return what versions have in a field; in their lineage, that is their parents."""
        name = "parent" if field.name == "lineage" else field.name

        def read() -> Column:
            rows, values = self._join(lambda number: self._read(number, name))
            return Column(kind=field.kind, rows=rows, values=values)

        return _remember(self._columns, name, read)

    def values(self, field: str) -> Column:
        """Return the column of a field that is called so."""
        return self.column(field_of(field))

    def count_word(self, word: str, *, prefix: bool) -> tuple[Rows, Rows]:
        """Return the rows that have the word, ascending, and how often each of them does.

        With `prefix`, any word counts that begins so.
        """

        def read() -> tuple[Rows, Rows]:
            found = [
                read_word(connection, word, prefix=prefix) + start
                for start, (_, connection) in zip(self.starts, self.sources, strict=False)
            ]
            places = np.concatenate([np.empty(0, np.int64), *found])
            counts = np.bincount(places, minlength=self.size)
            rows = np.flatnonzero(counts)
            return rows, counts[rows]

        return _remember(self._words, (word, prefix), read)

    @cached_property
    def lengths(self) -> Rows:
        """How many words the texts of each row have."""
        return np.array(self._join(lambda number: self._read(number, LENGTH))[1], np.int64)

    @cached_property
    def texts(self) -> Sequence[str]:
        """The words of each row in their order, with marks, to look for phrases in."""
        _, written = self._join(lambda number: self._read(number, TEXTS))
        return [mark_words(str(text)) for text in written]

    @cached_property
    def is_yanked(self) -> Mask:
        """Which rows were yanked."""
        mask = np.zeros(self.size, np.bool_)
        for start, (_, connection) in zip(self.starts, self.sources, strict=False):
            mask[[start + row for row in read_flagged(connection, "yanked")]] = True
        return mask

    @cached_property
    def places(self) -> Rows:
        """The place of each row where all are ordered: by name, highest version, registry."""
        names, versions = self.values("name"), self.values("version")
        sources = np.repeat(np.arange(len(self.sources)), np.diff(self.starts))
        ranks = np.argsort(np.argsort([name for name, _ in self.sources], kind="stable"))
        keys = (
            ranks[sources] if self.size else sources,
            versions.order(self.size, descending=True),
            _exact_order(names),
        )
        places = np.empty(self.size, np.int64)
        places[np.lexsort(keys)] = np.arange(self.size)
        return places

    def source_of(self, row: int) -> int:
        """Return the number of the source that has the row."""
        return int(np.searchsorted(self.starts, row, "right")) - 1

    def reference(self, row: int) -> str:
        """Return a row as `iris@1.2.0`."""
        return f"{self.values('name').values[row]}@{self.values('version').values[row]}"

    def fields(self, family: str) -> set[str]:
        """Return the fields of a family that any version has."""
        found: set[str] = set()
        for _, connection in self.sources:
            if family != "measured":
                stored = "claimed" if family == "metrics" else family
                names = read_fields(connection, stored)
                found |= {f"{family}.{name.removeprefix(f'{stored}.')}" for name in names}
            if family in {"measured", "metrics"}:
                found |= {f"{family}.{metric}" for metric in _measured_metrics(connection)}
        return found

    @cached_property
    def children(self) -> Mapping[tuple[int, str], Sequence[int]]:
        """The rows that name each parent, by their source and its reference or address."""
        found: dict[tuple[int, str], list[int]] = defaultdict(list)
        parents = self.values("parent")
        for row, parent in zip(parents.rows.tolist(), parents.values, strict=True):
            found[self.source_of(row), str(parent)].append(row)
        return found

    def descend(self, rows: Rows, among: Mask) -> Rows:
        """Return `rows`, those of which they are parents, and so on.

        Rows that are not `among` those looked at are nobody's parent or child.
        """
        waiting = rows[among[rows]].tolist()
        found = set(waiting)
        while waiting:
            row = waiting.pop()
            for child in self.children.get((self.source_of(row), self.reference(row)), ()):
                if child not in found and among[child]:
                    found.add(child)
                    waiting.append(child)
        return np.array(sorted(found), np.int64)

    def _join(self, read: Callable[[int], _Read]) -> _Read:
        """Return what `read` gives of the number of each source, numbered through."""
        rows: list[Rows] = [np.empty(0, np.int64)]
        values: list[Scalar] = []
        for number, start in enumerate(self.starts[:-1]):
            own, found = read(number)
            rows.append(own + start)
            values += found
        return np.concatenate(rows), values

    def _read(self, number: int, name: str) -> _Read:
        called, connection = self.sources[number]
        size = self.starts[number + 1] - self.starts[number]
        family, _, member = name.partition(".")
        if name == "registry":
            return np.arange(size if called else 0), [called] * (size if called else 0)
        if name in _STAGES:
            return _split(connection.execute(_STAGES[name]))
        if name in FLAGS:
            flags: list[Scalar] = [False] * size
            for row in read_flagged(connection, name):
                flags[row] = True
            return np.arange(size), flags
        if family == "measured":
            return _read_measured(connection, member)
        if family == "metrics":
            rows, values = read_column(connection, f"claimed.{member}")
            return _overlay((rows, values), _read_measured(connection, member))
        return read_column(connection, name)


def _remember(known: dict[K, T], key: K, read: Callable[[], T]) -> T:
    if key not in known:
        if len(known) >= _MOST:
            known.pop(next(iter(known)))
        known[key] = read()
    return known[key]


def _split(found: Iterator[tuple[int, Scalar]]) -> _Read:
    pairs = list(found)
    return np.array([row for row, _ in pairs], np.int64), [value for _, value in pairs]


def _read_measured(connection: sqlite3.Connection, metric: str) -> _Read:
    found = connection.execute(_MEASURED, (metric,))
    return _split((row, _number(Decimal(text))) for row, text in found)


def _number(figure: Decimal) -> Scalar:
    plain = plain_of(figure)
    return plain if isinstance(plain, int | float) else figure


def _overlay(claimed: _Read, measured: _Read) -> _Read:
    """Return the measured figures, and those claimed of rows that have none measured."""
    if not len(measured[0]):
        return claimed
    both = dict(zip(claimed[0].tolist(), claimed[1], strict=True))
    both |= zip(measured[0].tolist(), measured[1], strict=True)
    return _split(iter(sorted(both.items())))


def _measured_metrics(connection: sqlite3.Connection) -> Iterator[str]:
    (metric,) = connection.execute(_METRICS, ("",)).fetchone()
    while metric is not None:
        yield metric
        (metric,) = connection.execute(_METRICS, (metric,)).fetchone()


def _exact_order(names: Column) -> Rows:
    """Return the order of names, of which each row has one, with regard to case."""
    ordered = {name: number for number, name in enumerate(sorted(set(map(str, names.values))))}
    return np.fromiter((ordered[str(name)] for name in names.values), np.int64, len(names.values))
