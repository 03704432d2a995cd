"""Versions near one another, as the index finds them and as they are found without one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.entries import VersionEntry
from gitreg.domain.version import Version
from gitreg.index import chunks, encoding
from gitreg.index.codec import DamagedError
from gitreg.index.features import read_features
from gitreg.index.neighbours import Neighbours
from gitreg.index.tables import TABLES
from gitreg.similarity.features import Profile
from gitreg.similarity.space import METRICS, Metric, Neighbour, Space, read_blocks
from tests.similarity.profiles import profile, profiles

Place = tuple[str, str]
Step = tuple[str, Any]

_figures = st.dictionaries(st.sampled_from(["accuracy", "rmse", "x"]), st.integers(-9, 9))
_steps = st.lists(
    st.tuples(st.just("register"), profiles)
    | st.tuples(st.just("register"), profiles)
    | st.tuples(st.just("measure"), st.tuples(st.integers(0, 9), _figures))
    | st.tuples(st.just("yank"), st.integers(0, 9)),
    min_size=2,
    max_size=12,
)


class Shelf:
    """A database with the tables of the index, and beside it what is in them."""

    def __init__(self, path: str | Path = "") -> None:
        self.path = path
        self.connection = self.connect()
        self.connection.executescript(TABLES)
        self.versions: list[tuple[Place, Profile]] = []
        self.measured: dict[int, dict[str, Decimal]] = {}
        self.yanked: set[int] = set()
        self.records = 0

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None)
        if self.path:
            connection.execute("PRAGMA journal_mode = WAL")
        return connection

    def take(self, step: Step) -> None:
        """Do what a record of the ledger does to the tables."""
        self.records += 1
        match step:
            case ("register", stated):
                self.register(stated)
            case ("measure", (row, figures)) if row < len(self.versions):
                self.measure(row, figures)
            case ("yank", row) if row < len(self.versions):
                self.yanked.add(row)
                sql = "UPDATE versions SET yanked = ? WHERE row = ?"
                self.connection.execute(sql, (self.records, row))
        for model in {model for (model, _), _ in self.versions}:
            alive = [row for row in self.alive() if self.versions[row][0][0] == model]
            newest = max(alive, key=lambda row: newness(self.versions[row][0]), default=None)
            sql = "INSERT OR REPLACE INTO models VALUES (?, 0, 0, ?)"
            self.connection.execute(sql, (model, newest))

    def register(self, stated: Profile) -> None:
        row = len(self.versions)
        version = ["1.0.0", "1.1.0-rc.1", "0.9.0"][row // 2 % 3]
        place = ("ab"[row % 2] if row < 6 else f"c{row}", version)
        self.versions.append((place, stated))
        data = dumps(stated.metadata)
        entry = VersionEntry(
            model=place[0],
            version=version,
            ordinal=1,
            commit="",
            path=".",
            manifest=sha256(data),
            metrics=stated.metrics,
            person="alice",
            time=0,
            index=self.records,
        )
        values = (row, *place, self.records, encoding.write(entry))
        self.connection.execute("INSERT INTO versions VALUES (?, ?, ?, ?, NULL, NULL, ?)", values)
        kept = encoding.write_document(data, entry.manifest)
        self.connection.execute("INSERT INTO documents VALUES (?, ?)", (row, kept))

    def measure(self, row: int, figures: dict[str, int]) -> None:
        self.measured[row] = {name: Decimal(value) for name, value in figures.items()}
        values = (self.records, *self.versions[row][0], "")
        self.connection.execute("INSERT INTO reports VALUES (?, ?, ?, ?)", values)
        for name, value in figures.items():
            found = (name, row, str(value), self.records)
            self.connection.execute("INSERT OR REPLACE INTO measured VALUES (?, ?, ?, ?)", found)

    def alive(self) -> list[int]:
        return [row for row in range(len(self.versions)) if row not in self.yanked]

    def find_plainly(self, place: Place, metric: Metric, *, all_versions: bool) -> list[object]:
        """The same answer from what the versions state, without any database."""
        rows = self.alive()
        names = [self.versions[row][0] for row in rows]
        stated = []
        for row in rows:
            own = self.versions[row][1]
            metrics = {**own.metrics, **self.measured.get(row, {})}
            stated.append(Profile(metadata=own.metadata, metrics=metrics))
        order = sorted(range(len(rows)), key=lambda item: newness(names[item]), reverse=True)
        order.sort(key=lambda item: names[item][0])
        chosen = [item for item in order if names[item] != place]
        if not all_versions:
            first = {names[item][0]: item for item in reversed(order)}
            chosen = [item for model, item in sorted(first.items()) if model != place[0]]
        found = Space(read_blocks(stated)).find_nearest(
            names.index(place),
            np.array(chosen, np.int64),
            metric=metric,
            top=3,
            order=lambda places: sorted(places, key=chosen.index),
        )
        return [(len(chosen), names[item.place], said(item)) for item in found]


def newness(place: Place) -> tuple[bool, Version]:
    version = Version.parse(place[1])
    return version.is_release, version


def said(item: Neighbour) -> object:
    return (item.score, item.blocks, item.missing, item.terms, item.others)


def find(
    connection: sqlite3.Connection, place: Place, metric: Metric, **more: bool
) -> list[object]:
    found = Neighbours(connection).find(connection, place, metric=metric, top=3, **more)
    return [(found.compared, name, said(item)) for name, item in found.versions]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 3)


@given(steps=_steps, metric=st.sampled_from(METRICS), all_versions=st.booleans(), data=st.data())
def test_the_index_finds_what_is_found_without_one(
    *, steps: list[Step], metric: Metric, all_versions: bool, data: st.DataObject
) -> None:
    """Built in steps, some of them by other processes, and built at once."""
    with TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "x.sqlite")
        for step in steps:
            shelf.take(step)
            if shelf.versions and data.draw(st.sampled_from([False, True])):
                with closing(shelf.connect()) as other:
                    read_features(other)
        if not shelf.alive():
            return
        place = shelf.versions[data.draw(st.sampled_from(shelf.alive()))][0]
        plain = shelf.find_plainly(place, metric, all_versions=all_versions)
        assert find(shelf.connection, place, metric, all_versions=all_versions) == plain
        assert find(shelf.connection, place, metric, all_versions=all_versions) == plain
        if kept(shelf):
            shelf.connection.execute("DELETE FROM chunks")
        assert find(shelf.connection, place, metric, all_versions=all_versions) == plain
        shelf.connection.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    found = Shelf(tmp_path / "x.sqlite")
    for number in range(5):
        found.take(("register", profile({"x": number}, description=f"one word{number}")))
    yield found
    found.connection.close()


def kept(shelf: Shelf) -> list[int]:
    """How many versions each chunk has."""
    try:
        found = shelf.connection.execute("SELECT height FROM chunks ORDER BY chunk")
    except sqlite3.OperationalError:
        return []
    return [height for (height,) in found]


def test_what_was_read_once_is_not_read_again(shelf: Shelf) -> None:
    before = find(shelf.connection, ("a", "1.0.0"), "cosine", all_versions=True)
    assert kept(shelf) == [3, 2]
    shelf.connection.execute("UPDATE documents SET data = ''")
    assert find(shelf.connection, ("a", "1.0.0"), "cosine", all_versions=True) == before
    shelf.take(("register", profile(description="one")))
    shelf.take(("register", profile(description="two")))
    assert len(find(shelf.connection, ("a", "1.0.0"), "cosine", all_versions=True)) == 3
    assert kept(shelf) == [3, 3, 1]


def test_who_sees_an_older_state_keeps_to_it_and_writes_over_nothing(shelf: Shelf) -> None:
    plain = shelf.find_plainly(("a", "1.0.0"), "cosine", all_versions=True)
    with closing(shelf.connect()) as older:
        older.execute("BEGIN")
        older.execute("SELECT * FROM versions").fetchone()
        shelf.take(("register", profile(description="one word0")))
        read_features(shelf.connection)
        assert find(older, ("a", "1.0.0"), "cosine", all_versions=True) == plain
        assert older.in_transaction
    assert kept(shelf) == [3, 3]


def test_where_nothing_can_be_written_the_answer_is_the_same(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "_PATIENCE", 0.0)
    plain = shelf.find_plainly(("a", "1.0.0"), "euclidean", all_versions=False)
    with closing(shelf.connect()) as other:
        other.execute("BEGIN IMMEDIATE")
        assert find(shelf.connection, ("a", "1.0.0"), "euclidean", all_versions=False) == plain
    assert kept(shelf) == []
    assert find(shelf.connection, ("a", "1.0.0"), "euclidean", all_versions=False) == plain
    assert kept(shelf) == [3, 2]


def test_a_private_database_answers_too() -> None:
    shelf = Shelf()
    for number in range(4):
        shelf.take(("register", profile(description=f"word{number % 2}")))
    plain = shelf.find_plainly(("b", "1.0.0"), "cosine", all_versions=True)
    assert find(shelf.connection, ("b", "1.0.0"), "cosine", all_versions=True) == plain
    shelf.connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE chunks SET body = substr(body, 2)",
        "UPDATE chunks SET chunk = 7 WHERE chunk = 1",
        "DELETE FROM versions WHERE row = 4",
        "DELETE FROM chunks WHERE chunk = 1; DELETE FROM documents WHERE row = 3",
        "DELETE FROM chunks; UPDATE documents SET data = x'00' WHERE row = 3",
    ],
)
def test_damage_is_seen(shelf: Shelf, damage: str) -> None:
    read_features(shelf.connection)
    shelf.connection.executescript(damage)
    with pytest.raises(DamagedError):
        read_features(shelf.connection)


def test_figures_too_large_are_no_figures_but_hide_what_was_claimed(shelf: Shelf) -> None:
    shelf.take(("measure", (0, {"x": 10**400})))
    assert len(read_features(shelf.connection)["metrics"].row(0)[0]) == 0
    assert len(read_features(shelf.connection)["metrics"].row(1)[0]) == 1


def test_only_the_newest_report_counts(shelf: Shelf) -> None:
    shelf.take(("measure", (0, {"x": 5, "rmse": 3})))
    shelf.take(("measure", (0, {"rmse": 4})))
    assert read_features(shelf.connection)["metrics"].row(0)[1].tolist() == [4.0, 0.0]
    shelf.take(("measure", (0, {})))
    assert read_features(shelf.connection)["metrics"].row(0)[1].tolist() == [0.0]
