"""What this machine remembers of registries elsewhere: the root of each, pinned on first use.

It lives in the user's state folder, never in a repository, where somebody else could plant it.
"""

from __future__ import annotations

import contextlib
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
    pins = _read(path)
    known = pins.get(url)
    if known == root:
        return False
    if known is not None:
        raise UntrustedError(
            f"{url} is another registry than before: its first record is sha256:{root}, "
            f"it was sha256:{known}",
            next_step=f"ask its owners; if they started anew, remove the line from {path}",
        )
    _write(path, {**pins, url: root})
    return True


def _read(path: Path) -> dict[str, str]:
    with contextlib.suppress(FileNotFoundError, ValueError):
        pins = json.loads(path.read_text())
        if isinstance(pins, dict):
            return pins
    return {}


def _write(path: Path, pins: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        json.dump(pins, file, indent=1, sort_keys=True)
    Path(name).replace(path)
