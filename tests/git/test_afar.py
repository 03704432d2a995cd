from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import TransferError
from gitreg.git.afar import read_afar
from gitreg.git.repository import Repository
from tests.fixtures import make_repository, run_git, write

CONFIG = b"[core]\n    remote = storage\n"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A repository with a configuration, and a large model beside it."""
    path = make_repository(tmp_path / "other")
    write(path / ".dvc/config", CONFIG)
    write(path / "models/iris/notes.txt", b"of another model")
    run_git(path, "add", ".")
    run_git(path, "commit", "--quiet", "--message", "All")
    run_git(path, "tag", "iris@v1.0.0")
    run_git(path, "config", "uploadpack.allowFilter", "true")
    return path


def read(repo: Path, other: Path, path: str = ".dvc/config") -> bytes | None:
    repository, commit = Repository.discover(repo), run_git(other, "rev-parse", "HEAD")
    found = read_afar(repository, other.as_uri(), "refs/tags/iris@v1.0.0", commit, path)
    assert not repository.has_commit(commit)
    return found


def lose(other: Path, path: str) -> None:
    """Let the other side have no longer what is there, so that it cannot send it."""
    name = run_git(other, "rev-parse", f"HEAD:{path}")
    (other / ".git/objects" / name[:2] / name[2:]).unlink()


def test_what_other_models_have_does_not_come(repo: Path, other: Path) -> None:
    lose(other, "models/iris/notes.txt")
    lose(other, "models/iris")
    assert read(repo, other) == CONFIG


def test_a_remote_that_leaves_nothing_out_sends_it_too(repo: Path, other: Path) -> None:
    run_git(other, "config", "uploadpack.allowFilter", "false")
    assert read(repo, other) == CONFIG
    lose(other, "models/iris/notes.txt")
    with pytest.raises(TransferError):
        read(repo, other)


def test_a_remote_that_gives_only_what_has_a_name_serves(repo: Path, other: Path) -> None:
    run_git(repo, "config", "--global", "protocol.version", "0")
    assert read(repo, other) == CONFIG


@pytest.mark.parametrize("path", [".dvc/none", "none/config", "README.md/config"])
def test_what_is_not_there_is_none(repo: Path, other: Path, path: str) -> None:
    assert read(repo, other, path) is None


def test_a_ref_that_leads_elsewhere_gives_nothing(repo: Path, other: Path) -> None:
    run_git(other, "tag", "--force", "iris@v1.0.0", "HEAD~1")
    assert read(repo, other) is None
