"""The small repository that keeps what was fetched of a registry at a URL."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import platformdirs

from gitreg.errors import TransferError
from gitreg.git.transfer import fetch
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH


def cached_repository(url: str) -> Repository:
    """Return the bare repository that keeps what was fetched from `url`."""
    name = hashlib.sha256(url.encode()).hexdigest()[:32]
    path = platformdirs.user_cache_path("gitreg") / "repositories" / name
    if not (path / "HEAD").exists():
        _fill_cache(path, url)
    return Repository.discover(path)


def _fill_cache(path: Path, url: str) -> None:
    """Make it beside its place: there it is whole or not at all, whoever else makes it too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="new-") as scratch:
        made = Path(scratch) / "sha1"
        try:
            fetch(Repository.create_bare(made, "sha1"), url, [BRANCH])
        except TransferError as error:
            if "algorithm" not in error.what:
                raise
            made = Path(scratch) / "sha256"
            fetch(Repository.create_bare(made, "sha256"), url, [BRANCH])
        try:
            made.rename(path)
        except OSError:
            if not (path / "HEAD").exists():
                raise
