"""A clone that came as an archive or lies in a shared folder: its .git/config is somebody else's.

Its remotes name addresses and programs. What gitreg takes of them is an address that runs nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.git import process
from gitreg.git.repository import Repository
from gitreg.git.transfer import list_refs
from tests.attack.crew import Crew
from tests.fixtures import Cli, run_git, write


@pytest.fixture
def older_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Git that does not know GIT_NO_LAZY_FETCH fetches what is missing, as this one is told."""
    monkeypatch.setitem(process._SEALED, "GIT_NO_LAZY_FETCH", "0")


def make_partial(crew: Crew, name: str, pwned: Path) -> Path:
    """A partial clone whose remote has a program to be run on each fetch of a missing object."""
    run_git(crew.origin, "config", "uploadpack.allowFilter", "true")
    url = crew.origin.as_uri()
    run_git(crew.folder, "clone", "--quiet", "--no-checkout", "--filter=blob:none", url, name)
    run_git(crew.folder / name, "branch", "--quiet", "gitreg-ledger", "origin/gitreg-ledger")
    program = f"touch {pwned}; git-upload-pack"
    run_git(crew.folder / name, "config", "remote.origin.uploadpack", program)
    return crew.folder / name


@pytest.mark.usefixtures("older_git")
def test_missing_objects_are_never_fetched_by_the_clones_own_ways(
    crew: Crew, cli: Cli, tmp_path: Path
) -> None:
    cli.folder = make_partial(crew, "partial", tmp_path / "pwned")
    for words in (["verify"], ["list"], ["show", "iris"], ["history", "iris"]):
        assert "this clone is partial" in cli.no(*words) or "the clone is partial" in cli.no(*words)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.usefixtures("older_git")
def test_a_partial_remote_fetches_nothing_for_us(crew: Crew, cli: Cli, tmp_path: Path) -> None:
    """A path's uploader runs here, with that repository's configuration."""
    evil = make_partial(crew, "evil", tmp_path / "pwned")
    run_git(crew.folder, "clone", "--quiet", "--no-checkout", "--single-branch", "evil", "victim")
    run_git(crew.folder / "victim", "remote", "set-url", "origin", str(evil))
    cli.folder = crew.folder / "victim"
    for words in (["list"], ["list", "--repo", evil.as_uri()]):
        assert "could not be reached" in cli.no(*words)
    assert list_refs(Repository.discover(crew.dave), str(evil), "refs/heads/")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    "url",
    [
        "./evil.git",
        "evil.git",
        ".git/evil.git",
        "sub/../evil.git",
        "{clone}/evil.git",
        "file://{clone}/evil.git",
        "file://localhost{clone}/evil.git",
        "file://{clone}/%65vil.git",
        "outside/link.git",
    ],
)
def test_a_remote_inside_the_clone_runs_no_hooks(
    crew: Crew, victim: Cli, tmp_path: Path, url: str
) -> None:
    for place in ("evil.git", ".git/evil.git"):
        run_git(crew.dave, "clone", "--quiet", "--bare", str(crew.origin), place)
        hook = write(
            crew.dave / place / "hooks/pre-receive", f"#!/bin/sh\ntouch {tmp_path}/pwned\n"
        )
        hook.chmod(0o755)
    (tmp_path / "link.git").symlink_to(crew.dave / "evil.git")
    (crew.dave / "outside").symlink_to(tmp_path)
    run_git(crew.dave, "remote", "set-url", "origin", url.format(clone=crew.dave))
    said = victim.no("promote", "iris@1.0.0", "--stage=canary", "--key", crew.key("alice"))
    assert "the remote origin lies inside this repository" in said
    assert "git remote set-url origin" in said
    run_git(crew.dave, "remote", "set-url", "origin", str(crew.origin))
    run_git(crew.dave, "remote", "set-url", "--push", "origin", url.format(clone=crew.dave))
    victim.no("promote", "iris@1.0.0", "--stage=canary", "--key", crew.key("alice"))
    assert not (tmp_path / "pwned").exists()
