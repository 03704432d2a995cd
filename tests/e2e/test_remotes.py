"""Registering, pulling and verifying over every kind of remote, each behind a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures import WEIGHTS, Cli, Team, freeze
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
