"""The target `folder`: versions beside each other, and a link `current` to the one in use.

    PATH/MODEL/1.1.0/   PATH/MODEL/1.2.0/   PATH/MODEL/current -> 1.2.0

A version gets its name when all of its bytes are there and it has passed its trial, and `current`
is renamed into place: at any moment, whoever is killed, it leads to such a version or is not there.
All else has a name that begins with `.gitreg-`, which no model and no version has; the next run
takes it up or away. Of what others put here nothing is followed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from gitreg.deploy.release import Placed, Release, Standing
from gitreg.domain.target import TargetSettings
from gitreg.domain.version import VERSION
from gitreg.errors import GitregError, InvalidError, SetupError
from gitreg.locking import locked

NAME = "folder"

CURRENT = "current"
_PROVEN = ".gitreg-proven"  # leads to the last version that passed its trial through `current`
_NEW, _OLD, _LINK = ".gitreg-new", ".gitreg-old", ".gitreg-link"
_COPY = re.compile(r"\+[1-9][0-9]{0,5}")  # follows a version whose own name is taken
_KEEP = 2


def look(settings: TargetSettings, release: Release) -> Standing:
    """Return what `current` leads to; nothing is changed.

    Raises: SetupError where something else is in the way.
    """
    folder = _way(settings, release.model)
    name = _leads_to(folder, CURRENT)
    if name is None:
        return Standing(where=str(folder))
    version = _version(name)
    return Standing(
        where=str(folder), version=version, change=release.find_change(version, folder / name)
    )


def deploy(settings: TargetSettings, release: Release) -> Placed:
    """Let `current` lead to a version that was tried before, and is tried again through it.

    Raises: InvalidError where it fails its trial; SetupError; and what `release` does.
    """
    keep = int(settings.options.get("keep", _KEEP))
    with _opened(settings, release.model) as folder:
        notes = tuple(_find_stray(folder))
        before = _leads_to(folder, CURRENT)
        name, is_new = _find_whole(folder, release, before), False
        if name is None:
            name, is_new = _add(folder, release), True
        if name != before:
            if not is_new:
                _try(release, folder / name)
            _lead(folder, CURRENT, name)
        try:
            _try(release, folder / CURRENT)
        except GitregError as error:
            end = _take_back(folder, release, name)
            raise InvalidError(f"{error.what}; {end}", next_step=error.next_step) from error
        _lead(folder, _PROVEN, name)
        _prune(folder, release, name, keep)
    replaced = _version(before) if before else None
    return Placed(where=str(folder / CURRENT), changed=name != before, before=replaced, notes=notes)


def withdraw(settings: TargetSettings, model: str) -> Placed:
    """Take `current` away; the versions stay.

    Raises: SetupError.
    """
    folder = _way(settings, model)
    if not folder.exists():
        return Placed(where=str(folder), changed=False, before=None)
    with _opened(settings, model):
        before = _leads_to(folder, CURRENT)
        changed = os.path.lexists(folder / CURRENT)
        for link in (_PROVEN, CURRENT):
            (folder / link).unlink(missing_ok=True)
    replaced = _version(before) if before else None
    return Placed(where=str(folder), changed=changed, before=replaced)


@contextlib.contextmanager
def _opened(settings: TargetSettings, model: str) -> Iterator[Path]:
    """Make the model's folder, and yield it for one process at a time, without leftovers."""
    folder = _way(settings, model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _way(settings, model)
        with locked(folder):
            for name in (_NEW, _OLD, _LINK):
                _remove(folder / name)
            yield folder
    except OSError as error:
        raise SetupError(
            f"{error.filename or folder}: {error.strerror}",
            next_step="make the target's folder writable, or free some space, and deploy again",
        ) from error


def _way(settings: TargetSettings, model: str) -> Path:
    """Return the model's folder, to which no link leads below the target's own path.

    Raises: SetupError.
    """
    folder = Path(settings.options["path"])
    for part in model.split("/"):
        folder = folder / part
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise _in_the_way(folder, "a folder")
    current = folder / CURRENT
    if os.path.lexists(current) and not current.is_symlink():
        raise _in_the_way(current, "a link")
    return folder


def _in_the_way(path: Path, wanted: str) -> SetupError:
    return SetupError(
        f"{path} is in the way: it is not {wanted}",
        next_step="see who made it, and move it away, or give the target another path",
    )


def _leads_to(folder: Path, link: str) -> str | None:
    """Return the name of the version's folder that a link of ours leads to."""
    try:
        name = str((folder / link).readlink())
    except OSError:
        return None
    return name if _is_version(folder, name) else None


def _is_version(folder: Path, name: str) -> bool:
    """Whether a name is that of a version's folder: itself, no link to one."""
    number, plus, _ = name.partition("+")
    if not VERSION.fullmatch(number) or (plus and not _COPY.fullmatch(name[len(number) :])):
        return False
    return (folder / name).is_dir() and not (folder / name).is_symlink()


def _version(name: str) -> str:
    return name.partition("+")[0]


def _find_stray(folder: Path) -> Iterator[str]:
    if (folder / CURRENT).is_symlink() and _leads_to(folder, CURRENT) is None:
        yield f"{CURRENT} led to {str((folder / CURRENT).readlink())!r}, which is no version here"


def _find_whole(folder: Path, release: Release, first: str | None) -> str | None:
    """Return the name of a folder that has the version as it was signed, `first` if it does."""
    names = [name for name in _copies(folder) if _version(name) == release.version]
    for name in sorted(names, key=lambda name: (name != first, len(name), name)):
        if release.find_change(release.version, folder / name) is None:
            return name
    return None


def _copies(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if _is_version(folder, path.name)]


def _add(folder: Path, release: Release) -> str:
    """Place a version, try it, and only then give it its name, which is returned."""
    new = folder / _NEW
    new.mkdir()
    try:
        release.place(new)
        _try(release, new)
        _sync(new)
    except BaseException:
        _remove(new)
        raise
    number, name = 1, release.version
    while os.path.lexists(folder / name):
        number += 1
        name = f"{release.version}+{number}"
    new.rename(folder / name)
    return name


def _try(release: Release, folder: Path) -> None:
    """Try a version, and see that this left it as it was signed.

    Raises: InvalidError; and what `release` does.
    """
    try:
        release.try_out(folder)
    except OSError as error:
        raise SetupError(f"{folder} could not be tried: {error}") from error
    if change := release.find_change(release.version, folder):
        raise InvalidError(
            f"{change}, once it was tried", next_step="see who writes there: does the model itself?"
        )


def _lead(folder: Path, link: str, name: str) -> None:
    """Let a link lead to a version, from one moment to the next."""
    new = folder / _LINK
    new.symlink_to(name)
    new.replace(folder / link)
    _sync_one(folder)


def _take_back(folder: Path, release: Release, failed: str) -> str:
    """Let `current` lead where it did when all was well, and say so."""
    proven = _leads_to(folder, _PROVEN)
    if proven == failed:
        return f"{CURRENT} leads to it as before"
    if proven and release.find_change(_version(proven), folder / proven) is None:
        _lead(folder, CURRENT, proven)
        return f"{CURRENT} leads to {_version(proven)} again"
    (folder / CURRENT).unlink()
    return f"{CURRENT} is taken away, for there is none to go back to"


def _prune(folder: Path, release: Release, name: str, keep: int) -> None:
    """Remove versions that the ledger knows, but for `name` and those that held the stage last."""
    copies = [copy for copy in _copies(folder) if _version(copy) in release.known]
    place = {version: number for number, version in enumerate(release.order)}
    others = [copy for copy in copies if _version(copy) in place.keys() - {release.version}]
    kept = sorted(others, key=lambda copy: (place[_version(copy)], copy))[: keep - 1]
    for copy in copies:
        if copy not in (name, *kept):
            (folder / copy).rename(folder / _OLD)
            _remove(folder / _OLD)


def _remove(path: Path) -> None:
    """Remove a folder, a file or a link, if it is there; nothing that a link leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Have a folder's files on the disk before a link leads to them."""
    for path, _, names in os.walk(folder):
        for name in names:
            _sync_one(Path(path) / name)
        _sync_one(Path(path))


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if stat.S_IFMT(os.fstat(handle).st_mode) in (stat.S_IFREG, stat.S_IFDIR):
            os.fsync(handle)
    finally:
        os.close(handle)
