"""What a record that breaks no rule changes: the new entries, for whoever keeps the view."""

from __future__ import annotations

from dataclasses import replace

from gitreg.domain import promotion
from gitreg.domain.case import Case
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


def changes_of(case: Case, person: str) -> tuple[Entry, ...]:
    """Return what the record of `case`, signed by `person`, establishes."""
    record, version = case.record, case.version
    match record.action:
        case "policy":
            return (_policy_in_force(case),)
        case "approve" if record.new_policy:
            return _proposal(case)
        case "approve":
            return (_verdict(case, person),)
        case "register":
            return (_registration(case, person),)
        case "evaluate" if case.attachments.report:
            return (_report(case, person),)
        case "promote" | "vacate":
            return (_stage_change(case, person),)
        case "deprecate" if version:
            return (replace(version, deprecated=record.index),)
        case "yank" if version:
            return (replace(version, yanked=record.index),)
        case "deploy":
            return (_deployment(case, person),)
    return ()


def _policy_in_force(case: Case) -> PolicyEntry:
    record, policy = case.record, case.attachments.policy
    assert policy is not None  # noqa: S101 rule policy-bytes
    registry = case.entry.registry if case.entry else record.registry or ""
    return PolicyEntry(
        digest=record.new_policy or "", policy=policy, index=record.index, registry=registry
    )


def _proposal(case: Case) -> tuple[Entry, ...]:
    record = case.record
    known = case.view.proposal(record.new_policy or "")
    if known is None:
        assert case.attachments.policy is not None  # noqa: S101 rule policy-proposal
        known = ProposalEntry(
            digest=record.new_policy or "",
            base=record.policy,
            policy=case.attachments.policy,
            index=record.index,
        )
    signers = known.signers | {case.signer}
    if record.verdict != "approve":
        signers = known.signers - {case.signer}
    return (replace(known, signers=signers),)


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
    record, document = case.record, case.attachments.model
    return VersionEntry(
        model=case.model,
        version=record.version or "",
        ordinal=case.view.last_ordinal(case.model) + 1,
        commit=record.object,
        path=record.path or ".",
        manifest=record.manifest or "",
        metrics=document.metrics if document else {},
        person=person,
        on_behalf=record.on_behalf,
        time=record.tagger.time,
        index=record.index,
    )


def _report(case: Case, person: str) -> ReportEntry:
    assert case.attachments.report is not None  # noqa: S101 rule measured
    return ReportEntry(
        model=case.model,
        version=case.record.version or "",
        digest=case.record.report or "",
        report=case.attachments.report,
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
        rollback=record.action == "promote" and promotion.is_rollback(case),
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
