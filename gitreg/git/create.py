"""Creating and cloning repositories for people, with GitPython (imported when used)."""

from __future__ import annotations

from pathlib import Path

from gitreg.errors import TransferError
from gitreg.git.remote import check_url


def create(path: Path, *, bare: bool = False) -> None:
    """Create a repository at `path` with the branch `main`; an existing one is left as it is."""
    from git import Repo

    Repo.init(path, mkdir=True, bare=bare, initial_branch="main")


def clone(url: str, path: Path) -> None:
    """Clone `url` into `path`.

    Raises: TransferError.
    """
    from git import GitCommandError, Repo

    try:
        Repo.clone_from(check_url(url), path)
    except GitCommandError as error:
        raise TransferError(f"{url} could not be cloned: {error.stderr.strip()}") from error
