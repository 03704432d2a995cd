"""`gitreg ci comment`: what `ci check` found, said where the pull request is discussed.

The folder comes from the pull request's own run, which may be a stranger's: its files are read by
a schema and within bounds, and everything in them is rendered anew. Which pull request it is, the
forge says, never the folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import Any

from gitreg import schema
from gitreg.domain.canonical import read_json
from gitreg.errors import SetupError, UsageError
from gitreg.forge import Forge, find_own_forge
from gitreg.registry.ci_event import Run
from gitreg.site.checks import render_checks
from gitreg.value import Value
from gitreg.yaml12 import Document

MARKER = "<!-- gitreg ci comment -->"
_SUFFIX = ".check.json"
LARGEST = 8 << 20  # bytes of a file
_MOST_FILES, _MOST_LOOKED_AT = 200, 10_000


class Checks(Value):
    """The results in a folder, in the order of their files' names, and files that are none."""

    found: tuple[Mapping[str, Any], ...]
    unread: tuple[str, ...]

    def to_markdown(self, run: Run) -> str:
        """Return them as Markdown, with what the forge says of the run."""
        return render_checks(
            self.found, commit=run.commit, page=run.page, unread=self.unread, failed=run.failed
        )


def read_checks(folder: Path) -> Checks:
    """Read the `*.check.json` below a folder; no link is followed.

    Raises: SetupError where there is no such folder.
    """
    if not folder.is_dir():
        raise SetupError(
            f"there is no folder {folder}", next_step="gitreg ci check --reports FOLDER makes it"
        )
    found, unread = [], []
    for path in _find_files(folder):
        value = _read(path)
        if value is None:
            unread.append(path.name[:200])
        else:
            found.append(value)
    return Checks(found=tuple(found), unread=tuple(unread))


def comment(run: Run, checks: Checks, pull: int | None = None) -> str | None:
    """Post or renew the one comment, and return its URL; None where there is nothing to say.

    Raises: SetupError without a forge; UsageError where no pull request is known; TransferError.
    """
    forge = find_own_forge(run.environ)
    if forge is None:
        raise SetupError(
            "no forge's CI runs this, or it has no token",
            next_step="give the step GITHUB_TOKEN: ${{ github.token }}, or GITLAB_TOKEN",
        )
    number = pull or _find_pull(run, forge)
    if number is None:
        return None
    silent = not (checks.found or checks.unread or run.failed)
    return forge.comment(number, checks.to_markdown(run), MARKER, renew=silent)


def _find_pull(run: Run, forge: Forge) -> int | None:
    """Return the pull request that the run was for, None where it has gone on or is closed.

    Raises: UsageError.
    """
    number = run.find("pull_request", "number")
    if isinstance(number, int):
        return number
    owner = run.text("workflow_run", "head_repository", "owner", "login")
    branch, commit = run.text("workflow_run", "head_branch"), run.text("workflow_run", "head_sha")
    if not (owner and branch and commit):
        raise UsageError(
            "nothing says here which pull request this is for", next_step="name it with --pull 12"
        )
    return forge.find_pull(owner, branch, commit)


def _find_files(folder: Path) -> Iterator[Path]:
    """Yield results in the order of their names."""
    walk = (
        Path(place) / name
        for place, _, names in os.walk(folder, followlinks=False)
        for name in names
    )
    found = [path for path in islice(walk, _MOST_LOOKED_AT) if path.name.endswith(_SUFFIX)]
    yield from sorted(found, key=lambda path: path.name)[:_MOST_FILES]


def _read(path: Path) -> Mapping[str, Any] | None:
    """Return what a file says, None where that is nothing sensible."""
    try:
        if not S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            return parse_check(file.read(LARGEST + 1))
    except (OSError, ValueError):
        return None


def parse_check(data: bytes) -> Mapping[str, Any]:
    """Read a `*.check.json`.

    Raises: ValueError for what is too large, no JSON, or does not fit the schema.
    """
    if len(data) > LARGEST:
        raise ValueError(f"it has over {LARGEST} bytes")
    value: Any = read_json(data)
    for finding in schema.check(Document(value=value), schema="check.v1", name="it"):
        raise ValueError(finding.what)
    checked: Mapping[str, Any] = value
    return checked
