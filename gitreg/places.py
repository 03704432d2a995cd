"""Where a user's files of gitreg lie: by the XDG Base Directory Specification, or as macOS has it.

A variable such as XDG_CACHE_HOME is followed on both.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_LINUX = {"cache": ".cache", "config": ".config", "state": ".local/state"}
_MACOS = {"cache": "Library/Caches"}  # all others are in one place
_SUPPORT = "Library/Application Support"


def cache_folder() -> Path:
    """Return the folder of what can be made anew."""
    return _find("cache")


def config_folder() -> Path:
    """Return the folder of what the user configures."""
    return _find("config")


def state_folder() -> Path:
    """Return the folder of what is remembered."""
    return _find("state")


def _find(kind: str) -> Path:
    told = Path(os.environ.get(f"XDG_{kind.upper()}_HOME", ""))
    if told.is_absolute():  # the specification has others ignored
        return told / "gitreg"
    names = _MACOS.get(kind, _SUPPORT) if sys.platform == "darwin" else _LINUX[kind]
    return Path.home() / names / "gitreg"
