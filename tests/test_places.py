"""Where a user's files lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.places import cache_folder, config_folder, state_folder


def test_they_lie_where_the_specification_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert cache_folder() == home / ".cache/gitreg"
    assert config_folder() == home / ".config/gitreg"
    assert state_folder() == home / ".local/state/gitreg"


def test_they_lie_where_macos_has_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert cache_folder() == home / "Library/Caches/gitreg"
    assert config_folder() == state_folder() == home / "Library/Application Support/gitreg"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_the_user_may_say_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "gitreg"


def test_a_relative_folder_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    assert state_folder() == home / ".local/state/gitreg"
