"""What a record that breaks no rule changes: the new entries, for whoever keeps the view."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gitreg.domain import policy_change, promotion
from gitreg.domain.case import Case, established
from gitreg.domain.entries import (
    DeployEntry,
    Entry,
    PolicyEntry,
    ProposalEntry,
    ReportEntry,
    StageEntry,
    VerdictEntry,
    VersionEntry,
)
from gitreg.value import replace


def _policy_in_force(case: Case, _person: str) -> PolicyEntry:
    record, before, policy = case.record, case.entry, established(case.attachments.policy)
    entry = PolicyEntry(
        digest=record.new_policy or "",
        policy=policy,
        index=record.index,
        registry=before.registry if before else record.registry or "",
        decided=record.index,
    )
    if before is None or policy_change.missing_root(case) is None:
        return entry
    own = dict.fromkeys(policy_change.changed_entries(before.policy, policy), record.index)
    return replace(entry, decided=before.decided, changed={**before.changed, **own})


def _proposal(case: Case, _person: str) -> ProposalEntry:
    record = case.record
    known = case.view.proposal(record.new_policy or "")
    if known is None:
        known = ProposalEntry(
            digest=record.new_policy or "",
            object=record.object,
            policy=established(case.attachments.policy),
            index=record.index,
        )
    others = known.signers - _keys_of_signer(case, known)
    signers = others | {case.signer} if record.verdict == "approve" else others
    return replace(known, signers=signers)


def _keys_of_signer(case: Case, proposal: ProposalEntry) -> set[str]:
    # People are counted, never keys: who approved with one key may withdraw with another.
    keys = {case.signer}
    for policy in (case.policy, proposal.policy):
        if person := policy.person_of(case.signer):
            keys.update(policy.keys[person])
    return keys


def _verdict(case: Case, person: str) -> VerdictEntry:
    record = case.record
    return VerdictEntry(
        model=case.model,
        version=record.version or "",
        stage=case.stage,
        seq=record.seq or 0,
        report=record.report,
        person=person,
        verdict=record.verdict or "",
        policy=record.policy,
        index=record.index,
    )


def _registration(case: Case, person: str) -> VersionEntry:
    record = case.record
    return VersionEntry(
        model=case.model,
        version=record.version or "",
        ordinal=case.view.last_ordinal(case.model) + 1,
        commit=record.object,
        path=record.path or ".",
        manifest=record.manifest or "",
        metrics=established(case.attachments.model).metrics,
        person=person,
        on_behalf=record.on_behalf,
        time=record.tagger.time,
        index=record.index,
    )


def _report(case: Case, person: str) -> ReportEntry:
    return ReportEntry(
        model=case.model,
        version=case.record.version or "",
        digest=case.record.report or "",
        report=established(case.attachments.report),
        person=person,
        index=case.record.index,
    )


def _stage_change(case: Case, person: str) -> StageEntry:
    record = case.record
    return StageEntry(
        model=case.model,
        stage=case.stage,
        seq=record.seq or 0,
        version=record.version,
        replaces=record.replaces,
        person=person,
        time=record.tagger.time,
        index=record.index,
        rollback=promotion.is_rollback(case),
        reason=record.reason,
    )


def _deployment(case: Case, person: str) -> DeployEntry:
    record = case.record
    return DeployEntry(
        model=case.model,
        version=record.version or "",
        stage=case.stage,
        seq=record.seq or 0,
        target=record.target or "",
        outcome=record.outcome or "",
        person=person,
        index=record.index,
    )


def _deprecation(case: Case, _person: str) -> VersionEntry:
    return replace(established(case.version), deprecated=case.record.index)


def _yanking(case: Case, _person: str) -> VersionEntry:
    return replace(established(case.version), yanked=case.record.index)


_CHANGES: Mapping[str, Callable[[Case, str], Entry]] = {
    "policy": _policy_in_force,
    "approve policy": _proposal,
    "approve": _verdict,
    "register": _registration,
    "evaluate": _report,
    "promote": _stage_change,
    "vacate": _stage_change,
    "deprecate": _deprecation,
    "yank": _yanking,
    "deploy": _deployment,
}


def changes_of(case: Case, person: str) -> tuple[Entry, ...]:
    """Return what the record of `case`, signed by `person`, establishes."""
    change = _CHANGES.get(case.kind)
    return (change(case, person),) if change else ()
