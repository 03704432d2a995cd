"""What a version said of itself when it was registered, from the ledger's own copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitreg.domain.canonical import loads, sha256
from gitreg.domain.entries import VersionEntry
from gitreg.errors import UntrustedError
from gitreg.git.repository import Repository
from gitreg.ledger.verified import Ledger

if TYPE_CHECKING:
    from gitreg.domain.manifest import Manifest
    from gitreg.domain.model import Artifact


def read_metadata(repository: Repository, ledger: Ledger, entry: VersionEntry) -> dict[str, Any]:
    """Return a version's `model.json`; it was verified with the ledger."""
    data = ledger.document(entry)
    if data is None:
        from gitreg.git.worktree import read_at  # the index has all but what is newer than it

        data = read_at(repository, ledger.records[entry.index].commit, "model.json")
    value: dict[str, Any] = loads(data or b"{}")
    return value


def read_manifest(
    repository: Repository, ledger: Ledger, entry: VersionEntry, artifact: Artifact
) -> Manifest:
    """Return the signed list of a folder artifact's files.

    Raises: ValueError for one that cannot be placed safely.
    """
    from gitreg.domain.manifest import Manifest
    from gitreg.git.worktree import read_at

    commit = ledger.records[entry.index].commit
    return Manifest.parse(read_at(repository, commit, f"manifest-{artifact.sha256}") or b"")


def read_artifacts(repository: Repository, ledger: Ledger, entry: VersionEntry) -> list[Artifact]:
    """Return a version's artifacts."""
    from gitreg.domain.model import ModelDocument

    return list(ModelDocument.from_dict(read_metadata(repository, ledger, entry)).artifacts)


def artifact_md5s(repository: Repository, ledger: Ledger, entry: VersionEntry) -> list[str]:
    """Return DVC's names of all the files of a version, each folder after its files."""
    md5s: list[str] = []
    for artifact in read_artifacts(repository, ledger, entry):
        if artifact.is_folder:
            manifest = read_manifest(repository, ledger, entry, artifact)
            md5s += [file.md5 for file in manifest.files]
        md5s.append(artifact.md5)
    return md5s


def read_signed(
    repository: Repository, ledger: Ledger, name: str, signed: Mapping[int, str]
) -> dict[int, bytes]:
    """Return the file `name` of each record in `signed`, which has the sha256 given there.

    Raises: UntrustedError where the repository changed since the ledger was verified.
    """
    names = [f"{ledger.records[index].commit}:{name}" for index in signed]
    files = {}
    with repository.reader() as reader:
        for index, found in zip(signed, reader.read(names), strict=True):
            if found is None or found.data is None or sha256(found.data) != signed[index]:
                raise UntrustedError(
                    f"{name} of record {index} is not what was signed",
                    next_step="git fsck shows what is damaged; clone it anew",
                )
            files[index] = found.data
    return files
