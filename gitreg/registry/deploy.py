"""Deploying what holds a stage to the targets of `deploy.yaml`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from gitreg.artifacts.placing import find_change
from gitreg.deploy import TARGETS, Release
from gitreg.domain.entries import StageEntry, VersionEntry
from gitreg.domain.reference import Reference
from gitreg.domain.target import TargetSettings, Trial
from gitreg.errors import GitregError, NotFoundError, SetupError, UsageError
from gitreg.formats.isolated import Limits
from gitreg.git.worktree import write_file
from gitreg.registry.deploy_outcome import (
    Deployment,
    Outcome,
    check_signer,
    record,
    statements_of,
    wants_record,
)
from gitreg.registry.open import Registry, holders_of, resolve
from gitreg.registry.pull import pull, signed_files
from gitreg.registry.query import ask, find_query
from gitreg.registry.targets import is_changed, read_targets
from gitreg.registry.version import ModelVersion
from gitreg.value import Value, replace


class Assignment(Value):
    """What holds a stage, None where it is vacated, and where that belongs."""

    stage: StageEntry
    version: VersionEntry | None
    targets: tuple[TargetSettings, ...]
    notes: tuple[str, ...] = ()


def find_assignment(registry: Registry, reference: str, target: str | None = None) -> Assignment:
    """Return what the ledger and `deploy.yaml` say of `model@stage`, for one target or for all.

    Raises: UsageError for another reference; NotFoundError; InvalidError; SetupError.
    """
    asked = Reference.parse(reference)
    if asked.stage is None or asked.back:
        raise UsageError(
            f"{reference} is no stage, and only what holds one is deployed",
            next_step=f"gitreg deploy {asked.model}@production; gitreg promote puts it there",
        )
    now = registry.state.stage(asked.model, asked.stage)
    version = resolve(registry.state, reference) if now is None or now.version else None
    assert now is not None  # noqa: S101 resolve has refused a stage that nothing ever entered
    found = read_targets(registry).of(asked.model, asked.stage)
    chosen = tuple(item for item in found if target in (None, item.name))
    if not chosen:
        listed = ", ".join(item.name for item in found)
        raise NotFoundError(
            f"deploy.yaml has no target {target or 'for it'}: {reference}",
            next_step=f"it has {listed}" if found else "docs/deploy.md shows one",
        )
    notes = ("deploy.yaml has changes that are not committed, and do not count",)
    return Assignment(
        stage=now,
        version=version,
        targets=chosen,
        notes=notes if is_changed(registry) else (),
    )


def deploy(
    registry: Registry,
    assignment: Assignment,
    *,
    outcome: Path | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Deployment:
    """Deploy to each target; one that fails stays as it was, and does not stop the others.

    The outcome is signed where the policy has somebody who does; or it is written to the file
    `outcome`, for somebody else to sign.

    Raises: RefusedError and SetupError before anything is deployed where the key at hand may not
    sign; TransferError.
    """
    model = assignment.stage.model
    signs = outcome is None and assignment.version is not None and wants_record(registry, model)
    if signs:
        check_signer(registry, model, key)
    done = _deployment(assignment, _deploy_each(registry, assignment))
    if signs:
        written = record(registry, statements_of(done), key=key, publish=publish)
        done = replace(done, written=written)
    if outcome is not None:
        write_file(outcome, (json.dumps(done.to_dict(), indent=1) + "\n").encode())
    return done


def preview(registry: Registry, assignment: Assignment) -> Deployment:
    """Return what `deploy` would do; nothing is changed, fetched or run."""
    return _deployment(assignment, _preview_each(registry, assignment))


def _deployment(assignment: Assignment, outcomes: Iterator[Outcome]) -> Deployment:
    now, version = assignment.stage, assignment.version
    return Deployment(
        model=now.model,
        version=version.version if version else None,
        stage=now.stage,
        seq=now.seq,
        outcomes=tuple(outcomes),
        notes=assignment.notes,
    )


def _deploy_each(registry: Registry, assignment: Assignment) -> Iterator[Outcome]:
    for settings in assignment.targets:
        try:
            yield _deploy_one(registry, assignment, settings)
        except GitregError as error:
            yield Outcome(
                target=settings.name,
                kind=settings.kind,
                outcome="failed",
                detail=str(error),
                next_step=error.next_step,
            )


def _deploy_one(registry: Registry, assignment: Assignment, settings: TargetSettings) -> Outcome:
    target, model = TARGETS[settings.kind], assignment.stage.model
    if assignment.version is None:
        placed, tried = target.withdraw(settings, model), "nothing is in use there"
    else:
        version = ModelVersion(registry, assignment.version)
        trial = _Trial(version, settings.trial)
        placed = target.deploy(settings, _release(registry, assignment.version, assignment, trial))
        tried = trial.said
    return Outcome(
        target=settings.name,
        kind=settings.kind,
        outcome="succeeded",
        detail=f"{placed.where}: {tried}",
        changed=placed.changed,
        before=placed.before,
        notes=placed.notes,
    )


def _preview_each(registry: Registry, assignment: Assignment) -> Iterator[Outcome]:
    version = assignment.version
    for settings in assignment.targets:
        release = _release(registry, version, assignment, None)
        standing = TARGETS[settings.kind].look(settings, release)
        wanted = version.version if version else None
        same = standing.version == wanted and standing.change is None
        found = standing.change or f"it has {standing.version or 'nothing'}"
        plan = "stays as it is" if same else f"would have {wanted or 'nothing'} in use"
        yield Outcome(
            target=settings.name,
            kind=settings.kind,
            outcome="planned",
            detail=f"{standing.where}: {found}, and {plan}",
            changed=not same,
            before=standing.version,
        )


class _Trial:
    """What a version must pass at a target, and in words what it did pass."""

    def __init__(self, version: ModelVersion, settings: Trial) -> None:
        self.version, self.settings = version, settings
        self.limits = Limits(seconds=settings.seconds, memory=settings.memory_mib << 20)
        self.query = find_query(version) if settings.need != "bytes" else None
        if settings.need == "query" and self.query is None:
            raise SetupError(
                f"there is nothing to ask {version.model} {version.version}, and this target needs "
                "an answer",
                next_step="register a version whose model.yaml has validation.examples, or "
                "signature.inputs; or let deploy.yaml say check: {need: load}",
            )

    def run(self, folder: Path) -> None:
        """Try what is in a folder.

        Raises: InvalidError; RefusedError; SetupError.
        """
        if self.settings.need != "bytes":
            ask(self.version.loadable(folder), self.query, self.limits)

    @property
    def said(self) -> str:
        """What a version has shown that passed."""
        if self.settings.need == "bytes":
            return "bytes as signed; not loaded, as deploy.yaml says"
        if self.query is None:
            return "bytes as signed; loads; not asked, for it has no examples and no signature"
        return f"bytes as signed; loads; answers {self.query.source}"


def _release(
    registry: Registry, version: VersionEntry | None, assignment: Assignment, trial: _Trial | None
) -> Release:
    model, stage = assignment.stage.model, assignment.stage.stage
    number = version.version if version else ""
    holders = (item.version or "" for item in holders_of(registry.state, model, stage))
    entries = {entry.version: entry for entry in registry.state.versions(model)}
    usable = [name for name in dict.fromkeys(holders) if entries[name].yanked is None]

    def change_of(name: str, folder: Path) -> str | None:
        if name not in usable:
            return f"{model} {name} never held {stage}, or is yanked"
        return _find_change(registry, entries[name], folder)

    return Release(
        model=model,
        version=number,
        order=usable,
        known=frozenset(entries),
        place=lambda folder: pull(registry, f"{model}@{number}", output=folder),
        find_change=change_of,
        try_out=trial.run if trial else lambda _: None,
    )


def _find_change(registry: Registry, entry: VersionEntry, folder: Path) -> str | None:
    files = signed_files(registry, entry, ModelVersion(registry, entry).artifacts)
    return find_change(folder, {file.path: file.sha256 for file in files})
