"""A promotion that could come next: what approvers should see, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from gitreg.domain import promotion
from gitreg.domain.canonical import read_json
from gitreg.domain.case import Attachments, Case
from gitreg.domain.claims import FalseClaim, find_false_claims
from gitreg.domain.difference import Difference, differences
from gitreg.domain.entries import ReportEntry, VerdictEntry, VersionEntry
from gitreg.domain.gates import GateResult
from gitreg.domain.names import parse_stage
from gitreg.domain.policy import StagePolicy
from gitreg.domain.record import Record, Tagger
from gitreg.domain.rules import ACTIONS, Broken
from gitreg.errors import RefusedError
from gitreg.git.worktree import read_at
from gitreg.ledger.verified import Ledger
from gitreg.registry.metadata import read_metadata
from gitreg.registry.open import Registry, resolve
from gitreg.registry.promote import draft_promotion
from gitreg.value import Value

Metrics = Mapping[str, Decimal]


class Review(Value):
    """One promotion that could come next, with all that an approver should see.

    `evidence` is the report that a verdict is about, None where there is none; `metrics` and
    `baseline` are the version's and the champion's, from that report or else as claimed, and
    `false_claims` are what that report denies. `changes` are those of `model.yaml` from the
    champion to the version; `since` is the record since which the policy says so about the model;
    `broken` are the rules that stand in the way, whoever promotes.
    """

    version: VersionEntry
    stage: str
    seq: int
    evidence: ReportEntry | None
    champion: str | None
    metrics: Metrics
    baseline: Metrics
    gates: tuple[GateResult, ...]
    false_claims: tuple[FalseClaim, ...]
    changes: tuple[Difference, ...]
    verdicts: tuple[VerdictEntry, ...]
    needed: int
    approvers: tuple[str, ...]
    since: int
    broken: tuple[Broken, ...]

    @property
    def report(self) -> str | None:
        """The digest of the evidence."""
        return self.evidence.digest if self.evidence else None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.version.model,
            "version": self.version.version,
            "stage": self.stage,
            "seq": self.seq,
            "report": f"sha256:{self.report}" if self.report else None,
            "record": self.evidence.index if self.evidence else None,
            "champion": self.champion,
            "metrics": {name: str(value) for name, value in self.metrics.items()},
            "baseline": {name: str(value) for name, value in self.baseline.items()},
            "gates": [result.to_dict() for result in self.gates],
            "false_claims": [claim.to_dict() for claim in self.false_claims],
            "changes": [change.to_dict() for change in self.changes],
            "verdicts": [
                {"person": item.person, "verdict": item.verdict, "record": item.index}
                for item in self.verdicts
            ],
            "needed": self.needed,
            "approvers": list(self.approvers),
            "broken": [{"rule": item.rule, "what": item.what} for item in self.broken],
        }


def review(registry: Registry, reference: str, *, stage: str) -> Review:
    """Return what a verdict on promoting the version to `stage` would be about.

    Raises: NotFoundError; RefusedError where the policy does not have the stage.
    """
    ledger, state = registry.ledger, registry.state
    version = resolve(state, reference)
    case = next_promotion(ledger, version, parse_stage(stage))
    rules = case.stage_policy
    if rules is None:
        raise RefusedError(
            f"{version.model} has no stage {stage}",
            rule="right",
            next_step="gitreg policy show has the stages",
        )
    report = promotion.evidence(case, rules)
    holder = state.champion(version.model, stage)
    champion = state.version(version.model, holder) if holder else None
    measured = report.report.champion if report else None
    claimed = champion.metrics if champion else {}
    again = promotion.is_rollback(case)
    involved = promotion.involved_people(case, version)
    return Review(
        version=version,
        stage=stage,
        seq=case.record.seq or 0,
        evidence=report,
        champion=holder,
        metrics=report.report.challenger.metrics if report else version.metrics,
        baseline=(measured.metrics if measured else {}) if report else claimed,
        gates=() if again else promotion.gate_results(case),
        false_claims=_false_claims(registry, version, report) if report else (),
        changes=_changes(registry, champion, version),
        verdicts=standing(case, rules),
        needed=rules.rollback_approvals if again else rules.approve.count,
        approvers=tuple(sorted(person for person in rules.approve.by if person not in involved)),
        since=policy_since(case),
        broken=tuple(_broken(case)),
    )


def next_promotion(ledger: Ledger, version: VersionEntry, stage: str) -> Case:
    """Return the promotion that could come next, as the state machine would look at it."""
    state = ledger.state
    head, policy = ledger.records[-1], state.policy()
    draft = draft_promotion(state, version, stage)
    record = Record(
        object=version.commit,
        tagger=Tagger(name="nobody", email="", time=0),
        index=head.record.index + 1,
        prev=head.digest,
        policy=policy.digest if policy else "",
        action="promote",
        **draft.fields,
    )
    return Case(view=state, record=record, signer="", attachments=Attachments(), entry=policy)


def _broken(case: Case) -> Iterator[Broken]:
    for rule, check in ACTIONS["promote"]:
        if what := check(case):
            yield Broken(rule=rule, what=what)


def policy_since(case: Case) -> int:
    """Return the record since which all that governs the model is in force."""
    return case.entry.since(case.model) if case.entry else 0


def standing(case: Case, rules: StagePolicy) -> tuple[VerdictEntry, ...]:
    """Return who decided on this very promotion, each person's newest verdict, in their order."""
    return tuple(sorted(promotion.standing_verdicts(case, rules), key=lambda item: item.index))


def _false_claims(
    registry: Registry, version: VersionEntry, evidence: ReportEntry
) -> tuple[FalseClaim, ...]:
    repository, ledger = registry.repository, registry.ledger
    data = read_at(repository, ledger.records[evidence.index].commit, "report.json") or b"{}"
    metadata = read_metadata(repository, ledger, version)
    return find_false_claims(metadata, version.metrics, read_json(data))


def _changes(
    registry: Registry, champion: VersionEntry | None, version: VersionEntry
) -> tuple[Difference, ...]:
    if champion is None:
        return ()
    before, after = (_metadata(registry, entry) for entry in (champion, version))
    return tuple(differences(before, after))


def _metadata(registry: Registry, entry: VersionEntry) -> dict[str, Any]:
    """Return `model.yaml` with each artifact by its path, so that one that changed stands alone."""
    metadata = read_metadata(registry.repository, registry.ledger, entry)
    artifacts = {artifact.pop("path"): artifact for artifact in metadata["artifacts"]}
    return {**metadata, "artifacts": artifacts}
