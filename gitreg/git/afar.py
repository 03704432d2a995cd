"""One small file of a commit at a URL, without the files of all the other models there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from gitreg.errors import TransferError
from gitreg.git.process import GitProcessError
from gitreg.git.repository import Repository
from gitreg.git.transfer import fetch
from gitreg.git.worktree import read_at

SMALL_FILES = "blob:limit=64k"
_TOP = "tree:1"  # of all folders and files, the names of those at the top


def read_afar(repository: Repository, url: str, ref: str, commit: str, path: str) -> bytes | None:
    """Return the file at `path`, a folder and a name, in `commit`; None where it has none.

    `ref` leads to the commit at `url`. What comes is the list of what lies at the top and the small
    files of that folder, or all small files where the remote can leave nothing out. None of it is
    kept, for `repository` would seem to have the whole commit.

    Raises: TransferError.
    """
    with tempfile.TemporaryDirectory(prefix="gitreg-") as folder:
        scratch = Repository.create_bare(Path(folder), repository.object_format)
        fetch(scratch, url, [ref], snapshot=_TOP)
        found = read_at(scratch, commit, path)
        tree = _find(scratch, f"{commit}:{path.partition('/')[0]}")
        if found is not None or tree is None:
            return found
        try:
            fetch(scratch, url, [tree], snapshot=SMALL_FILES)
        except TransferError:  # some servers give what they have a name for, and nothing else
            fetch(scratch, url, [ref], snapshot=SMALL_FILES)
        return read_at(scratch, commit, path)


def _find(repository: Repository, name: str) -> str | None:
    """Return what an object is called, which need not be here itself."""
    try:
        return repository.git("rev-parse", "--quiet", "--verify", name).decode().strip()
    except GitProcessError:
        return None
