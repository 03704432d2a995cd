from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gitreg.artifacts.store import Store
from gitreg.domain.canonical import sha256
from tests.fixtures import write

DATA = b"weights\n" * 1000
DIGEST = sha256(DATA)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def keep(store: Store) -> Path:
    partial = store.partial(DIGEST)
    partial.write_bytes(DATA)
    return store.keep(partial, DIGEST)


def test_it_lies_in_the_users_cache(home: Path) -> None:
    assert Store().path(DIGEST).is_relative_to(home / ".cache/gitreg/files")


def test_what_was_kept_is_found(store: Store) -> None:
    told: list[int] = []
    path = keep(store)
    assert store.find(DIGEST, len(DATA), advance=told.append) == path == store.path(DIGEST)
    assert sum(told) == len(DATA)


def test_what_was_kept_cannot_be_written_to_by_accident(store: Store) -> None:
    assert stat.S_IMODE(keep(store).stat().st_mode) == 0o444


def test_a_kept_file_leaves_no_partial_one(store: Store) -> None:
    keep(store)
    assert not store.partial(DIGEST).exists()


def test_what_was_never_kept_is_not_found(store: Store) -> None:
    assert store.find(DIGEST, len(DATA)) is None


def test_a_partial_file_is_not_found(store: Store) -> None:
    store.partial(DIGEST).write_bytes(DATA)
    assert store.find(DIGEST, len(DATA)) is None


@pytest.mark.parametrize("damaged", [b"x" * len(DATA), DATA[:-1], DATA + b"x", b""])
def test_a_damaged_file_is_removed(store: Store, damaged: bytes) -> None:
    path = keep(store)
    path.chmod(0o644)
    path.write_bytes(damaged)
    assert store.find(DIGEST, len(DATA)) is None
    assert not path.exists()


def test_a_folder_in_the_place_of_a_file_is_not_found(store: Store) -> None:
    store.path(DIGEST).mkdir(parents=True)
    assert store.find(DIGEST, len(DATA)) is None


def test_a_file_may_be_kept_twice(store: Store) -> None:
    keep(store)
    assert keep(store).read_bytes() == DATA


def test_two_processes_share_a_folder(store: Store, tmp_path: Path) -> None:
    keep(store)
    write(tmp_path / "store" / "unrelated", b"")
    assert Store(tmp_path / "store").find(DIGEST, len(DATA))
