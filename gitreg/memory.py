"""What this machine remembers of registries elsewhere: the root of each, pinned on first use.

It lives in the user's state folder, never in a repository, where somebody else could plant it.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from pathlib import Path

import platformdirs

from gitreg.errors import UntrustedError


def pin(url: str, root: str) -> bool:
    """Remember that the registry at `url` begins with the record `root`; True on first use.

    Raises: UntrustedError where it began with another record before.
    """
    path = platformdirs.user_state_path("gitreg") / "roots.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pins = _read(path)
        known = pins.get(url)
        if known is None:
            _write(path, {**pins, url: root})
    if known is not None and known != root:
        raise UntrustedError(
            f"{url} is another registry than before: its first record is sha256:{root}, "
            f"it was sha256:{known}",
            next_step=f"ask its owners; if they started anew, remove the line from {path}",
        )
    return known is None


def _read(path: Path) -> dict[str, str]:
    try:
        pins = json.loads(path.read_text()) if path.exists() else {}
    except ValueError:
        pins = None
    if not isinstance(pins, dict):
        raise UntrustedError(
            f"{path} is damaged, so what it pinned is unknown",
            next_step="restore it from a backup; remove it only to trust every registry anew",
        )
    return pins


def _write(path: Path, pins: dict[str, str]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        json.dump(pins, file, indent=1, sort_keys=True)
    Path(name).replace(path)
