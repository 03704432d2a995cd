"""One file at an address of its own, such as `s3://bucket/test.csv`: no remote, and no known size.

An address that comes with a repository gets no secret of the user's (docs/adr/0011), and must name
a place and nothing else. What comes from it is worth what its sha256 says.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from gitreg.artifacts.hashing import CHUNK
from gitreg.artifacts.library import LibrarySource
from gitreg.artifacts.s3 import S3Source
from gitreg.artifacts.settings import RemoteSettings, find_address_problem
from gitreg.artifacts.sources import Patient, Source, Stream
from gitreg.artifacts.store import Store
from gitreg.artifacts.web import WebSource
from gitreg.domain.names import is_path
from gitreg.errors import InvalidError, TransferError, UntrustedError, UsageError

_LARGEST = 1 << 37  # bytes: a server that lies may send without an end


class Opener(Protocol):
    """A kind of remote that opens what is at a path."""

    name: str

    def open_path(self, path: str, offset: int) -> Stream:
        """Open what is at `path`, at `offset` (bytes)."""

    def close(self) -> None:
        """Give up what is being read."""


KINDS: Mapping[str, Callable[[RemoteSettings], Opener]] = {
    "http": WebSource,
    "https": WebSource,
    "s3": S3Source,
    "ssh": LibrarySource,
}


def is_address(text: str) -> bool:
    """Whether a data set is named by an address, and not by a path."""
    return "://" in text


def open_address(url: str, *, own: bool) -> Source:
    """Return a source that has what is at `url`, whatever it is asked for.

    `own` tells an address of the user's from one of a repository's, which may hold no secret.

    Raises: UsageError; UntrustedError.
    """
    folder, _, name = url.rpartition("/")
    scheme = url.partition("://")[0].lower()
    if scheme not in KINDS or not _is_plain(url) or not is_path(name):
        raise UsageError(
            f"this is no address of a data set that gitreg reads: {url}",
            next_step=f"{', '.join(f'{kind}://' for kind in KINDS)} with a host and a file, "
            "nothing after it",
        )
    if not own and (problem := find_address_problem(url)):
        raise UntrustedError(
            f"the address of the data set has {problem}",
            next_step="if it is the one you mean, name it yourself: --data ADDRESS",
        )
    settings = RemoteSettings(name="data", url=folder, kind="the data set in")
    return Patient(_OneFile(KINDS[scheme](settings), name))


def _is_plain(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isprintable() and not set(url) & set("?#\\ ")
    return plain and bool(parts.netloc) and len(parts.path) > 1


class _OneFile:
    """A source whose one file has any name."""

    def __init__(self, opener: Opener, path: str) -> None:
        self.name = f"{opener.name}/{path}"
        self._opener, self._path = opener, path

    def open(self, md5: str, offset: int) -> Stream:
        """Open the file at `offset` (bytes)."""
        del md5
        return self._opener.open_path(self._path, offset)

    def close(self) -> None:
        """Give up what is being read."""
        self._opener.close()


class Committed:
    """A source whose one file is here already: Git had it."""

    def __init__(self, data: bytes, *, name: str) -> None:
        self.name = name
        self._data = data

    def open(self, md5: str, offset: int) -> Stream:
        """Open the file at `offset` (bytes)."""
        del md5
        return io.BytesIO(self._data[offset:])

    def close(self) -> None:
        """Nothing is held open."""


def fetch_file(store: Store, source: Source, *, md5: str = "", sha256: str | None) -> Path:
    """Return the file of a source whose size nobody said, from the store where it has it.

    `sha256` is what it must have; None takes what comes, or what has DVC's `md5` if that is given.

    Raises: InvalidError where it is another one; SetupError; TransferError.
    """
    if sha256 and (found := store.find(sha256, None)):
        return found
    handle, name = tempfile.mkstemp(prefix="new-", dir=store.scratch())
    partial = Path(name)
    try:
        digest = _copy(source, md5, handle)
        if sha256 not in (None, digest):
            raise InvalidError(
                f"{source.name} has changed: it should have sha256:{sha256}",
                next_step="bring back the file that was meant, or name another with --data",
            )
        return store.keep(partial, digest)
    except FileNotFoundError as error:
        raise TransferError(
            f"{source.name} does not have the data set",
            next_step="see who keeps it, or name another with --data",
        ) from error
    except OSError as error:
        raise TransferError(
            f"{source.name} could not be copied to {partial.parent}: {error.strerror or error}",
            next_step="free some space or check the network",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        source.close()


def _copy(source: Source, md5: str, handle: int) -> str:
    """Write all of it, and return its sha256; of DVC's files the md5 is compared as well."""
    sha256, named = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with os.fdopen(handle, "wb") as target, closing(source.open(md5, 0)) as stream:
        while chunk := stream.read(CHUNK):
            if target.tell() + len(chunk) > _LARGEST:
                raise TransferError(
                    f"{source.name} sends more than {_LARGEST >> 30} GiB",
                    next_step="copy it here yourself, and name the copy: --data FILE",
                )
            target.write(chunk)
            sha256.update(chunk)
            if md5:
                named.update(chunk)
    if md5 and named.hexdigest() != md5:
        raise InvalidError(
            f"{source.name} has other bytes for {md5}",
            next_step="dvc push the original, or name another data set with --data",
        )
    return sha256.hexdigest()
