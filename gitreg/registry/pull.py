"""Fetching a version's artifacts, every byte checked against what was signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event

from gitreg.artifacts.download import ensure_file
from gitreg.artifacts.local import LocalSource
from gitreg.artifacts.placing import check_free, place, remove_leftovers
from gitreg.artifacts.remote import open_remote
from gitreg.artifacts.settings import (
    RemoteSettings,
    committed_remote,
    has_remote,
    work_tree_cache,
    work_tree_remote,
)
from gitreg.artifacts.sources import LazySources, Source, Unusable
from gitreg.artifacts.store import Store
from gitreg.domain.entries import VersionEntry
from gitreg.domain.model import Artifact
from gitreg.errors import SetupError, UntrustedError
from gitreg.git.afar import SMALL_FILES, read_afar
from gitreg.git.transfer import fetch
from gitreg.git.worktree import read_at
from gitreg.locking import locked
from gitreg.registry.dvc_folder import check_dvc_folder
from gitreg.registry.metadata import read_artifacts, read_manifest
from gitreg.registry.open import Registry, resolve
from gitreg.value import Value

_WORKERS = 8
_CONFIG = ".dvc/config"


class SignedFile(Value):
    """One file of a version: `path` is relative to the model's folder."""

    path: str
    sha256: str
    md5: str
    size: int


class Pulled(Value):
    """A version's files, verified and in place below `folder`."""

    version: VersionEntry
    folder: Path
    files: tuple[SignedFile, ...]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.version.model,
            "version": self.version.version,
            "folder": str(self.folder),
            "files": [
                {"path": file.path, "sha256": file.sha256, "size": file.size} for file in self.files
            ],
        }


def pull(
    registry: Registry,
    reference: str,
    *,
    output: Path,
    begin: Callable[[int], Callable[[int], object]] = lambda _: lambda _: None,
) -> Pulled:
    """Put the artifacts of a version below `output`, which is made if it is missing.

    `begin` is told of all bytes, and returns what is told of each verified part.

    Raises: UntrustedError where the remote has other bytes; SetupError; TransferError.
    """
    version = resolve(registry.state, reference)
    artifacts = read_artifacts(registry.repository, registry.ledger, version)
    files = tuple(signed_files(registry, version, artifacts))
    folders = [artifact.path for artifact in artifacts if artifact.is_folder]
    output.mkdir(parents=True, exist_ok=True)
    with locked(output):
        remove_leftovers(output, [file.path for file in files])
        check_free(output, {file.path: file.sha256 for file in files}, folders)
        _bring_all(registry, version, files, output, begin(sum(file.size for file in files)))
    return Pulled(version=version, folder=output, files=files)


def _bring_all(
    registry: Registry,
    version: VersionEntry,
    files: Sequence[SignedFile],
    output: Path,
    advance: Callable[[int], object],
) -> None:
    store, sources = Store(), LazySources(lambda: find_sources(registry, version))
    stop = Event()

    def go_on(count: int) -> None:
        if stop.is_set():  # an error or Ctrl-C elsewhere: what is here is resumed next time
            raise CancelledError
        advance(count)

    def bring(file: SignedFile) -> None:
        found = ensure_file(
            store, sources, sha256=file.sha256, md5=file.md5, size=file.size, advance=go_on
        )
        place(output, file.path, found)

    with ThreadPoolExecutor(_WORKERS) as pool:
        outcomes = [pool.submit(bring, file) for file in files]
        try:
            for outcome in as_completed(outcomes):
                outcome.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            sources.close()


def signed_files(
    registry: Registry, version: VersionEntry, artifacts: Sequence[Artifact]
) -> Iterator[SignedFile]:
    """Yield every file that a version's signed manifest names.

    Raises: UntrustedError for names that cannot be placed safely.
    """
    for artifact in artifacts:
        if not artifact.is_folder:
            yield SignedFile(
                path=artifact.path, sha256=artifact.sha256, md5=artifact.md5, size=artifact.size
            )
            continue
        try:
            manifest = read_manifest(registry.repository, registry.ledger, version, artifact)
        except ValueError as error:
            raise UntrustedError(
                f"the manifest of {artifact.path} cannot be placed safely: {error}",
                next_step="register the folder again under names that every system takes",
            ) from error
        for file in manifest.files:
            path = f"{artifact.path}/{file.path}"
            yield SignedFile(path=path, sha256=file.sha256, md5=file.md5, size=file.size)


def find_sources(registry: Registry, version: VersionEntry) -> Iterator[Source]:
    """Yield DVC's cache in the work tree, then the DVC remote, or what tells why there is none."""
    root = None if registry.url else registry.repository.root
    try:
        if root is not None:
            check_dvc_folder(registry.repository)
            yield LocalSource(work_tree_cache(root), "DVC's cache here")
        yield remote_source(registry, version)
    except (SetupError, UntrustedError) as error:
        yield Unusable(error)


def remote_source(registry: Registry, version: VersionEntry) -> Source:
    """Return the DVC remote: as the work tree configures it, else as the version's commit does.

    Raises: SetupError where there is none; UntrustedError.
    """
    url, commit = registry.url, version.commit
    if url and not registry.repository.has_commit(commit):
        config = read_afar(registry.repository, url, _tag_ref(version), commit, _CONFIG)
        return open_remote(committed_remote(config or b"", None))
    return open_remote(remote_settings(registry, commit))


def remote_settings(registry: Registry, commit: str) -> RemoteSettings:
    """Return the DVC remote that the work tree configures, else the one that `commit` does.

    Raises: SetupError where there is none; UntrustedError.
    """
    repository = registry.repository
    root = None if registry.url else repository.root
    if root is not None:
        check_dvc_folder(repository)
        if has_remote(root):
            return work_tree_remote(root)
    return committed_remote(read_at(repository, commit, _CONFIG) or b"", root)


def bring_commit(registry: Registry, version: VersionEntry) -> bool:
    """Whether a version's commit is here; from a URL it is fetched, without its history.

    Raises: TransferError.
    """
    repository = registry.repository
    if registry.url and not repository.has_commit(version.commit):
        fetch(repository, registry.url, [_tag_ref(version)], snapshot=SMALL_FILES)
    return repository.has_commit(version.commit)


def _tag_ref(version: VersionEntry) -> str:
    return f"refs/tags/{version.model}@v{version.version}"
