"""What this machine remembers of registries elsewhere (docs/adr/0009).

The root of each URL, pinned on first contact, the newest record seen at a remote of each registry,
and the names of indices. It lies in the user's state folder, never in a repository,
where somebody else could plant it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gitreg.domain.checkpoint import Checkpoint
from gitreg.errors import UntrustedError, UsageError
from gitreg.places import state_folder


def pinned_root(url: str) -> str | None:
    """Return the root that the registry at `url` is known by.

    Raises: UntrustedError where the memory is damaged.
    """
    return _read_pins(_folder() / "roots.json").get(url)


def pin(url: str, root: str) -> bool:
    """Remember that the registry at `url` begins with the record `root`; True if that is new."""
    path = _folder() / "roots.json"
    with _locked():
        pins = _read_pins(path)
        if pins.get(url) == root:
            return False
        _write(path, json.dumps({**pins, url: root}, indent=1, sort_keys=True))
    return True


def last_seen(root: str) -> Checkpoint | None:
    """Return the newest record seen at a remote of the registry that begins with `root`.

    Raises: UntrustedError where the memory is damaged.
    """
    path = _folder() / "seen" / root
    try:
        return Checkpoint.parse(path.read_text().strip()) if path.exists() else None
    except (ValueError, UsageError) as error:
        raise _damaged(path) from error


def remember(root: str, checkpoint: Checkpoint) -> None:
    """Remember the newest record seen at a remote; an older one than before changes nothing."""
    known = last_seen(root)
    if known is not None and known.index >= checkpoint.index:
        return
    with _locked():
        known = last_seen(root)
        if known is None or known.index < checkpoint.index:
            _write(_folder() / "seen" / root, f"{checkpoint}\n")


def name_index(folder: Path, machine: str, *, instead_of: str | None = None) -> str:
    """Return the name of the index of a Git directory: it is of this user's own choosing.

    A new one is chosen where there is none yet, and `instead_of` one that is not to be used again.

    Raises: OSError where nothing can be kept.
    """
    path = _folder() / "indices" / f"{machine}.json"
    name = _read_names(path).get(str(folder))
    if name is None or name == instead_of:
        with _locked():
            names = _read_names(path)  # another process may have chosen one meanwhile
            name = names.get(str(folder))
            if name is None or name == instead_of:
                import secrets

                name = secrets.token_hex(16)
                there = {other: names[other] for other in names if Path(other).is_dir()}
                _write(path, json.dumps({**there, str(folder): name}, indent=1))
    return name


def _folder() -> Path:
    return state_folder()


@contextmanager
def _locked() -> Iterator[None]:
    path = _folder() / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_pins(path: Path) -> dict[str, str]:
    try:
        pins = json.loads(path.read_text()) if path.exists() else {}
    except ValueError:
        pins = None
    if not isinstance(pins, dict):
        raise _damaged(path)
    return pins


def _read_names(path: Path) -> dict[str, str]:
    try:
        names = json.loads(path.read_text()) if path.exists() else {}
    except ValueError:
        return {}  # nothing depends on what is lost but time
    return names if isinstance(names, dict) else {}


def _damaged(path: Path) -> UntrustedError:
    return UntrustedError(
        f"{path} is damaged, so what it remembered is unknown",
        next_step="restore it from a backup; remove it only to trust anew whoever answers",
    )


def _write(path: Path, text: str) -> None:
    import tempfile  # to look at what is remembered is far more common

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(name).replace(path)
