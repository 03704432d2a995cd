"""The versions of a registry as vectors, as one state of the index has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from gitreg.domain.version import Version
from gitreg.index.embeddings import read_embeddings
from gitreg.index.features import read_features
from gitreg.index.rows import Place, read_flagged, read_place
from gitreg.index.store import Store
from gitreg.similarity.sentences import SentenceModel
from gitreg.similarity.space import Metric, Neighbour, Space
from gitreg.value import Value

_NEWEST = "SELECT newest FROM models WHERE newest IS NOT NULL AND model != ?"


class Nearest(Value):
    """The versions that are nearest to one, out of so many that were `compared`."""

    compared: int
    versions: Sequence[tuple[Place, Neighbour]]


class Neighbours:
    """All versions that are not yanked.

    Words and figures are weighed by all of them, so that two are as near to each other whichever
    is asked about, and among which others.
    """

    def __init__(self, connection: sqlite3.Connection, model: SentenceModel | None = None) -> None:
        """Read them; their texts as vectors of a `model` where there is one.

        Raises: DamagedError; sqlite3.DatabaseError.
        """
        stated = read_features(connection)
        kept = np.ones(max(matrix.height for matrix in stated.values()), np.bool_)
        kept[read_flagged(connection, "yanked")] = False
        self._rows = np.flatnonzero(kept)
        texts = read_embeddings(connection, model).keep_rows(kept) if model else None
        self._space = Space({name: stated[name].keep_rows(kept) for name in list(stated)}, texts)

    def has_direction(self, connection: sqlite3.Connection, version: Place) -> bool:
        """Whether there is anything by which the version could be told apart."""
        return self._space.has_direction(self._find_place(connection, version))

    def find(
        self,
        connection: sqlite3.Connection,
        version: Place,
        *,
        metric: Metric,
        top: int,
        all_versions: bool,
    ) -> Nearest:
        """Return the `top` nearest: of each other model its newest version, or `all_versions`.

        Equally near ones go by model, and then from the newest down.
        """
        place = self._find_place(connection, version)
        if all_versions:
            others = np.delete(np.arange(len(self._rows)), place)
        else:
            newest = [row for (row,) in connection.execute(_NEWEST, (version[0],))]
            others = np.searchsorted(self._rows, np.array(newest, np.int64))
        names: dict[int, Place] = {}

        def order(places: list[int]) -> list[int]:
            for found in places:
                names[found] = read_place(connection, int(self._rows[found]))
            newest_first = sorted(
                places, key=lambda item: Version.parse(names[item][1]).newness, reverse=True
            )
            return sorted(newest_first, key=lambda item: names[item][0])

        found = self._space.find_nearest(place, others, metric=metric, top=top, order=order)
        return Nearest(compared=len(others), versions=[(names[item.place], item) for item in found])

    def _find_place(self, connection: sqlite3.Connection, version: Place) -> int:
        sql = "SELECT row FROM versions WHERE model = ? AND version = ?"
        [(row,)] = connection.execute(sql, version)
        return int(np.searchsorted(self._rows, row))


_State = tuple[str | None, str | None]
_KNOWN: WeakKeyDictionary[Store, tuple[_State, Neighbours]] = WeakKeyDictionary()


def read_neighbours(store: Store, model: SentenceModel | None = None) -> Neighbours:
    """Return the versions of a store, which are read once for each state of it.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    state = (store.tip, model.name if model else None)
    known, found = _KNOWN.get(store, (None, None))
    if found is None or known != state:
        found = store.run(lambda connection: Neighbours(connection, model))
        _KNOWN[store] = state, found
    return found
