"""The ledger's commits as Git has them: their files, read in bulk, and what cannot be a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, starmap
from typing import TypeVar

from gitreg.errors import InvalidError, UntrustedError
from gitreg.git.objects import GitObject, ObjectReader, parse_tree
from gitreg.git.repository import CommitHeader, Repository

_MIB = 1 << 20
_CAPS = {
    "record": 64 * 1024,
    "model.json": _MIB,
    "policy.yaml": _MIB,
    "report.json": 4 * _MIB,
    "extra.json": _MIB,
}
_MANIFEST_CAP = 64 * _MIB
_RECORD_CAP = 128 * _MIB
_TREE_CAP = 64 * 1024
_MAX_FILES = 64
_CHUNK = 256

T = TypeVar("T")
# The blobs of a commit, or its files, by their names; or why it cannot carry a record.
_Named = tuple[dict[str, str], str | None]
_Files = tuple[dict[str, bytes], str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerCommit:
    """A commit as it was found: `problem` says why it cannot carry a record."""

    id: str
    tree: str
    parents: tuple[str, ...]
    files: Mapping[str, bytes]
    problem: str | None = None


def read_commits(reader: ObjectReader, history: Iterable[CommitHeader]) -> Iterator[LedgerCommit]:
    """Yield the commits of a ledger with their files, reading the trees of a chunk at once."""
    history = iter(history)
    while chunk := list(islice(history, _CHUNK)):
        trees = reader.read([header.tree for header in chunk], limit=_TREE_CAP)
        named = [
            _weigh(reader, *_name_files(_found(tree).data, header.id))
            for header, tree in zip(chunk, trees, strict=True)
        ]
        wanted = [blob for blobs, _ in named for blob in blobs.items()]
        stream = reader.read(
            [object_id for _, object_id in wanted],
            limit=[_CAPS.get(name, _MANIFEST_CAP) for name, _ in wanted],
        )
        for header, (blobs, problem) in zip(chunk, named, strict=True):
            files, too_large = _take(stream, blobs)
            yield LedgerCommit(
                id=header.id,
                tree=header.tree,
                parents=header.parents,
                files=files,
                problem=problem or too_large,
            )


def read_files(repository: Repository, commit: str) -> Mapping[str, bytes]:
    """Return the files of one commit of the ledger."""
    header = CommitHeader(commit, f"{commit}^{{tree}}", ())
    with repository.reader() as reader:
        return next(read_commits(reader, [header])).files


def hides_parent(reader: ObjectReader, commit: str) -> bool:
    """Whether a commit has a parent, whatever Git makes of it, or is too large to tell."""
    found = reader.read_one(commit, limit=_MIB)
    return not (found and found.data) or b"\nparent " in found.data.partition(b"\n\n")[0]


def _name_files(tree: bytes | None, like: str) -> _Named:
    """Return the blobs of a tree by their names, or why it cannot be a record's."""
    try:
        entries = None if tree is None else parse_tree(tree, like=like)
    except ValueError:
        entries = None
    if entries is None:
        return {}, "the tree cannot be read, or is too large"
    blobs = {entry.name: entry.id for entry in entries if entry.mode == "100644"}
    if len(entries) > _MAX_FILES or len(blobs) != len(entries):
        return {}, "the tree has more than a record's plain files"
    if "record" not in blobs:
        return {}, "the tree has no file named record"
    return blobs, None


def _weigh(reader: ObjectReader, blobs: dict[str, str], problem: str | None) -> _Named:
    """Pass over a record with too large a manifest before any byte of its files is read.

    Whoever can push can name the same large blobs in every commit, at no cost of theirs.
    """
    if problem or blobs.keys() <= _CAPS.keys():
        return blobs, problem
    sizes = dict(zip(blobs, map(_found, reader.sizes(list(blobs.values()))), strict=True))
    problem = next(filter(None, starmap(_too_large, sizes.items())), None)
    if not problem and sum(sizes.values()) > _RECORD_CAP:
        problem = "the files of the record are too large together"
    return ({}, problem) if problem else (blobs, None)


def _take(stream: Iterator[GitObject | None], blobs: Mapping[str, str]) -> _Files:
    files, problem = {}, None
    for name in blobs:
        blob = _found(next(stream))
        problem = problem or _too_large(name, blob.size)
        files[name] = blob.data or b""
    return files, problem


def _too_large(name: str, size: int) -> str | None:
    cap = _CAPS.get(name, _MANIFEST_CAP if name.startswith("manifest-") else 0)
    return f"the file {name[:80]!r} is too large, or none of a record" if size > cap else None


def _found(item: T | None) -> T:
    if item is None:
        raise UntrustedError(
            "files of the ledger are not here: this clone is partial, or damaged",
            next_step="clone anew, without --filter; git fsck names what is damaged",
        )
    return item


def check_tree(files: Mapping[str, bytes]) -> None:
    """See that a new record's files are within what every reader takes.

    Raises: InvalidError.
    """
    for name, data in files.items():
        cap = _CAPS.get(name, _MANIFEST_CAP)
        if len(data) > cap:
            raise InvalidError(
                f"{name} has {len(data)} bytes; a record carries at most {cap}",
                next_step="split the folder into several artifacts, or shorten the document",
            )
    if sum(map(len, files.values())) > _RECORD_CAP:
        raise InvalidError(
            f"the lists of files have more than {_RECORD_CAP} bytes together",
            next_step="split the model into several, or pack small files into one",
        )
