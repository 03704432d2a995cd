"""The ledger's commits as Git has them: their files, read in bulk, and what cannot be a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, islice, starmap
from typing import TypeVar

from gitreg.errors import InvalidError, UntrustedError
from gitreg.git.objects import ObjectReader, parse_tree
from gitreg.git.repository import CommitHeader, Repository
from gitreg.value import Value

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
_ALONG = 64 * 1024
_MAX_FILES = 64
_CHUNK = 128

T = TypeVar("T")
# The blobs of a commit by their names, or why it cannot carry a record.
_Named = tuple[dict[str, str], str | None]


class LedgerCommit(Value):
    """A commit as it was found: `problem` says why it cannot carry a record.

    `files` are those that came along. `large` are the blobs of others by their names: whoever may
    push can name the same large ones in every commit, so `read_large` reads them for records whose
    signer may say such a thing.
    """

    id: str
    tree: str
    parents: tuple[str, ...]
    files: Mapping[str, bytes]
    large: Mapping[str, str]
    problem: str | None = None


def read_chunks(
    reader: ObjectReader, history: Iterable[CommitHeader]
) -> Iterator[list[LedgerCommit]]:
    """Yield the commits of a ledger, many at once, each with its record and what is small of it."""
    history = iter(history)
    while chunk := list(islice(history, _CHUNK)):
        named = list(_name_files(reader, chunk))
        measured = reader.sizes([blob for blobs, _ in named for blob in blobs.values()])
        sizes = map(_found, measured)
        along = [_weigh(blobs, problem, sizes) for blobs, problem in named]
        stream = reader.read([blob for blobs, _ in along for blob in blobs.values()])
        yield [
            LedgerCommit(
                id=header.id,
                tree=header.tree,
                parents=header.parents,
                files={name: _found(next(stream)).data or b"" for name in small},
                large={} if problem else {n: blob for n, blob in blobs.items() if n not in small},
                problem=problem,
            )
            for header, (blobs, _), (small, problem) in zip(chunk, named, along, strict=True)
        ]


def read_large(reader: ObjectReader, commit: LedgerCommit) -> Mapping[str, bytes]:
    """Return all files of a commit, with those that did not come along."""
    stream = reader.read(list(commit.large.values()))
    return {**commit.files, **{name: _found(next(stream)).data or b"" for name in commit.large}}


def read_files(repository: Repository, commit: str) -> Mapping[str, bytes]:
    """Return the files of one commit of the ledger."""
    header = CommitHeader(commit, f"{commit}^{{tree}}", ())
    with repository.reader() as reader:
        [found] = next(read_chunks(reader, [header]))
        return read_large(reader, found)


def hides_parent(reader: ObjectReader, commit: str) -> bool:
    """Whether a commit has a parent, whatever Git makes of it, or is too large to tell."""
    found = reader.read_one(commit, limit=_MIB)
    return not (found and found.data) or b"\nparent " in found.data.partition(b"\n\n")[0]


def _name_files(reader: ObjectReader, chunk: Sequence[CommitHeader]) -> Iterator[_Named]:
    """Yield what each commit's tree names; one that is too large is not read."""
    trees = [header.tree for header in chunk]
    fits = [_found(size) <= _TREE_CAP for size in reader.sizes(trees)]
    stream = reader.read(list(compress(trees, fits)))
    for header, fit in zip(chunk, fits, strict=True):
        yield _name_blobs(_found(next(stream)).data if fit else None, header.id)


def _name_blobs(tree: bytes | None, like: str) -> _Named:
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


def _weigh(blobs: dict[str, str], problem: str | None, sizes: Iterator[int]) -> _Named:
    """Return those blobs that come along, or why none does: nothing too large is ever read."""
    found = dict(zip(blobs, sizes, strict=False))
    problem = problem or next(filter(None, starmap(_too_large, found.items())), None)
    together = sum(found.values())
    if not problem and together > _RECORD_CAP:
        problem = "the files of the record are too large together"
    if problem:
        return {}, problem
    return (blobs if together <= _ALONG else {"record": blobs["record"]}), None


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
