"""Every test runs in a home of its own: nothing of this machine's user gets in or is touched."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures import (
    EMAIL,
    NAME,
    Cli,
    Team,
    make_key,
    make_repository,
    release_iris,
    run,
    start_team,
)

# Variables that would lead git, ssh, dvc, gitreg or a terminal library out of the sealed home.
_LEAKY_PREFIXES = ("DVC_", "GIT_", "GITHUB_", "GITREG_", "GPG_", "LC_", "SSH_", "XDG_", "_GITREG")
_CLOUDS = ("AWS_", "AZURE_", "GOOGLE_")
_LEAKY = {"CI", "EDITOR", "EMAIL", "FORCE_COLOR", "LANGUAGE", "NO_COLOR", "PAGER", "TTY_COMPATIBLE"}
_LEAKY |= {"ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"}
_LEAKY |= {name.lower() for name in _LEAKY}

_GIT_CONFIG = f"""\
[user]
\tname = {NAME}
\temail = {EMAIL}
[init]
\tdefaultBranch = main
\ttemplateDir = /nonexistent
[protocol "file"]
\tallow = always
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

# A test never times.
settings.register_profile("gitreg", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gitreg")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sealed home of the test; Git there is Alice's."""
    return _seal(tmp_path_factory.mktemp("home"), monkeypatch)


def _seal(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name in _LEAKY or name.startswith(_LEAKY_PREFIXES + _CLOUDS):
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


@pytest.fixture(scope="session")
def bob_session_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second person's key for the whole session."""
    return make_key(tmp_path_factory.mktemp("keys") / "bob_ed25519", comment="bob@example.org")


@pytest.fixture
def alice_key(home: Path, session_key: Path) -> Path:
    """Alice's private key, where ssh looks for it; the public one lies beside it."""
    return _install_key(home, session_key)


@pytest.fixture
def bob_key(tmp_path: Path, bob_session_key: Path) -> Path:
    """A key that no policy knows unless a test puts it there; `--key` finds it."""
    shutil.copy(bob_session_key.with_suffix(".pub"), tmp_path)
    return Path(shutil.copy(bob_session_key, tmp_path))


def _install_key(home: Path, key: Path) -> Path:
    folder = home / ".ssh"
    folder.mkdir(mode=0o700)
    shutil.copy(key.with_suffix(".pub"), folder)
    return Path(shutil.copy(key, folder))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A real repository with one commit on main."""
    return make_repository(tmp_path / "repo")


@pytest.fixture(scope="session")
def started_team(tmp_path_factory: pytest.TempPathFactory, session_key: Path) -> Path:
    """What `team` copies; made once, in a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        _install_key(_seal(tmp_path_factory.mktemp("home"), patch), session_key)
        folder = tmp_path_factory.mktemp("started") / "team"
        folder.mkdir()
        start_team(folder)
    return folder


@pytest.fixture(scope="session")
def released_team(
    tmp_path_factory: pytest.TempPathFactory, session_key: Path, started_team: Path
) -> Path:
    """What `released` copies."""
    with pytest.MonkeyPatch.context() as patch:
        home = _seal(tmp_path_factory.mktemp("home"), patch)
        _install_key(home, session_key)
        folder = tmp_path_factory.mktemp("released") / "team"
        release_iris(Team.copy(started_team, folder, home))
    return folder


@pytest.fixture
def team(tmp_path: Path, home: Path, alice_key: Path, started_team: Path) -> Team:
    """A bare origin, Alice's clone with a registry in it, and a DVC remote; no model yet."""
    return Team.copy(started_team, tmp_path / "team", home)


@pytest.fixture
def released(tmp_path: Path, home: Path, alice_key: Path, released_team: Path) -> Team:
    """A team whose iris 1.0.0 is in production, and 1.1.0 in staging."""
    return Team.copy(released_team, tmp_path / "team", home)


@pytest.fixture
def merging(team: Team) -> Team:
    """A team whose models come by pull request; nothing is registered yet."""
    from tests.merging import start_merging

    start_merging(team)
    return team


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line in this process; `cli.folder` is where the next command runs."""
    return Cli(capsys, monkeypatch)


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A running ssh-agent without keys; its socket's path must be short."""
    folder = Path(tempfile.mkdtemp(prefix="agent-"))
    said = run("ssh-agent", "-s", "-a", str(folder / "s"))
    process = int(said.split("SSH_AGENT_PID=")[1].split(";")[0])
    monkeypatch.setenv("SSH_AUTH_SOCK", str(folder / "s"))
    yield folder / "s"
    os.kill(process, signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server; each test has buckets of its own."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
