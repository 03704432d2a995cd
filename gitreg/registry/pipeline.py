"""The pipelines of a version's commit: its `dvc.lock` files, and the `.dvc` files of artifacts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from functools import cached_property

from gitreg import yaml12
from gitreg.domain.entries import VersionEntry
from gitreg.domain.lineage import Gathering
from gitreg.domain.pipeline import File, Step, add_pipeline, read_lock, read_tracked
from gitreg.errors import InvalidError
from gitreg.git.objects import ObjectReader
from gitreg.git.repository import Repository
from gitreg.git.worktree import read_all_at

_LARGEST = 1 << 20  # bytes of one file
_MAX_BYTES = 4 << 20  # of all `dvc.lock` of a commit: reading them takes seconds already
_LOCK = "dvc.lock"


class Pipelines:
    """What DVC's files in the commit of one version say; what cannot be read is told."""

    def __init__(
        self,
        repository: Repository,
        reader: ObjectReader,
        version: VersionEntry,
        gathering: Gathering,
    ) -> None:
        self._repository = repository
        self._reader = reader
        self._version = version
        self._gathering = gathering

    def add(self, made: File, *, depth: int) -> None:
        """Take in the steps that made a file, else the `.dvc` file that tracks it."""
        if not add_pipeline(self._gathering, made.id, made, self._steps, depth=depth):
            tracked = self._read_tracked(f"{made.path}.dvc")
            add_pipeline(self._gathering, made.id, made, tracked, depth=depth)

    @cached_property
    def _steps(self) -> Sequence[Step]:
        """The steps of every `dvc.lock` of the commit."""
        steps: list[Step] = []
        left = _MAX_BYTES
        for path, data in self._locks():
            left -= len(data)
            if left < 0:
                what = f"the locks of the commit have over {_MAX_BYTES} bytes; the rest is left out"
                self._gathering.tell("warning", "lineage.cut", path, what)
                break
            steps += self._read_lock(path, data)
        return steps

    def _read_tracked(self, path: str) -> Sequence[Step]:
        data = self._read(path)
        if data is None:
            return ()
        try:
            return (read_tracked(yaml12.load(data, name=path).value, file=path),)
        except (InvalidError, ValueError) as error:
            self._tell_unreadable(path, error)
            return ()

    def _locks(self) -> Iterator[tuple[str, bytes]]:
        commit = self._version.commit
        for path, data in read_all_at(self._repository, commit, _LOCK, limit=_LARGEST):
            if posixpath.basename(path) == _LOCK:
                yield path, data

    def _read_lock(self, path: str, data: bytes) -> list[Step]:
        beside = posixpath.join(posixpath.dirname(path), "dvc.yaml")
        definition = None
        try:
            definition = yaml12.load(self._read(beside) or b"", name=beside).value
        except InvalidError as error:
            self._tell_unreadable(beside, error)
        try:
            lock = yaml12.load(data, name=path).value
            return read_lock(lock, definition, file=path)
        except (InvalidError, ValueError) as error:
            self._tell_unreadable(path, error)
            return []

    def _read(self, path: str) -> bytes | None:
        found = self._reader.read_one(f"{self._version.commit}:{path}", limit=_LARGEST)
        return found.data if found and found.kind == "blob" else None

    def _tell_unreadable(self, path: str, error: Exception) -> None:
        self._gathering.tell(
            "warning",
            "lineage.unreadable",
            path,
            f"it is not as DVC writes it: {error}",
            next_step="see it with git show COMMIT:PATH; what it says is left out",
        )
