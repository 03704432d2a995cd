"""What versions state of themselves, kept as sparse matrices.

Only what never changes is kept. Measured figures come from the table of measurements when the
matrices are read, and versions that were yanked are left out then.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from gitreg.domain.entries import VersionEntry
from gitreg.index import matrices
from gitreg.index.chunks import read_chunks
from gitreg.similarity.features import Profile
from gitreg.similarity.matrix import Matrix, MatrixBuilder, assemble, overlay, stack
from gitreg.similarity.space import BLOCKS, FIGURES, TEXT, read_blocks

# The newest report alone counts, whatever else was measured before it.
_MEASURED = (
    "SELECT measured.row, measured.metric, measured.value FROM measured JOIN versions USING (row) "
    "WHERE measured.record = (SELECT max(record) FROM reports "
    "WHERE reports.model = versions.model AND reports.version = versions.version)"
)
_Blocks = Mapping[str, Matrix]


class _Kind:
    """Matrices by block, as `chunks.Kind`."""

    name = "features"

    def build(
        self, versions: Iterable[tuple[VersionEntry, dict[str, Any]]], begun: _Blocks | None
    ) -> _Blocks:
        claims = (Profile(metadata=said, metrics=entry.metrics) for entry, said in versions)
        found = read_blocks(claims)
        return {name: stack([begun[name], found[name]]) for name in found} if begun else found

    def count(self, piece: _Blocks) -> int:
        return piece[FIGURES.name].height

    def write(self, piece: _Blocks) -> bytes:
        return matrices.write(piece)

    def read(self, body: bytes) -> _Blocks:
        return matrices.read(body)


def read_features(connection: sqlite3.Connection) -> dict[str, Matrix]:
    """Return what all versions state, by block, a row each; of metrics the newest figures.

    Versions that nobody read before are read now, and kept where the database can be written.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    chunks = list(read_chunks(connection, _Kind()))
    found = {block.name: stack([chunk[block.name] for chunk in chunks]) for block in BLOCKS}
    claimed = found[FIGURES.name]
    measured = _read_measured(connection, claimed.height)
    return {**found, FIGURES.name: overlay(claimed, measured)}


def read_texts(connection: sqlite3.Connection) -> Matrix:
    """Return how often each version says each word, a row each.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    return stack(
        [chunk[TEXT.name] for chunk in read_chunks(connection, _Kind())]
        or [MatrixBuilder().build()]
    )


def read_measured(
    connection: sqlite3.Connection, metric: str | None = None
) -> list[tuple[int, str, Decimal]]:
    """Return the figures of each version's newest report: its row, the metric and the value."""
    which, values = ("", ()) if metric is None else (" AND measured.metric = ?", (metric,))
    found = connection.execute(_MEASURED + which, values)
    return [(row, name, Decimal(text)) for row, name, text in found]


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
