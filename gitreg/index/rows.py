"""Versions by their rows: how many there are, which of them are flagged, and what each is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from gitreg.domain.canonical import loads
from gitreg.domain.entries import VersionEntry
from gitreg.index.codec import DamagedError, read_document, read_version

Place = tuple[str, str]  # a model, and a version of it

_PLACE = "SELECT model, version FROM versions WHERE row = ?"
_FLAGGED: dict[str, str] = {
    "newest": "SELECT newest FROM models WHERE newest IS NOT NULL",
    "deprecated": "SELECT row FROM versions WHERE deprecated IS NOT NULL",
    "yanked": "SELECT row FROM versions WHERE yanked IS NOT NULL",
}
FLAGS = frozenset(_FLAGGED)
_VERSIONS = (
    "SELECT row, body, data FROM versions JOIN documents USING (row) "
    "WHERE row >= ? AND row < ? ORDER BY row"
)


def count_versions(connection: sqlite3.Connection) -> int:
    """Return how many versions there are."""
    [(last,)] = connection.execute("SELECT max(row) FROM versions")
    return 0 if last is None else int(last) + 1


def read_place(connection: sqlite3.Connection, row: int) -> Place:
    """Return which version a row is."""
    [(model, version)] = connection.execute(_PLACE, (row,))
    return model, version


def read_flagged(connection: sqlite3.Connection, flag: str) -> list[int]:
    """Return the rows of which one of `FLAGS` is true."""
    return [row for (row,) in connection.execute(_FLAGGED[flag])]


def read_versions(
    connection: sqlite3.Connection, start: int, stop: int
) -> Iterator[tuple[VersionEntry, dict[str, Any]]]:
    """Yield the versions of the rows from `start` up to `stop`, each with its `model.json`.

    Raises: DamagedError.
    """
    found = connection.execute(_VERSIONS, (start, stop))
    for expected in range(start, stop):
        row, body, data = found.fetchone() or (None, "", b"")
        if row != expected:
            raise DamagedError("rows of the index are missing")
        entry = read_version(body)
        yield entry, loads(read_document(data, entry.manifest))
