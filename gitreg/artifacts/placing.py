"""Putting verified files where they were asked for: reflink, hard link or copy, all or nothing.

Names come from the signed manifest alone. Nothing is followed on the way: a symlink in the place of
a folder stops the pull.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from gitreg.artifacts.hashing import hash_file
from gitreg.domain.names import is_path
from gitreg.errors import SetupError, UntrustedError

_TEMPORARY = ".gitreg-"
_FICLONE = 0x40049409  # linux/fs.h


def check_free(output: Path, files: Mapping[str, str], folders: list[str]) -> None:
    """See that nothing else stands where `files` (path to sha256) are to go.

    `folders` are artifacts whose whole content is `files`, so a stray file in them is refused.

    Raises: SetupError; UntrustedError for a path that could leave `output`.
    """
    for path in files:
        if not is_path(path):
            raise UntrustedError(f"{path[:80]!r} is not a plain relative path")
        _check_way(output, path)
    for path, sha256 in files.items():
        target = output / path
        if target.is_symlink() or (target.exists() and not _is_same(target, sha256)):
            raise SetupError(
                f"{target} is there already, with other contents",
                next_step="pull into another folder, or move it away",
            )
    for folder in folders:
        for target in sorted((output / folder).rglob("*")):
            if not target.is_dir() and target.relative_to(output).as_posix() not in files:
                raise SetupError(
                    f"{target} is not part of this version",
                    next_step="pull into another folder, or move it away",
                )


def find_change(folder: Path, files: Mapping[str, str]) -> str | None:
    """Return how a folder differs from just `files` (path to sha256), or None; nothing is followed.

    A link, an empty folder or a file too many is a difference as well.
    """
    expected = set(files) | {
        parent.as_posix() for path in files for parent in PurePosixPath(path).parents
    }
    for path in _below(folder):
        name = path.relative_to(folder).as_posix()
        if name not in expected or path.is_symlink():
            return f"{path} is not part of this version"
    for name, sha256 in files.items():
        if not _is_same(folder / name, sha256):
            return f"{folder / name} is not as it was signed"
    return None


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _below(path)


def remove_leftovers(output: Path, files: Iterable[str]) -> None:
    """Remove what a killed `place` left; nobody else may be placing below `output` now."""
    for folder in {(output / path).parent for path in files}:
        for leftover in folder.glob(f"{_TEMPORARY}*"):
            if re.fullmatch(r"[0-9a-f]{16}", leftover.name.removeprefix(_TEMPORARY)):
                leftover.unlink()


def place(output: Path, path: str, source: Path) -> None:
    """Link the verified file `source` to `path` below `output`, replacing nothing.

    Raises: SetupError.
    """
    target = output / path
    if target.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _check_way(output, path)
        temporary = target.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
        try:
            _link(source, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(
            f"{target} could not be written: {error.strerror}",
            next_step="make its folder writable, or free some space, and pull again",
        ) from error


def _check_way(output: Path, path: str) -> None:
    way = output
    for part in path.split("/")[:-1]:
        way = way / part
        if way.is_symlink() or (way.exists() and not way.is_dir()):
            raise SetupError(
                f"{way} is in the way: it is not a folder",
                next_step="pull into another folder, or move it away",
            )


def _is_same(path: Path, sha256: str) -> bool:
    return path.is_file() and hash_file(path) == sha256


def _link(source: Path, target: Path) -> None:
    if not _reflink(source, target):
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)


def _reflink(source: Path, target: Path) -> bool:
    import fcntl

    with source.open("rb") as original, target.open("xb") as clone:
        try:
            fcntl.ioctl(clone.fileno(), _FICLONE, original.fileno())
        except OSError:
            target.unlink()
            return False
    return True
