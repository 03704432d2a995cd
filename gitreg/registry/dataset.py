"""The data set that a version is measured on: where it is, and that it is the one that is meant.

It may be a file, a file that DVC tracks and nobody checked out, a data set of the policy by its
name, or an address. What `model.yaml` names lies in the repository, or has a sha256 beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitreg.artifacts.address import Committed, fetch_file, is_address, open_address
from gitreg.artifacts.hashing import hash_file
from gitreg.artifacts.pointer import parse_pointer, pointer_of, read_pointer
from gitreg.artifacts.store import Store
from gitreg.domain.entries import VersionEntry
from gitreg.domain.names import is_path
from gitreg.errors import GitregError, InvalidError, SetupError, UntrustedError, UsageError
from gitreg.git.worktree import read_at
from gitreg.places import cache_folder
from gitreg.registry.open import Registry
from gitreg.registry.pull import bring_commit, find_sources
from gitreg.value import Value


class Dataset(Value):
    """A data set in a file, whose bytes have this sha256."""

    path: Path
    sha256: str

    @property
    def name(self) -> str:
        """What a report calls it."""
        return self.path.name

    def check_unchanged(self) -> None:
        """See that it is the same file still, after a run.

        Raises: InvalidError.
        """
        _hash(self.path, self.sha256)


def find_dataset(
    registry: Registry,
    version: VersionEntry,
    asked: str | Path | None,
    evaluation: Mapping[str, Any],
) -> Dataset:
    """Return the data set that is asked for, else that of `evaluation:` in a `model.yaml`.

    Raises: InvalidError where it is another one by now; SetupError; TransferError; UntrustedError;
    UsageError.
    """
    finder = _Finder(registry, version)
    if asked is not None:
        path, expected = finder.find_own(str(asked))
    elif "dataset" in evaluation:
        expected = evaluation.get("sha256")
        path = finder.find_theirs(evaluation["dataset"], expected, "model.yaml")
    else:
        raise UsageError(
            "no data set is named",
            next_step="--data FILE, or name it in model.yaml: evaluation.dataset",
        )
    return Dataset(path=path, sha256=_hash(path, expected))


class _Finder:
    """Finds data sets for a version of a registry."""

    def __init__(self, registry: Registry, version: VersionEntry) -> None:
        self._registry = registry
        self._version = version

    def find_own(self, text: str) -> tuple[Path, str | None]:
        """Return the file that the user names, and the sha256 that it must have."""
        if is_address(text):
            return self._fetch_address(text, None, own=True), None
        path = Path(text)
        if not path.is_file() and pointer_of(path).is_file():
            return self._fetch_tracked(path.name, read_pointer(pointer_of(path)), None), None
        policy = self._registry.state.policy()
        if path.is_file() or policy is None or text not in policy.policy.datasets:
            return _existing(path), None
        expected = policy.policy.datasets[text]
        uri = policy.policy.source["datasets"][text].get("uri")
        if uri is None:
            raise SetupError(
                f"the policy does not say where its data set {text} is",
                next_step=f"--data FILE, or give it a uri in gitreg.yaml: datasets.{text}",
            )
        return self.find_theirs(uri, expected, "the policy"), expected

    def find_theirs(self, text: str, expected: str | None, who: str) -> Path:
        """Return the file that the repository names, never one outside of it.

        Raises: UntrustedError.
        """
        if is_address(text):
            if expected is None:
                raise UntrustedError(
                    f"{who} names a data set elsewhere and not its sha256: {text}",
                    next_step="give its sha256 beside it (evaluation.sha256)",
                )
            return self._fetch_address(text, expected, own=False)
        if self._registry.url or self._registry.repository.root is None:
            return self._find_committed(text, expected)
        path = self._registry.root / text
        if not is_path(text) or not all(map(self._is_inside, (path, pointer_of(path)))):
            raise UntrustedError(
                f"the data set of {who} lies outside of the repository: {text}",
                next_step="if that is the one you mean, name it yourself: --data FILE",
            )
        if not path.is_file() and pointer_of(path).is_file():
            return self._fetch_tracked(path.name, read_pointer(pointer_of(path)), expected)
        return _existing(path)

    def _find_committed(self, text: str, expected: str | None) -> Path:
        """Return the file as the version's commit has it: there is no work tree."""
        bring_commit(self._registry, self._version)
        repository, name = self._registry.repository, text.rpartition("/")[2]
        data, pointer = (
            read_at(repository, self._version.commit, path) if is_path(text) else None
            for path in (text, f"{text}.dvc")
        )
        if data is not None:
            source = Committed(data, name=f"{text} of the version's commit")
            return _give_name(fetch_file(Store(), source, sha256=expected), name)
        if pointer is None:
            raise SetupError(
                f"the version's commit has no {text}, nor a {name}.dvc beside it",
                next_step="name another: --data FILE",
            )
        return self._fetch_tracked(name, parse_pointer(pointer, name=f"{text}.dvc"), expected)

    def _is_inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self._registry.root.resolve())

    def _fetch_address(self, url: str, expected: str | None, *, own: bool) -> Path:
        stored = fetch_file(Store(), open_address(url, own=own), sha256=expected)
        return _give_name(stored, url.rpartition("/")[2])

    def _fetch_tracked(self, name: str, md5: str, expected: str | None) -> Path:
        """Return what DVC has of a file that is not checked out."""
        errors: list[GitregError] = []
        for source in find_sources(self._registry, self._version):
            try:
                stored = fetch_file(Store(), source, md5=md5, sha256=expected)
            except GitregError as error:
                errors.append(error)
            else:
                return _give_name(stored, name)
        raise errors[-1]


def _give_name(stored: Path, name: str) -> Path:
    """Return a stored file under a name: its ending tells how it is read."""
    folder = cache_folder() / "datasets" / "".join(stored.parts[-2:])
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (folder / name).symlink_to(stored)
    return folder / name


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise SetupError(
            f"there is no file {path}, nor a {path.name}.dvc beside it",
            next_step="git checkout or dvc pull it, or name another: --data FILE",
        )
    return path


def _hash(path: Path, expected: str | None) -> str:
    """Return the sha256 of the data set.

    Raises: InvalidError where it is another one than expected.
    """
    found = hash_file(path)
    if expected not in (None, found):
        raise InvalidError(
            f"{path} has changed: it has sha256:{found}, and should have sha256:{expected}",
            next_step="restore it (git checkout, dvc checkout), or name another with --data",
        )
    return found
