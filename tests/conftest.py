"""Every test runs in a home of its own: nothing of this machine's user gets in or is touched."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fixtures import EMAIL, NAME, make_key, make_repository

# Variables that would lead git, ssh, dvc, gitreg or a terminal library out of the sealed home.
_LEAKY_PREFIXES = ("DVC_", "GIT_", "GITHUB_", "GITREG_", "GPG_", "LC_", "SSH_", "XDG_")
_LEAKY = {"CI", "EDITOR", "EMAIL", "FORCE_COLOR", "LANGUAGE", "NO_COLOR", "PAGER", "TTY_COMPATIBLE"}

_GIT_CONFIG = f"""\
[user]
\tname = {NAME}
\temail = {EMAIL}
[init]
\tdefaultBranch = main
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""
_DVC_CONFIG = """\
[core]
    analytics = false
    check_update = false
"""

settings.register_profile("gitreg", deadline=None)  # a test never times
settings.load_profile("gitreg")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sealed home of the test; Git there is Alice's."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name in _LEAKY or name.startswith(_LEAKY_PREFIXES):
            monkeypatch.delenv(name)
    sealed = {
        "HOME": home,
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local/share",
        "XDG_STATE_HOME": home / ".local/state",
        "GIT_CONFIG_GLOBAL": home / ".gitconfig",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GNUPGHOME": home / ".gnupg",
        "DVC_GLOBAL_CONFIG_DIR": home / ".config/dvc",
        "DVC_SYSTEM_CONFIG_DIR": home / "etc/dvc",
        "DVC_SITE_CACHE_DIR": home / ".cache/dvc-site",
        "DVC_NO_ANALYTICS": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "COLUMNS": "80",
        "LINES": "24",
    }
    for name, value in sealed.items():
        monkeypatch.setenv(name, str(value))
    time.tzset()
    (home / ".gitconfig").write_text(_GIT_CONFIG, encoding="utf-8")
    (home / ".config/dvc").mkdir(parents=True)
    (home / ".config/dvc/config").write_text(_DVC_CONFIG, encoding="utf-8")
    return home


@pytest.fixture(scope="session")
def session_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One key for the whole session: making one takes longer than most tests."""
    return make_key(tmp_path_factory.mktemp("keys") / "id_ed25519")


@pytest.fixture
def alice_key(home: Path, session_key: Path) -> Path:
    """Alice's private key, where ssh looks for it; the public one lies beside it."""
    folder = home / ".ssh"
    folder.mkdir(mode=0o700)
    shutil.copy(session_key.with_suffix(".pub"), folder)
    return Path(shutil.copy(session_key, folder))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A real repository with one commit on main."""
    return make_repository(tmp_path / "repo")
