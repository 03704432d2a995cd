"""Files by their sha256, in the user's cache folder.

A file gets its name only when all its bytes are there and fit, and is hashed again each time it is
asked for: a file that changed in place is never handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gitreg.artifacts.hashing import hash_file
from gitreg.places import cache_folder


class Store:
    """A folder of verified files; several processes may share it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_folder() / "files"

    def path(self, sha256: str) -> Path:
        """Where the file of this digest is, or would be."""
        return self._folder / sha256[:2] / sha256[2:]

    def partial(self, sha256: str) -> Path:
        """Where its download stands, kept after a cut so that the next one goes on from there."""
        return self.scratch() / sha256

    def scratch(self) -> Path:
        """Where files grow that have no name here yet."""
        folder = self._folder / "partial"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def find(
        self, sha256: str, size: int | None, *, advance: Callable[[int], object] = lambda _: None
    ) -> Path | None:
        """Return the file if it is here and its bytes still fit; a damaged one is removed.

        `size` is None where nobody said it.
        """
        path = self.path(sha256)
        if not path.is_file():
            return None
        if size in (None, path.stat().st_size) and hash_file(path, advance=advance) == sha256:
            return path
        path.unlink(missing_ok=True)
        return None

    def keep(self, partial: Path, sha256: str) -> Path:
        """Give a verified partial file its name."""
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(path)
        path.chmod(0o444)  # last: a partial file that cannot be written to could not be resumed
        return path
