"""Downloading one file: checked by size and sha256 while it streams, resumed after a cut."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import IO

from gitreg.artifacts.hashing import CHUNK
from gitreg.artifacts.sources import Source, Stream
from gitreg.artifacts.store import Store
from gitreg.errors import GitregError, SetupError, TransferError, UntrustedError

Advance = Callable[[int], object]


def ensure_file(
    store: Store, sources: Iterable[Source], *, sha256: str, md5: str, size: int, advance: Advance
) -> Path:
    """Return the verified file of this sha256 from the store, fetched from a source if need be.

    `advance` is told of bytes as they are verified.

    Raises: UntrustedError where all that the sources have are other bytes; TransferError.
    """
    if found := store.find(sha256, size, advance=advance):
        return found
    errors: list[GitregError] = []
    for source in sources:
        try:
            return _download(store, source, sha256=sha256, md5=md5, size=size, advance=advance)
        except FileNotFoundError:
            errors.append(
                TransferError(
                    f"{source.name} does not have {md5}",
                    next_step="who registered it brings it there: gitreg push, or dvc push",
                )
            )
        except (SetupError, TransferError, UntrustedError) as error:
            errors.append(error)
    worst = [error for error in errors if isinstance(error, UntrustedError)] or errors
    if worst:
        raise worst[-1]
    raise SetupError(
        "there is nowhere to fetch artifacts from",
        next_step="dvc remote add -d storage URL-or-PATH, and commit .dvc/config",
    )


def check_file(source: Source, *, sha256: str, md5: str, size: int, advance: Advance) -> str | None:
    """Read a file from `source` without keeping it; return what is wrong with it, or None.

    Raises: TransferError where the source could not be reached.
    """
    digest, count = hashlib.sha256(), 0
    try:
        with closing(source.open(md5, 0)) as file:
            while chunk := file.read(CHUNK):
                count += len(chunk)
                if count > size:
                    return f"it has more than the {size} signed bytes"
                digest.update(chunk)
                advance(len(chunk))
    except FileNotFoundError:
        return "it is missing"
    if count < size:
        return f"it has {count} of the {size} signed bytes"
    return None if digest.hexdigest() == sha256 else "its sha256 is not the signed one"


def _download(
    store: Store, source: Source, *, sha256: str, md5: str, size: int, advance: Advance
) -> Path:
    partial = store.partial(sha256)
    try:
        with _open_locked(partial) as target:
            if found := store.find(sha256, size):  # another process was faster
                partial.unlink()
                return found
            digest = _resume(target, sha256, size, advance)
            begun = target.tell()
            _go_on(source, target, digest, md5=md5, size=size, advance=advance)
            if begun and target.tell() >= size and digest.hexdigest() != sha256:
                digest = _begin_anew(target, advance)  # the beginning may be another source's
                _go_on(source, target, digest, md5=md5, size=size, advance=advance)
            actual = target.tell()
            if actual == size and digest.hexdigest() == sha256:
                return store.keep(partial, sha256)
            if actual >= size:
                partial.unlink()
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise TransferError(
            f"{source.name} could not be copied to {partial.parent}: {error.strerror or error}",
            next_step="free some space or check the network; the next pull goes on from there",
        ) from error
    if actual < size:
        raise TransferError(
            f"{source.name} gave {actual} of {size} bytes of {md5}",
            next_step="run the same command again: it goes on from there",
        )
    raise UntrustedError(
        f"{source.name} has other bytes for {md5} than were signed (sha256 {sha256[:12]}…)",
        next_step="find who changed the DVC remote, and dvc push the originals",
    )


def _go_on(
    source: Source,
    target: IO[bytes],
    digest: hashlib._Hash,
    *,
    md5: str,
    size: int,
    advance: Advance,
) -> None:
    """Copy what `target` lacks."""
    if target.tell() < size:
        with closing(source.open(md5, target.tell())) as file:
            _copy(file, target, digest, size, advance)


def _open_locked(partial: Path) -> IO[bytes]:
    """Open a partial file that nobody else writes to, and that still has its name."""
    import fcntl

    while True:
        file = partial.open("a+b", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), partial.stat()):
                return file
        file.close()  # whoever held it has given it its name


def _resume(target: IO[bytes], sha256: str, size: int, advance: Advance) -> hashlib._Hash:
    """Hash what an earlier download left; what cannot become the file is thrown away."""
    digest = hashlib.sha256()
    target.seek(0)
    done = 0
    while chunk := target.read(CHUNK):
        digest.update(chunk)
        done += len(chunk)
        advance(len(chunk))
    if done > size or (done == size and digest.hexdigest() != sha256):
        return _begin_anew(target, advance)
    return digest


def _begin_anew(target: IO[bytes], advance: Advance) -> hashlib._Hash:
    advance(-target.tell())
    target.truncate(0)
    target.seek(0)
    return hashlib.sha256()


def _copy(
    source: Stream, target: IO[bytes], digest: hashlib._Hash, size: int, advance: Advance
) -> None:
    """Copy at most one byte more than `size`, hashing one chunk while the next one is read."""
    remaining = size + 1 - target.tell()
    with ThreadPoolExecutor(1) as hasher:
        pending: Future[None] | None = None
        while remaining > 0 and (chunk := source.read(min(CHUNK, remaining))):
            if pending is not None:
                pending.result()
            pending = hasher.submit(digest.update, chunk)
            _write_all(target, chunk)
            remaining -= len(chunk)
            advance(len(chunk))
        if pending is not None:
            pending.result()


def _write_all(target: IO[bytes], chunk: bytes) -> None:
    """Write every byte: a nearly full disk takes a part, and the error comes with the rest."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[target.write(rest) :]
