"""sha256 of files, in flat memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

CHUNK = 1 << 22


def hash_file(path: Path, *, advance: Callable[[int], object] = lambda _: None) -> str:
    """Return the sha256 of a file; `advance` is told of each chunk's bytes."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            advance(len(chunk))
    return digest.hexdigest()
