from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from gitreg.domain.query.document import describe
from gitreg.domain.query.parser import parse
from gitreg.index import columns
from gitreg.index.codec import DamagedError
from gitreg.index.search import search
from tests.documents_to_find import document
from tests.indexes import ask, index_of, register

QUERY = parse("flower")
DOCUMENTS = [document(f"m{number}", texts=["flower"]) for number in range(5)]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """An index of which no column is filled yet, a chunk being of two versions."""
    index_of(DOCUMENTS, tmp_path / "index").close()
    with mock.patch.multiple(columns, CHUNK=2, _BATCH=4):
        yield tmp_path / "index"


def found(connection: sqlite3.Connection) -> list[str]:
    return [hit.document.model for hit in search([("", connection)], QUERY)]


def names() -> list[str]:
    return [item.model for item in DOCUMENTS]


def open_index(path: Path, mode: str = "rw") -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{path}?mode={mode}", uri=True, isolation_level=None))


def test_what_was_described_is_there_for_the_next_process(path: Path) -> None:
    with open_index(path) as first:
        assert found(first) == names()
    never = mock.patch.object(columns, "describe", side_effect=AssertionError)
    with open_index(path, "ro") as second, never:
        assert found(second) == names()


def test_an_index_that_cannot_be_written_is_searched_in_memory(path: Path) -> None:
    with open_index(path) as connection:
        search([("", connection)], QUERY)
        register(connection, document("new", texts=["flower"]))
        with open_index(path, "ro") as reader:
            assert found(reader) == [*names(), "new"]
            assert found(reader) == [*names(), "new"]
            register(connection, document("newer", texts=["flower"]))
            assert found(reader) == [*names(), "new", "newer"]
        assert columns.count_described(connection) == 5


def test_while_another_writes_all_the_time_it_is_searched_in_memory(path: Path) -> None:
    with open_index(path) as reader, open_index(path) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        reader.execute("PRAGMA busy_timeout = 0")
        columns.bring_up_to_date(writer)
        known = list(DOCUMENTS)
        for name in ("new", "newer"):
            known.append(document(name, texts=["flower"]))
            register(writer, known[-1])
            writer.execute("BEGIN IMMEDIATE")
            page = search([("", reader)], parse("flower or new"))
            writer.execute("ROLLBACK")
            assert page.to_dict() == ask(known, "flower or new").to_dict()


def test_two_that_fill_it_at_once_fill_it_once(path: Path) -> None:
    """The other one is done with a batch whenever this one has seen how far it goes."""
    with open_index(path) as ours, open_index(path) as theirs:
        count = columns.count_described

        def count_late(connection: sqlite3.Connection) -> int:
            seen = count(connection)
            if not connection.in_transaction:
                columns._fill(theirs, "BEGIN IMMEDIATE")
            return seen

        with mock.patch.object(columns, "count_described", count_late):
            columns.bring_up_to_date(ours)
        assert found(ours) == found(theirs) == names()


def test_a_build_that_is_killed_leaves_whole_batches(path: Path) -> None:
    calls = iter(range(100))

    def die(*args: Any) -> Any:
        if next(calls) == 4:
            raise KeyboardInterrupt
        return describe(*args)

    with open_index(path) as connection:
        with mock.patch.object(columns, "describe", die), pytest.raises(KeyboardInterrupt):
            columns.bring_up_to_date(connection)
        assert (columns.count_described(connection), connection.in_transaction) == (4, False)
        assert found(connection) == names()


def test_a_transaction_of_the_caller_is_open_afterwards(path: Path) -> None:
    with open_index(path) as connection:
        connection.execute("BEGIN")
        assert found(connection) == names()
        assert connection.in_transaction


def test_a_version_without_its_document_is_damage(path: Path) -> None:
    with open_index(path) as connection:
        connection.execute("DELETE FROM documents WHERE row = 3")
        with pytest.raises(DamagedError, match="missing"):
            found(connection)
