"""What versions state of themselves, kept as sparse matrices: those of 1,024 versions in one piece.

Only what never changes is kept. Measured figures come from the table of measurements when the
matrices are read, and versions that were yanked are left out then.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import numpy as np

from gitreg.index import matrices
from gitreg.index.codec import DamagedError
from gitreg.index.rows import count_versions, read_versions
from gitreg.similarity.features import Profile
from gitreg.similarity.matrix import Matrix, MatrixBuilder, assemble, overlay, stack
from gitreg.similarity.space import BLOCKS, FIGURES, TEXT, read_blocks

CHUNK = 1024  # versions

_PATIENCE = 1.0  # seconds that a write waits for another: both write the same
_TABLE = (
    "CREATE TABLE IF NOT EXISTS features "
    "(chunk INTEGER PRIMARY KEY, height INTEGER NOT NULL, body BLOB NOT NULL)"
)
_KNOWN = "SELECT 1 FROM sqlite_master WHERE name = 'features'"
_READ = "SELECT chunk, body FROM features ORDER BY chunk"
# Whoever knows of fewer versions does not write over what another wrote.
_WRITE = (
    "INSERT INTO features VALUES (?, ?, ?) ON CONFLICT (chunk) DO UPDATE "
    "SET height = excluded.height, body = excluded.body WHERE excluded.height > height"
)
# The newest report alone counts, whatever else was measured before it.
_MEASURED = (
    "SELECT measured.row, measured.metric, measured.value FROM measured JOIN versions USING (row) "
    "WHERE measured.record = (SELECT max(record) FROM reports "
    "WHERE reports.model = versions.model AND reports.version = versions.version)"
)
_Blocks = Mapping[str, Matrix]


def read_features(connection: sqlite3.Connection) -> dict[str, Matrix]:
    """Return what all versions state, by block, a row each; of metrics the newest figures.

    Versions that nobody read before are read now, and kept where the database can be written.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    chunks = list(_read_chunks(connection))
    found = {block.name: stack([chunk[block.name] for chunk in chunks]) for block in BLOCKS}
    claimed = found[FIGURES.name]
    measured = _read_measured(connection, claimed.height)
    return {**found, FIGURES.name: overlay(claimed, measured)}


def read_texts(connection: sqlite3.Connection) -> Matrix:
    """Return how often each version says each word, a row each.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    return stack(
        [chunk[TEXT.name] for chunk in _read_chunks(connection)] or [MatrixBuilder().build()]
    )


def read_measured(
    connection: sqlite3.Connection, metric: str | None = None
) -> list[tuple[int, str, Decimal]]:
    """Return the figures of each version's newest report: its row, the metric and the value."""
    which, values = ("", ()) if metric is None else (" AND measured.metric = ?", (metric,))
    found = connection.execute(_MEASURED + which, values)
    return [(row, name, Decimal(text)) for row, name, text in found]


def _read_chunks(connection: sqlite3.Connection) -> Iterator[_Blocks]:
    """Yield what is kept, and what is not yet, in the order of versions."""
    end, done = count_versions(connection), 0
    kept = connection.execute(_READ) if connection.execute(_KNOWN).fetchone() else ()
    for expected, (number, body) in enumerate(kept):
        chunk = matrices.read(body)
        done = number * CHUNK + _height(chunk)
        if number != expected or done > end:
            raise DamagedError("features of the index are not those of its versions")
        if done % CHUNK == 0 or done == end:
            yield chunk
        else:
            yield from _grow(connection, chunk, done, end)
            return
    yield from _grow(connection, None, done, end)


def _grow(
    connection: sqlite3.Connection, begun: _Blocks | None, done: int, end: int
) -> Iterator[_Blocks]:
    """Read versions from `done` up to `end`, a chunk at a time; those of `begun` come first."""
    with contextlib.closing(_Keeper(connection)) as keeper:
        while done < end:
            number = done // CHUNK
            stop = min(end, (number + 1) * CHUNK)
            found = read_versions(connection, done, stop)
            claims = (Profile(metadata=said, metrics=entry.metrics) for entry, said in found)
            chunk: _Blocks = read_blocks(claims)
            if begun:
                chunk = {name: stack([begun[name], chunk[name]]) for name in chunk}
            keeper.keep(number, _height(chunk), matrices.write(chunk))
            yield chunk
            begun, done = None, stop


def _height(chunk: _Blocks) -> int:
    return chunk[FIGURES.name].height


def _read_measured(connection: sqlite3.Connection, height: int) -> Matrix:
    found = read_measured(connection)
    names = sorted({metric for _, metric, _ in found})
    places = {name: number for number, name in enumerate(names)}
    return assemble(
        names=names,
        figures=np.ones(len(names), np.bool_),
        rows=np.array([row for row, _, _ in found], np.int32),
        columns=np.array([places[metric] for _, metric, _ in found], np.int32),
        values=np.array([float(value) for _, _, value in found], np.float64),
        height=height,
    )


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

    def keep(self, number: int, height: int, body: bytes) -> None:
        """Write a chunk, unless one of more versions is there."""
        self._try(_WRITE, number, height, body)

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
