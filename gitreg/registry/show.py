"""Everything about one version: its metadata, its stages, and who signed what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitreg.domain.entries import DeployEntry, StageEntry, VerdictEntry, VersionEntry
from gitreg.domain.state import State
from gitreg.registry.metadata import read_metadata
from gitreg.registry.open import Registry, resolve
from gitreg.registry.statement import Statement, statements
from gitreg.value import Value


class VersionView(Value):
    """One version in full."""

    entry: VersionEntry
    stages: Sequence[str]
    verdicts: Sequence[VerdictEntry]
    metadata: Mapping[str, Any]
    changes: Sequence[StageEntry]
    statements: Sequence[Statement]
    deployments: Sequence[DeployEntry] = ()

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        entry = self.entry
        return {
            "model": entry.model,
            "version": entry.version,
            "ordinal": entry.ordinal,
            "commit": entry.commit,
            "path": entry.path,
            "manifest": f"sha256:{entry.manifest}",
            "registered_by": entry.person,
            "time": entry.time,
            "deprecated": entry.deprecated is not None,
            "yanked": entry.yanked is not None,
            "stages": list(self.stages),
            "verdicts": [
                {
                    "stage": item.stage,
                    "seq": item.seq,
                    "person": item.person,
                    "verdict": item.verdict,
                    "record": item.index,
                }
                for item in self.verdicts
            ],
            "deployments": [
                {
                    "stage": item.stage,
                    "seq": item.seq,
                    "target": item.target,
                    "outcome": item.outcome,
                    "person": item.person,
                    "record": item.index,
                }
                for item in self.deployments
            ],
            "metadata": dict(self.metadata),
            "records": [statement.to_dict() for statement in self.statements],
        }


def show(registry: Registry, reference: str) -> VersionView:
    """Return what there is to know about a version; a yanked one is shown when asked for exactly.

    Raises: UsageError; NotFoundError where the reference names nothing.
    """
    state = registry.state
    entry = resolve(state, reference, with_yanked=True)
    return VersionView(
        entry=entry,
        stages=state.held_stages(entry.model, entry.version),
        verdicts=_open_verdicts(state, entry),
        metadata=read_metadata(registry.repository, registry.ledger, entry),
        changes=state.changes_of(entry.model, entry.version),
        statements=statements(registry, entry.model, entry.version),
        deployments=list(newest_outcomes(state, entry)),
    )


def newest_outcomes(state: State, entry: VersionEntry) -> Iterable[DeployEntry]:
    """Return what was signed last of each place that the version was deployed to."""
    mine = (item for item in state.deploys(entry.model) if item.version == entry.version)
    return {(item.stage, item.seq, item.target): item for item in mine}.values()


def _open_verdicts(state: State, entry: VersionEntry) -> list[VerdictEntry]:
    """Return the verdicts on what could come next: the version entering each stage."""
    if not state.has_verdicts(entry.model, entry.version):
        return []
    from gitreg.domain.promotion import next_seq  # few versions wait for a verdict

    policy = state.policy()
    rules = policy.policy.for_model(entry.model) if policy else None
    return [
        verdict
        for stage in (rules.stages if rules else ())
        for verdict in state.verdicts(
            entry.model, entry.version, stage, next_seq(state.stage(entry.model, stage))
        )
        if policy and verdict.index > policy.index
    ]
