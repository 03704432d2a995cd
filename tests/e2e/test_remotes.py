"""Registering, pulling and verifying over every kind of remote, each behind a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures import WEIGHTS, Cli, Team, freeze, run_git
from tests.remotes import KINDS, Remote, log_in_to_aws, serve_remote

FIRST = b"the first model\n" * 100


@pytest.fixture
def aws_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in_to_aws(home, monkeypatch)


@pytest.fixture(params=KINDS)
def remote(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    home: Path,
    aws_user: None,
    s3_server: str,
) -> Iterator[Remote]:
    """An empty remote, and a user who may read and write it by what their own machine knows."""
    with serve_remote(request.param, tmp_path / "remote", home, s3=s3_server) as remote:
        yield remote


@pytest.fixture
def shared(team: Team, home: Path, remote: Remote) -> Team:
    """A team whose `.dvc/config` names the remote, and nothing else does."""
    (home / ".config/dvc/config").unlink()
    (team.clone / ".dvc/config").write_text(remote.config(), encoding="utf-8")
    team.git("commit", "--quiet", "--all", "--message", "Name the remote")
    return team


def register(team: Team) -> None:
    for name, data in WEIGHTS.items():
        (team.iris / "weights" / name).parent.mkdir(parents=True, exist_ok=True)
        (team.iris / "weights" / name).write_bytes(data)
    files = [team.model_file, team.iris / "weights"]
    team.open().register(new="iris", files=files, version="1.0.0")


def test_what_is_registered_in_one_place_is_pulled_and_verified_in_another(
    shared: Team, remote: Remote, tmp_path: Path, cli: Cli
) -> None:
    register(shared)
    assert len(remote.files.names()) == 4  # two files of a folder, their list, and the model
    cli.folder = tmp_path
    cli.ok("verify", "--repo", shared.url, "--artifacts")
    cli.ok("pull", "iris@1.0.0", "--repo", shared.url, "-o", "out")
    wanted = {"model.skops": FIRST, **{f"weights/{name}": data for name, data in WEIGHTS.items()}}
    assert freeze(tmp_path / "out") == wanted


def test_a_real_web_server_is_pulled_and_verified_from(
    released: Team, home: Path, tmp_path: Path, cli: Cli
) -> None:
    with serve_remote("web", tmp_path / "web", home, root=released.storage) as remote:
        (home / ".config/dvc/config").write_text(remote.config(), encoding="utf-8")
        first = released.open()["iris@1.0.0"].artifacts[0]
        partial = home / ".cache/gitreg/files/partial" / first.sha256
        partial.parent.mkdir(parents=True)
        partial.write_bytes(FIRST[:700])  # the server goes on from there
        cli.folder = tmp_path
        cli.ok("verify", "--repo", released.url, "--artifacts")
        cli.ok("pull", "iris@1.0.0", "--repo", released.url, "-o", "out")
        assert freeze(tmp_path / "out") == {"model.skops": FIRST}


def test_what_is_kept_for_later_is_pushed_and_pulled(
    shared: Team, remote: Remote, tmp_path: Path, cli: Cli
) -> None:
    cli.folder = shared.clone
    name = ("--new", "iris", "--file", shared.model_file, "--version", "1.0.0")
    cli.ok("register", *name, "--no-push")
    assert remote.files.names() == set()
    cli.ok("push")
    shared.git("push", "--quiet")
    run_git(tmp_path, "clone", "--quiet", str(shared.origin), "elsewhere")
    cli.folder = tmp_path / "elsewhere"
    cli.ok("pull", "iris@1.0.0", "-o", "out")
    assert freeze(cli.folder / "out") == {"model.skops": FIRST}
