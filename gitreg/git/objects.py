"""Git objects as bytes: many read by one process, several written by one.

Formats: gitformat-pack(5) for writing; `git cat-file --batch` for reading.
"""

from __future__ import annotations

import hashlib
import struct
import subprocess
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import repeat
from pathlib import Path
from typing import IO, NamedTuple, Self, cast

from gitreg.domain.canonical import git_object_id
from gitreg.errors import SetupError
from gitreg.git.process import command, environment, run_git

# A pipe holds 64 KiB: a request below that never blocks on a Git that is itself blocked.
_REQUEST = 32 * 1024
_BUFFER = 64 * 1024
_PACK_TYPES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


class GitObject(NamedTuple):
    """One object; `data` is None where it is larger than the reader was told to take.

    A tuple, for a ledger has three or more a record, and a value takes longer to make
    than the object takes to read.
    """

    id: str
    kind: str
    size: int
    data: bytes | None


class _CatFile:
    """One running `git cat-file`: it takes names, a line each, and answers each in turn."""

    def __init__(self, how: str, folder: Path, extra: Mapping[str, str] | None) -> None:
        self._process = subprocess.Popen(
            command(["cat-file", how]),
            bufsize=_BUFFER,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(extra),
        )
        self._requests = cast("IO[bytes]", self._process.stdin)
        self.answers = cast("IO[bytes]", self._process.stdout)

    def ask(self, names: Sequence[str]) -> Iterator[bytes]:
        """Yield the first line of each answer; the rest of it is to be read from `answers`."""
        lines = [name.encode() + b"\n" for name in names]
        together = max(1, _REQUEST // max(map(len, lines), default=1))
        for start in range(0, len(lines), together):
            request = lines[start : start + together]
            self._requests.write(b"".join(request))
            self._requests.flush()
            for _ in request:
                yield self.answers.readline()

    def end(self) -> None:
        """Let it end."""
        self._requests.close()
        self.answers.close()
        self._process.wait()


class ObjectReader(AbstractContextManager["ObjectReader"]):
    """The objects of one repository, asked for again and again of the same process."""

    def __init__(self, folder: Path, extra: Mapping[str, str] | None = None) -> None:
        self._folder, self._extra = folder, extra
        self._contents = _CatFile("--batch", folder, extra)
        self._sizes: _CatFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._contents.end()
        if self._sizes:
            self._sizes.end()

    def read(
        self, names: Sequence[str], *, limit: int | Iterable[int] = 1 << 62
    ) -> Iterator[GitObject | None]:
        """Yield the object of each name, in order; None where there is no such object.

        Objects of more than `limit` bytes (of all, or one for each) are passed over without
        being kept.
        """
        limits = repeat(limit) if isinstance(limit, int) else limit
        for line, most in zip(self._contents.ask(names), limits, strict=False):
            yield self._read_answer(line, most)

    def read_one(self, name: str, *, limit: int = 1 << 62) -> GitObject | None:
        """Return one object, or None."""
        return next(self.read([name], limit=limit))

    def sizes(self, names: Sequence[str]) -> list[int | None]:
        """Return the size of each object in bytes, without reading it; None where there is none."""
        self._sizes = self._sizes or _CatFile(
            "--batch-check=%(objectsize)", self._folder, self._extra
        )
        lines = [line.strip() for line in self._sizes.ask(names)]
        if b"" in lines:
            raise self._ended()
        return [int(line) if line.isdigit() else None for line in lines]

    def ids(self, names: Sequence[str]) -> list[str | None]:
        """Return what each name (such as `COMMIT:PATH`) names, without reading it; or None."""
        asked = _CatFile("--batch-check=%(objectname)", self._folder, self._extra)
        try:
            lines = [line.split() for line in asked.ask(names)]
        finally:
            asked.end()
        if [] in lines:
            raise self._ended()
        return [words[0].decode() if len(words) == 1 else None for words in lines]

    def _read_answer(self, line: bytes, limit: int) -> GitObject | None:
        words = line.split()
        if len(words) != 3 or not words[2].isdigit():
            if not line:
                raise self._ended()
            return None
        answers, size = self._contents.answers, int(words[2])
        data = None
        if size <= limit:
            data = answers.read(size)
        else:
            self._skip(size)
        if answers.read(1) != b"\n":
            raise self._ended()
        return GitObject(words[0].decode(), words[1].decode(), size, data)

    def _skip(self, size: int) -> None:
        while size and (passed := self._contents.answers.read(min(size, 1 << 20))):
            size -= len(passed)

    def _ended(self) -> SetupError:
        return SetupError(
            f"Git cannot read {self._folder}: an object is damaged, or the clone is partial",
            next_step="git fsck names what is damaged; or clone anew, without --filter",
        )


def write_objects(folder: Path, objects: Sequence[tuple[str, bytes]], *, like: str) -> list[str]:
    """Store `(kind, bytes)` objects, all by one process, and return their names.

    `like` is any object name of the repository: it tells which hash it uses.
    """
    run_git(["unpack-objects", "-q"], folder=folder, stdin=pack_objects(objects, like=like))
    return [git_object_id(kind, data, like=like) for kind, data in objects]


def pack_objects(objects: Sequence[tuple[str, bytes]], *, like: str) -> bytes:
    """Return a pack of `(kind, bytes)` objects; `like` is as for `write_objects`."""
    parts = [b"PACK" + struct.pack(">II", 2, len(objects))]
    for kind, data in objects:
        parts.append(_pack_header(_PACK_TYPES[kind], len(data)) + zlib.compress(data, 1))
    body = b"".join(parts)
    digest = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return body + digest(body).digest()


def _pack_header(kind: int, size: int) -> bytes:
    byte, size = (kind << 4) | (size & 15), size >> 4
    header = bytearray()
    while size:
        header.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    header.append(byte)
    return bytes(header)


class TreeEntry(NamedTuple):
    """One name in a tree; `mode` as Git spells it, such as 100644 or 40000."""

    mode: str
    name: str
    id: str


def parse_tree(data: bytes, *, like: str) -> list[TreeEntry]:
    """Read the bytes of a tree object.

    Raises: ValueError for bytes that are no tree.
    """
    width, entries, start = len(like) // 2, [], 0
    while start < len(data):
        space = data.index(b" ", start)
        end = data.index(b"\0", space)
        object_id = data[end + 1 : end + 1 + width]
        if len(object_id) != width:
            raise ValueError("the tree ends within an object's name")
        name = data[space + 1 : end].decode("utf-8", "surrogateescape")
        entries.append(TreeEntry(data[start:space].decode("ascii"), name, object_id.hex()))
        start = end + 1 + width
    return entries


def tree_bytes(entries: Sequence[TreeEntry]) -> bytes:
    """Return the bytes of a tree object, entries in Git's order."""

    def order(entry: TreeEntry) -> bytes:
        name = entry.name.encode("utf-8", "surrogateescape")
        return name + b"/" if entry.mode == "40000" else name

    return b"".join(
        entry.mode.encode()
        + b" "
        + entry.name.encode("utf-8", "surrogateescape")
        + b"\0"
        + bytes.fromhex(entry.id)
        for entry in sorted(entries, key=order)
    )
