"""The ledger's commits as Git has them: their files, read in bulk, and what cannot be a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gitreg.errors import InvalidError
from gitreg.git.objects import GitObject, ObjectReader, parse_tree

_MIB = 1 << 20
_CAPS = {
    "record": 64 * 1024,
    "model.json": _MIB,
    "policy.yaml": _MIB,
    "report.json": 4 * _MIB,
    "extra.json": _MIB,
}
_MANIFEST_CAP = 64 * _MIB
_MAX_FILES = 64
_CHUNK = 256
_HEADER = re.compile(rb"tree ([0-9a-f]+)\n((?:parent [0-9a-f]+\n)*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerCommit:
    """A commit as it was found: `problem` says why it cannot carry a record."""

    id: str
    raw: bytes
    tree: str
    parents: tuple[str, ...]
    files: Mapping[str, bytes]
    problem: str | None = None


def read_commits(
    reader: ObjectReader, commits: Sequence[str], *, like: str
) -> Iterator[LedgerCommit]:
    """Yield the ledger's commits with their files, read a chunk at a time.

    `like` is any object name of the repository.
    """
    for start in range(0, len(commits), _CHUNK):
        chunk = commits[start : start + _CHUNK]
        raws = [_data(found) for found in reader.read(chunk, limit=_MIB)]
        headers = [
            _header(raw) if raw else ("", _parents_of(reader, commit))
            for commit, raw in zip(chunk, raws, strict=True)
        ]
        # By its name, for Git looks `commit^{tree}` up in twice the time.
        trees = reader.read([tree or like for tree, _ in headers], limit=_MIB)
        named = [_name_files(found.data if found else None, like) for found in trees]
        wanted = [blob for blobs, _ in named for blob in blobs.values()]
        stream = reader.read(wanted, limit=_MANIFEST_CAP)
        for place, commit in enumerate(chunk):
            tree, parents = headers[place]
            blobs, problem = named[place]
            files, missing = _take(stream, blobs)
            yield LedgerCommit(
                id=commit,
                raw=raws[place],
                tree=tree,
                parents=parents,
                files=files,
                problem=problem or missing,
            )


def _data(found: GitObject | None) -> bytes:
    return (found.data if found else None) or b""


def _header(raw: bytes) -> tuple[str, tuple[str, ...]]:
    match = _HEADER.match(raw)
    if match is None:
        return "", ()
    return match[1].decode(), tuple(match[2].decode().split()[1::2])


def _parents_of(reader: ObjectReader, commit: str) -> tuple[str, ...]:
    """Ask Git for the parent of a commit that is too large to read."""
    found = reader.read_one(f"{commit}^1", limit=0)
    return (found.id,) if found else ()


def _name_files(tree: bytes | None, like: str) -> tuple[dict[str, str], str | None]:
    """Return the blobs of a tree by their names, or why it cannot be a record's."""
    try:
        entries = None if tree is None else parse_tree(tree, like=like)
    except ValueError:
        entries = None
    if entries is None:
        return {}, "the commit or its tree cannot be read, or is too large"
    blobs = {entry.name: entry.id for entry in entries if entry.mode == "100644"}
    if len(entries) > _MAX_FILES or len(blobs) != len(entries):
        return {}, "the tree has more than a record's plain files"
    if "record" not in blobs:
        return {}, "the tree has no file named record"
    return blobs, None


def _take(
    stream: Iterator[GitObject | None], blobs: Mapping[str, str]
) -> tuple[dict[str, bytes], str | None]:
    files, problem = {}, None
    for name in blobs:
        blob = next(stream)
        cap = _CAPS.get(name, _MANIFEST_CAP if name.startswith("manifest-") else 0)
        if blob is None or blob.data is None or blob.size > cap:
            problem = f"the file {name[:80]!r} is missing, too large, or none of a record"
        else:
            files[name] = blob.data
    return files, problem


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
