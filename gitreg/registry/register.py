"""Registering a version: artifacts to DVC, `model.yaml` filled in, a commit, a record, a tag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gitreg.domain.finding import Finding
from gitreg.domain.names import parse_text
from gitreg.locking import locked
from gitreg.registry.committing import show_commit
from gitreg.registry.open import Registry
from gitreg.registry.registration import Registering, Request
from gitreg.registry.writing import Written, record_drafts
from gitreg.value import Value


class Registration(Value):
    """What `register` did: `written.records` is empty where the very same version was there."""

    model: str
    version: str
    commit: str
    written: Written
    notes: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "version": self.version,
            "commit": self.commit,
            **self.written.to_dict(),
            "notes": [note.to_dict() for note in self.notes],
        }


def register(
    registry: Registry,
    request: Request,
    *,
    key: Path | None = None,
    publish: bool = True,
    advance: Callable[[int], object] = lambda _: None,
) -> Registration:
    """Register a version of the model in a folder.

    `advance` is told of artifact bytes as they are hashed.

    Raises: InvalidError for a wrong `model.yaml`; RefusedError; SetupError; TransferError.
    """
    if request.message is not None:
        parse_text(request.message, field="the message")
    repository = registry.repository
    with locked(repository.git_dir):  # each builds on the branch and the files of the one before
        job = Registering(registry, request, key)
        job.prepare(advance, publish=publish)
        written = record_drafts(
            registry,
            job.plan,
            key=key,
            publish=publish,
            before_push=lambda appended: job.push_artifacts() if appended else None,
        )
        notes = show_commit(repository, job.head, job.commit, job.changes)
    return Registration(
        model=job.model,
        version=job.version,
        commit=job.commit,
        written=written,
        notes=(*job.notes, *notes),
    )


class Prepared(Value):
    """A version that waits in a commit for its pull request; `branch` is None when detached."""

    model: str
    version: str
    commit: str
    branch: str | None
    notes: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "version": self.version,
            "commit": self.commit,
            "branch": self.branch,
            "notes": [note.to_dict() for note in self.notes],
        }


def prepare(
    registry: Registry,
    request: Request,
    *,
    key: Path | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Prepared:
    """Do all of `register` but the record: what a pull request brings, and `ci sync` registers.

    Anybody may, for nothing is signed into the ledger. The user's branch is committed to, and
    not pushed.

    Raises: as `register`.
    """
    repository = registry.repository
    with locked(repository.git_dir):
        job = Registering(registry, request, key)
        job.prepare(advance, publish=True)
        is_new = job.propose(registry.ledger)
        job.push_artifacts()
        notes = show_commit(repository, job.head, job.commit, job.changes) if is_new else []
    branch = job.head.branch.removeprefix("refs/heads/") if job.head.branch else None
    return Prepared(
        model=job.model,
        version=job.version,
        commit=job.commit,
        branch=branch,
        notes=(*job.notes, *notes),
    )
