"""Forges: the REST interfaces of GitHub, GitLab and Gitea or Forgejo.

This room alone speaks to them. A token goes to the forge that it is for and nowhere else; which
that is, the environment says, never a repository.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from gitreg.forge.address import parse_remote
from gitreg.forge.client import RestClient
from gitreg.forge.gitea import Gitea
from gitreg.forge.github import GitHub
from gitreg.forge.gitlab import GitLab
from gitreg.forge.kind import KINDS, kind_of
from gitreg.forge.tokens import Access, find_access, find_own_access

__all__ = ["Forge", "compare_link", "find_forge", "find_own_forge"]


class Forge(Protocol):
    """One repository on a forge, and what gitreg asks there.

    Each raises TransferError where the forge cannot be reached or does not do what it is asked.
    """

    def open_pull(self, branch: str, base: str, title: str, body: str) -> str:
        """Return the URL of the open pull request of `branch` into `base`; make one if needed."""

    def find_pull(self, owner: str, branch: str, commit: str) -> int | None:
        """Return the number of the open pull request of the owner's branch at `commit`, if any."""

    def comment(self, pull: int, body: str, marker: str, *, renew: bool = False) -> str | None:
        """Post the comment that begins with `marker`, or change the one that is there.

        `marker` is hidden text such as `<!-- gitreg -->`. A comment of somebody else that begins
        so is left alone. With `renew` one that is there is changed, and none is posted. Returns
        the comment's URL, None where there is none.
        """

    def dispatch(self, workflow: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow (a file's name) as it stands on the branch `ref`."""


_FORGES: dict[str, Callable[[RestClient, str], Forge]] = {
    "gitea": Gitea,
    "github": GitHub,
    "gitlab": GitLab,
}


def find_forge(remote_url: str, environ: Mapping[str, str]) -> Forge | None:
    """Return the forge that a remote is on; None where there is no token for it.

    Raises: SetupError where the environment names an address that no token goes to.
    """
    place = parse_remote(remote_url)
    access = find_access(place.host, environ) if place else None
    return _open(access, place.path) if place and access else None


def find_own_forge(environ: Mapping[str, str]) -> Forge | None:
    """Return the forge whose CI runs this, with the repository that it runs for; None elsewhere.

    Raises: SetupError as find_forge does.
    """
    found = find_own_access(environ)
    return _open(*found) if found else None


def compare_link(remote_url: str, branch: str, base: str) -> str | None:
    """Return the page on which a person opens a pull request; None where the forge is unknown."""
    place = parse_remote(remote_url)
    kind = kind_of(place.host) if place else None
    return KINDS[kind].compare(place, branch, base) if place and kind else None


def _open(access: Access, path: str) -> Forge:
    return _FORGES[access.kind](RestClient(access), path)
