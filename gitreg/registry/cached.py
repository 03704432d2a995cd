"""The small repository that keeps what was fetched of a registry at a URL."""

from __future__ import annotations

from pathlib import Path

from gitreg.domain.canonical import sha256
from gitreg.errors import TransferError
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.places import cache_folder


def cached_repository(url: str) -> Repository:
    """Return the bare repository that keeps what was fetched from `url`."""
    name = sha256(url.encode())[:32]
    path = cache_folder() / "repositories" / name
    if not (path / "HEAD").exists():
        _fill_cache(path, url)
    return Repository.discover(path)


def _fill_cache(path: Path, url: str) -> None:
    """Make it beside its place: there it is whole or not at all, whoever else makes it too."""
    import tempfile  # it is there after the first contact

    from gitreg.git.transfer import fetch

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
