"""The user's branch, index and work tree, changed for a few named files and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from gitreg.domain.canonical import git_object_id
from gitreg.errors import SetupError
from gitreg.git.objects import ObjectReader, TreeEntry, parse_tree, tree_bytes
from gitreg.git.process import GitProcessError
from gitreg.git.repository import Repository, lock_error
from gitreg.value import Value

_FILE, _FOLDER = "100644", "40000"


class Head(Value):
    """What HEAD is.

    `branch` is a full ref name, or None when detached; `commit` is None when unborn.
    """

    branch: str | None
    commit: str | None

    @classmethod
    def read(cls, repository: Repository) -> Head:
        """Read HEAD."""
        try:
            branch = repository.git("symbolic-ref", "-q", "HEAD").decode().strip()
        except GitProcessError:
            branch = None
        try:
            commit = repository.git("rev-parse", "-q", "--verify", "HEAD^{commit}").decode().strip()
        except GitProcessError:
            commit = None
        return cls(branch=branch, commit=commit)


class Snapshot(Value):
    """A tree that is to be committed: its name, and the objects it needs that are new."""

    tree: str
    objects: tuple[tuple[str, bytes], ...]


def build_tree(repository: Repository, commit: str | None, files: Mapping[str, bytes]) -> Snapshot:
    """Return the tree of `commit` with `files` (repository path to bytes) put into it."""
    objects: list[tuple[str, bytes]] = []

    def name(kind: str, data: bytes) -> str:
        objects.append((kind, data))
        return git_object_id(kind, data, like=repository.zero)

    def graft(reader: ObjectReader, tree: str | None, inside: Mapping[str, bytes]) -> str:
        found = reader.read_one(tree) if tree else None
        entries = parse_tree(found.data or b"", like=repository.zero) if found else []
        by_name = {entry.name: entry for entry in entries}
        folders: dict[str, dict[str, bytes]] = {}
        for path, data in inside.items():
            first, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(first, {})[rest] = data
            else:
                by_name[first] = TreeEntry(_FILE, first, name("blob", data))
        for first, below in folders.items():
            old = by_name.get(first)
            base = old.id if old and old.mode == _FOLDER else None
            by_name[first] = TreeEntry(_FOLDER, first, graft(reader, base, below))
        return name("tree", tree_bytes(list(by_name.values())))

    with repository.reader() as reader:
        base = reader.read_one(f"{commit}^{{tree}}") if commit else None
        tree = graft(reader, base.id if base else None, files)
    return Snapshot(tree=tree, objects=tuple(objects))


def read_at(repository: Repository, commit: str | None, path: str) -> bytes | None:
    """Return a file's bytes in `commit`, or None."""
    if commit is None:
        return None
    with repository.reader() as reader:
        found = reader.read_one(f"{commit}:{path}")
    return found.data if found and found.kind == "blob" else None


def read_all_at(
    repository: Repository, commit: str, suffix: str, *, limit: int
) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of each plain file of `commit` whose name ends so; links are none.

    Files of more than `limit` bytes are passed over.
    """
    listing = repository.git("ls-tree", "-r", "-z", "--full-tree", commit, "--")
    blobs = {}
    for line in listing.decode(errors="surrogateescape").split("\0")[:-1]:
        about, _, path = line.partition("\t")
        mode, _, blob = about.split(" ")
        if mode.startswith("100") and path.endswith(suffix):
            blobs[path] = blob
    with repository.reader() as reader:
        found = reader.read(list(blobs.values()), limit=limit)
        for path, item in zip(blobs, found, strict=True):
            if item and item.data is not None:
                yield path, item.data


def staged_id(repository: Repository, path: str) -> str | None:
    """Return the blob that the index has at `path`, or None."""
    words = repository.git("ls-files", "--stage", "-z", "--", path).decode().split()
    return words[1] if words else None


def stage(repository: Repository, files: Mapping[str, str]) -> None:
    """Set the index entries of `files` (repository path to blob name); others stay as they are.

    Raises: SetupError where another Git process holds the index.
    """
    lines = "".join(f"{_FILE} {blob}\t{path}\0" for path, blob in files.items())
    try:
        repository.git("update-index", "--add", "-z", "--index-info", stdin=lines.encode())
    except GitProcessError as error:
        held = lock_error(error)
        raise SetupError(
            f"the index could not be updated: {held.what if held else error.stderr}",
            next_step=held.next_step if held else error.next_step,
        ) from error


def check_writable(path: Path) -> None:
    """See that `write_file` can put a file at `path`, before anything depends on it.

    Raises: SetupError.
    """
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    if path.is_symlink():
        raise SetupError(
            f"{path} is a link, and what it leads to may be no part of the repository",
            next_step="put the file itself in its place",
        )
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise SetupError(
            f"{path} cannot be written",
            next_step=f"make {folder} writable, and see that nothing else stands in its place",
        )


def write_file(path: Path, data: bytes) -> None:
    """Replace a file's bytes at once: a reader sees the old ones or the new ones.

    Raises: SetupError where the folder cannot be written to, or something else is there.
    """
    if path.exists() and not path.is_file():
        raise SetupError(f"{path} is not a file", next_step="move it away, or name a file")
    if path.is_file() and path.read_bytes() == data:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        temporary = path.with_name(f".{path.name}.gitreg")  # one name: the next run takes it away
        temporary.unlink(missing_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(data)
            temporary.chmod(mode)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SetupError(
            f"{path} could not be written: {error.strerror}",
            next_step="make its folder writable, or free some space, and run the command again",
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
