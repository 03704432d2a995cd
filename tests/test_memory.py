from __future__ import annotations

from pathlib import Path

import pytest

from gitreg import memory
from gitreg.domain.checkpoint import Checkpoint
from gitreg.errors import UntrustedError

ROOT = "a" * 64


def at(index: int) -> Checkpoint:
    return Checkpoint(index=index, digest=f"{index:064}")


def test_a_root_is_new_once_and_can_be_replaced() -> None:
    assert memory.pinned_root("https://a") is None
    assert memory.pin("https://a", "1" * 64)
    assert not memory.pin("https://a", "1" * 64)
    assert memory.pin("https://b", "2" * 64)
    assert memory.pinned_root("https://a") == "1" * 64
    assert memory.pin("https://a", "3" * 64)
    assert memory.pinned_root("https://a") == "3" * 64


def test_what_was_seen_only_advances() -> None:
    assert memory.last_seen(ROOT) is None
    for index in (5, 7, 6):
        memory.remember(ROOT, at(index))
    assert memory.last_seen(ROOT) == at(7)
    assert memory.last_seen("b" * 64) is None


def test_memory_lies_in_the_users_state_folder(home: Path) -> None:
    memory.pin("https://a", ROOT)
    memory.remember(ROOT, at(3))
    assert (home / ".local/state/gitreg/roots.json").is_file()
    assert (home / f".local/state/gitreg/seen/{ROOT}").read_text() == f"{at(3)}\n"


def test_damaged_memory_is_said_not_forgotten(home: Path) -> None:
    memory.pin("https://a", ROOT)
    memory.remember(ROOT, at(3))
    (home / ".local/state/gitreg/roots.json").write_text("{")
    (home / f".local/state/gitreg/seen/{ROOT}").write_text("nonsense")
    with pytest.raises(UntrustedError, match="damaged"):
        memory.pinned_root("https://a")
    with pytest.raises(UntrustedError, match="damaged"):
        memory.last_seen(ROOT)
