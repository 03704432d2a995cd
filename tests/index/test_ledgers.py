"""A ledger that is read through its index is the ledger, whatever becomes of the index."""

from __future__ import annotations

import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gitreg
from gitreg.git.repository import Repository
from gitreg.index import encoding, filling, store
from gitreg.index.store import Store
from gitreg.ledger import indexed
from gitreg.ledger.indexed import open_ledger, settle
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.verified import Ledger
from gitreg.places import cache_folder
from gitreg.value import replace
from tests.data.contents import contents_of
from tests.fixtures import Team, run_git

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(params=["format-1-sha1", "format-1-sha256"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Repository, dict[str, Any]]:
    """A repository with every action and every breach in its ledger, and what is in it."""
    expected = json.loads((DATA / request.param / "expected.json").read_text())
    object_format = request.param.rpartition("-")[2]
    run_git(tmp_path, "init", "--quiet", f"--object-format={object_format}", "clone")
    bundle = str(DATA / request.param / "registry.bundle")
    run_git(tmp_path / "clone", "fetch", "--quiet", bundle, "+refs/*:refs/*", "--update-head-ok")
    return Repository.discover(tmp_path / "clone"), expected


def read(repository: Repository, tip: str) -> Ledger:
    return open_ledger(repository, lambda: tip)


def file_of(repository: Repository) -> Path:
    [path] = (cache_folder() / "index").glob("*/*.sqlite")
    return path


def test_cold_warm_and_in_steps_it_is_the_same(kept: tuple[Repository, dict[str, Any]]) -> None:
    repository, expected = kept
    tip = expected["tip"]
    assert contents_of(read(repository, tip)) == expected
    warm = read(repository, tip)
    assert warm.store
    assert (warm.store.tip, warm.records.new, warm.void.new) == (tip, [], [])
    assert contents_of(warm) == expected
    for commit in repository.commits(tip)[::7]:
        found, plain = read(repository, commit), read_ledger(repository, commit)
        assert contents_of(found) == contents_of(plain)
        assert (found.begun_by, found.state.proposals) == (plain.begun_by, plain.state.proposals)
    assert contents_of(read(repository, tip)) == expected


def test_a_ledger_is_written_in_batches(
    kept: tuple[Repository, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, expected = kept
    monkeypatch.setattr(indexed, "_BATCH", 5)
    monkeypatch.setattr("gitreg.ledger.commits._CHUNK", 3)
    assert contents_of(read(repository, expected["tip"])) == expected


@pytest.fixture
def repository(released: Team) -> Repository:
    return Repository.discover(released.clone)


@pytest.fixture
def tip(released: Team) -> str:
    return released.git("rev-parse", "gitreg-ledger")


@pytest.fixture
def expected(repository: Repository, tip: str) -> dict[str, Any]:
    return contents_of(read_ledger(repository, tip))


def damages(path: Path) -> Iterator[bytes]:
    whole = path.read_bytes()
    yield b""
    yield b"no database" * 1000
    yield whole[: len(whole) // 2]
    yield whole[:100] + bytes(len(whole) - 100)
    page = 4096
    for start in range(0, len(whole), page):
        yield whole[:start] + b"\xff" * page + whole[start + page :]


def test_a_damaged_index_is_made_anew(
    repository: Repository, tip: str, expected: dict[str, Any]
) -> None:
    first = read(repository, tip)
    assert contents_of(first) == expected
    del first
    for damaged in damages(file_of(repository)):
        file_of(repository).write_bytes(damaged)
        assert contents_of(read(repository, tip)) == expected
        assert contents_of(read(repository, tip)) == expected


def test_a_row_that_was_changed_is_not_believed(
    repository: Repository, tip: str, expected: dict[str, Any]
) -> None:
    for table in ("versions", "stages", "policies", "reports", "verdicts"):
        assert contents_of(read(repository, tip)) == expected
        with sqlite3.connect(file_of(repository)) as connection:
            connection.execute(f"UPDATE {table} SET body = replace(body, '1', '2')")  # noqa: S608
        connection.close()
        assert contents_of(read(repository, tip)) == expected


@pytest.mark.parametrize("folder", ["XDG_CACHE_HOME", "XDG_STATE_HOME"])
def test_a_folder_that_cannot_be_written_needs_no_index(
    repository: Repository,
    tip: str,
    expected: dict[str, Any],
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(folder, __file__)  # no folder
    ledger = read(repository, tip)
    assert ledger.store
    assert ledger.store.path is None
    assert contents_of(ledger) == expected


def test_a_full_disk_needs_no_index(
    repository: Repository, tip: str, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("INSERT INTO meta VALUES ('tip', 'half of it')")
        raise sqlite3.OperationalError("database or disk is full")

    read(repository, repository.commits(tip)[3])
    monkeypatch.setattr(filling, "fill", fill)
    ledger = read(repository, tip)
    assert ledger.records.new
    assert contents_of(ledger) == expected


def test_a_ledger_that_went_back_is_read_as_it_is(released: Team, repository: Repository) -> None:
    before = repository.commits("gitreg-ledger")[-4]
    newest = contents_of(released.open().ledger)
    tip = released.git("rev-parse", "gitreg-ledger")
    assert contents_of(read(repository, before)) == contents_of(read_ledger(repository, before))
    assert contents_of(read(repository, tip)) == newest


def test_who_is_slower_sees_what_the_faster_one_published(
    released: Team, repository: Repository, tip: str
) -> None:
    """Between finding the ledger's end and opening the index, others publish and fill it."""
    before = repository.commits(tip)[-3]
    found = iter([before, tip])
    read(repository, tip)
    assert open_ledger(repository, lambda: next(found)).tip == tip


def test_another_that_fills_it_meanwhile_wins(
    repository: Repository, tip: str, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexed, "_BATCH", 2)
    monkeypatch.setattr("gitreg.ledger.commits._CHUNK", 2)
    write = Store.write
    overtaken: list[Any] = []

    def write_slowly(store: Store, batch: Any) -> bool:
        if not overtaken:
            overtaken.append(batch)
            assert contents_of(read(repository, tip)) == expected
        return write(store, batch)

    monkeypatch.setattr(Store, "write", write_slowly)
    ledger = read(repository, tip)
    assert overtaken
    assert ledger.records.new == []
    assert contents_of(ledger) == expected


def test_without_a_write_ahead_log_a_reader_holds_up_writers_and_nobody_is_wrong(
    repository: Repository, tip: str, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems have no shared memory, so that SQLite falls back to locks."""
    before = repository.commits(tip)[3]
    read(repository, before)
    gc.collect()
    connection = sqlite3.connect(file_of(repository))
    assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    connection.close()
    monkeypatch.setattr(store, "_PATIENCE", 0)
    reader = read(repository, before)
    assert reader.records.new == []
    writer = read(repository, tip)
    assert writer.records.new
    assert contents_of(writer) == expected
    assert contents_of(reader) == contents_of(read_ledger(repository, before))


_BUILD = """
import sys
from pathlib import Path
from gitreg.git.repository import Repository
from gitreg.ledger import commits, indexed
commits._CHUNK = indexed._BATCH = 2
if len(sys.argv) > 3:
    import os, signal
    from gitreg.index import filling
    fill, left = filling.fill, int(sys.argv[3])
    def fill_and_die(connection, batch):
        global left
        fill(connection, batch)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
    filling.fill = fill_and_die
print(len(indexed.open_ledger(Repository.discover(Path(sys.argv[1])), lambda: sys.argv[2]).records))
"""


def test_one_that_is_killed_goes_on_where_it_was(
    repository: Repository, tip: str, expected: dict[str, Any]
) -> None:
    for batches in (1, 3, 2):
        arguments = [sys.executable, "-c", _BUILD, str(repository.folder), tip, str(batches)]
        done = subprocess.run(arguments, check=False)
        assert done.returncode in (-signal.SIGKILL, 0)
    assert contents_of(read(repository, tip)) == expected


def test_many_build_it_at_once(repository: Repository, tip: str, expected: dict[str, Any]) -> None:
    arguments = [sys.executable, "-c", _BUILD, str(repository.folder), tip]
    building = [subprocess.Popen(arguments, stdout=subprocess.PIPE) for _ in range(5)]
    lengths = {process.communicate()[0].strip() for process in building}
    assert lengths == {str(len(expected["records"])).encode()}
    assert contents_of(read(repository, tip)) == expected


def test_a_record_that_waits_is_seen_and_kept_out_of_the_index(released: Team) -> None:
    registry = released.open()
    registry.deprecate("iris@1.0.0", publish=False)
    assert registry.ledger.store
    assert registry.ledger.tip != registry.ledger.store.tip
    assert registry["iris@1.0.0"].entry.deprecated
    assert settle(registry.repository, registry.ledger).tip == registry.ledger.tip
    assert not released.open()["iris@1.0.0"].entry.deprecated


def test_nothing_of_it_lies_in_the_repository(released: Team) -> None:
    before = {path for path in (released.clone / ".git").rglob("*") if "objects" not in path.parts}
    gitreg.open(released.clone).search("iris")
    after = {path for path in (released.clone / ".git").rglob("*") if "objects" not in path.parts}
    assert before == after
    assert not any(os.fsdecode(path).endswith("sqlite") for path in after)


def test_an_index_from_elsewhere_is_not_believed(
    repository: Repository,
    tip: str,
    expected: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A cache of CI is restored on a new machine, after somebody changed what it says."""
    ledger = read(repository, tip)
    assert ledger.store
    entry = ledger.state.versions("iris")[0]
    del ledger
    planted = encoding.write(replace(entry, person="mallory"))
    with sqlite3.connect(file_of(repository)) as connection:
        connection.execute("UPDATE versions SET body = ? WHERE row = 0", (planted,))
    connection.close()
    assert read(repository, tip).state.versions("iris")[0].person == "mallory"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state of another machine"))
    assert contents_of(read(repository, tip)) == expected
