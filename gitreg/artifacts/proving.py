"""Seeing that a remote has an artifact's very bytes, without keeping them.

Of a folder nothing but its digest may be known yet: DVC's listing says which files to look at, and
what was read of them decides whether it is that folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing

from gitreg.artifacts.download import check_file
from gitreg.artifacts.hashing import CHUNK
from gitreg.artifacts.sources import Source
from gitreg.domain.canonical import read_json
from gitreg.domain.manifest import Manifest, ManifestFile, check_paths
from gitreg.domain.model import Artifact
from gitreg.errors import TransferError, UntrustedError

_LONGEST = 64 << 20  # bytes of a folder's listing


def prove(
    source: Source, artifact: Artifact, *, advance: Callable[[int], object] = lambda _: None
) -> Manifest | None:
    """Read an artifact from `source` and see that it is what its sha256 says; a folder's manifest.

    Raises: UntrustedError where other bytes are there; TransferError where some are missing.
    """
    try:
        if artifact.is_folder:
            return _prove_folder(source, artifact, advance)
        wrong = check_file(
            source, sha256=artifact.sha256, md5=artifact.md5, size=artifact.size, advance=advance
        )
    except FileNotFoundError:
        wrong = "it is missing"
    except OSError as error:
        raise TransferError(
            f"{source.name}: {error.strerror or error}",
            next_step="check the network, and try again",
        ) from error
    if wrong == "it is missing":
        raise TransferError(
            f"{source.name} does not have the artifact {artifact.path} ({artifact.md5})",
            next_step="who prepared it brings it there: dvc push",
        )
    if wrong:
        raise _other(source, artifact, wrong)
    return None


def _prove_folder(source: Source, artifact: Artifact, advance: Callable[[int], object]) -> Manifest:
    files, left = [], artifact.size
    for path, md5 in _read_listing(source, artifact):
        digest, size = hashlib.sha256(), 0
        with closing(source.open(md5, 0)) as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > left:
                    raise _other(source, artifact, f"it has more than {artifact.size} bytes")
                digest.update(chunk)
                advance(len(chunk))
        left -= size
        files.append(ManifestFile(digest.hexdigest(), md5, size, path))
    manifest = Manifest.of(files)
    if manifest.digest() != artifact.sha256:
        raise _other(source, artifact, "its sha256 is another")
    return manifest


def _read_listing(source: Source, artifact: Artifact) -> list[tuple[str, str]]:
    """Return path and md5 of each file, as DVC lists them."""
    data = bytearray()
    with closing(source.open(artifact.md5, 0)) as file:
        while len(data) <= _LONGEST and (chunk := file.read(CHUNK)):
            data += chunk
    try:
        entries = read_json(bytes(data))
        if not isinstance(entries, list) or len(entries) != artifact.files:
            raise ValueError("it lists another number of files")  # noqa: TRY301 one answer to all
        found = [(str(entry["relpath"]), str(entry["md5"])) for entry in entries]
        check_paths(path for path, _ in found)
        if not all(_is_md5(md5) for _, md5 in found):
            raise ValueError("an md5 in it is none")  # noqa: TRY301 as above
    except (ValueError, KeyError, TypeError) as error:
        raise _other(source, artifact, f"its listing cannot be read: {error}") from error
    return found


def _is_md5(text: str) -> bool:
    return len(text) == 32 and all(letter in "0123456789abcdef" for letter in text)


def _other(source: Source, artifact: Artifact, what: str) -> UntrustedError:
    return UntrustedError(
        f"{source.name} has other bytes for {artifact.path} than model.yaml says: {what}",
        next_step="prepare the version again from the right files, or find who changed the remote",
    )
