"""What is derived from versions and never changes, kept for 1,024 of them in one piece.

Versions that nobody read before are read when they are asked for, and what is made of them is kept
where the database can be written.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from gitreg.domain.entries import VersionEntry
from gitreg.index.codec import DamagedError
from gitreg.index.rows import count_versions, read_versions

T = TypeVar("T")

CHUNK = 1024  # versions

_PATIENCE = 1.0  # seconds that a write waits for another: both write the same
_TABLE = (
    "CREATE TABLE IF NOT EXISTS chunks (kind TEXT NOT NULL, chunk INTEGER NOT NULL, "
    "height INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, chunk))"
)
_KNOWN = "SELECT 1 FROM sqlite_master WHERE name = 'chunks'"
_READ = "SELECT chunk, body FROM chunks WHERE kind = ? ORDER BY chunk"
# Whoever knows of fewer versions does not write over what another wrote.
_WRITE = (
    "INSERT INTO chunks VALUES (?, ?, ?, ?) ON CONFLICT (kind, chunk) DO UPDATE "
    "SET height = excluded.height, body = excluded.body WHERE excluded.height > height"
)


class Kind(Protocol[T]):
    """One thing that is derived: `T` is a piece of it, and pieces come in the order of versions."""

    name: str

    def build(self, versions: Iterable[tuple[VersionEntry, dict[str, Any]]], begun: T | None) -> T:
        """Return the piece of the versions; those of `begun` come first."""

    def count(self, piece: T) -> int:
        """Return of how many versions it is."""

    def write(self, piece: T) -> bytes:
        """Return a piece as bytes."""

    def read(self, body: bytes) -> T:
        """Return the piece that bytes are.

        Raises: DamagedError.
        """


def read_chunks(connection: sqlite3.Connection, kind: Kind[T]) -> Iterator[T]:
    """Yield what is kept, and what is not yet, in the order of versions.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    end, done = count_versions(connection), 0
    is_known = connection.execute(_KNOWN).fetchone()
    kept = connection.execute(_READ, (kind.name,)) if is_known else ()
    for expected, (number, body) in enumerate(kept):
        chunk = kind.read(body)
        done = number * CHUNK + kind.count(chunk)
        if number != expected or done > end:
            raise DamagedError(f"{kind.name} of the index are not those of its versions")
        if done % CHUNK == 0 or done == end:
            yield chunk
        else:
            yield from _grow(connection, kind, chunk, done, end)
            return
    yield from _grow(connection, kind, None, done, end)


def _grow(
    connection: sqlite3.Connection, kind: Kind[T], begun: T | None, done: int, end: int
) -> Iterator[T]:
    """Read versions from `done` up to `end`, a chunk at a time; those of `begun` come first."""
    with contextlib.closing(_Keeper(connection)) as keeper:
        while done < end:
            number = done // CHUNK
            stop = min(end, (number + 1) * CHUNK)
            chunk = kind.build(read_versions(connection, done, stop), begun)
            keeper.keep(kind.name, number, kind.count(chunk), kind.write(chunk))
            yield chunk
            begun, done = None, stop


class _Keeper:
    """Writes chunks into the file of a database, for as long as it can be written.

    The connection is its own, so that the reader's stays with the state that it sees.
    """

    def __init__(self, reader: sqlite3.Connection) -> None:
        """Open the file; a database that is none is let be."""
        self._connection: sqlite3.Connection | None = None
        [path] = [
            file for _, name, file in reader.execute("PRAGMA database_list") if name == "main"
        ]
        if path:
            address = f"{Path(path).as_uri()}?mode=rw"
            with contextlib.suppress(sqlite3.Error):
                self._connection = sqlite3.connect(
                    address, uri=True, timeout=_PATIENCE, isolation_level=None
                )
                self._try(_TABLE)

    def keep(self, kind: str, number: int, height: int, body: bytes) -> None:
        """Write a chunk, unless one of more versions is there."""
        self._try(_WRITE, kind, number, height, body)

    def _try(self, sql: str, *values: object) -> None:
        if self._connection:
            try:
                self._connection.execute(sql, values)
            except sqlite3.Error:  # locked, read-only or full: the next process tries again
                self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection:
            self._connection.close()
            self._connection = None
