"""Rule 8: what it takes to enter a stage, and what an approval of that is about."""

from __future__ import annotations

from gitreg.domain.case import Case, established
from gitreg.domain.entries import ReportEntry, StageEntry, VerdictEntry, VersionEntry
from gitreg.domain.gates import GateResult, check_gates
from gitreg.domain.policy import StagePolicy
from gitreg.domain.report import Figures


def next_seq(entry: StageEntry | None) -> int:
    """Return the number that the stage's next change has."""
    return entry.seq + 1 if entry else 1


def is_rollback(case: Case) -> bool:
    """Whether the record brings back the version that held the stage just before."""
    now = case.view.stage(case.model, case.stage)
    if now is None or now.version is None:
        return False
    before = case.view.stage_before(now)
    return before is not None and before.version == case.record.version


def evidence(case: Case, stage: StagePolicy) -> ReportEntry | None:
    """Return the version's newest report on the data that the stage's gates name."""
    data = case.policy.datasets[stage.data] if stage.data else None
    return case.view.newest_report(case.model, case.record.version or "", data)


def check_registered(case: Case) -> str | None:
    """The version is registered, and the record is about the same commit and manifest."""
    version = case.version
    if version is None:
        return f"{case.spelled} is not registered"
    if version.yanked is not None:
        return f"{case.spelled} is yanked (record {version.yanked})"
    if case.record.object != version.commit:
        return f"the record points at another commit than {case.spelled}"
    if case.record.manifest is not None and case.record.manifest != version.manifest:
        return f"the Manifest is not the one that {case.spelled} was registered with"
    return None


def check_seq(case: Case) -> str | None:
    """`Seq` is the stage's next, so that stale clones cannot collide."""
    expected = next_seq(case.view.stage(case.model, case.stage))
    if case.record.seq != expected:
        return f"the next change of {case.stage} is number {expected}, not {case.record.seq}"
    return None


def check_replaces(case: Case) -> str | None:
    """`Replaces` is what holds the stage now."""
    now = case.view.stage(case.model, case.stage)
    holder = now.version if now else None
    if case.record.replaces != holder:
        return (
            f"{case.stage} is held by {holder or 'none'}, not by {case.record.replaces or 'none'}"
        )
    if case.record.version is not None and case.record.version == holder:
        return f"{case.spelled} holds {case.stage} already"
    return None


def check_after(case: Case) -> str | None:
    """The version held the stage that must come before."""
    after = established(case.stage_policy).after
    if after is None or is_rollback(case):
        return None
    if not case.view.has_held(case.model, case.record.version or "", after):
        return f"{case.spelled} must hold {after} before {case.stage}"
    return None


def check_report(case: Case) -> str | None:
    """`Report` is the newest evidence, and measured where the policy asks for it."""
    stage = established(case.stage_policy)
    newest = evidence(case, stage)
    expected = newest.digest if newest else None
    if case.record.report != expected:
        return f"the newest evidence on {case.spelled} is report {expected or 'none'}"
    needs_measured = stage.measured and stage.gates and not is_rollback(case)
    if needs_measured and newest is None:
        return f"{case.stage} wants measured evidence, and {case.spelled} has no report on its data"
    return None


def gate_results(case: Case) -> tuple[GateResult, ...]:
    """Return what the stage's gates find on the evidence of the record."""
    stage, version = established(case.stage_policy), established(case.version)
    holder = case.view.champion(case.model, case.stage)
    champion = case.view.version(case.model, holder) if holder else None
    newest = evidence(case, stage)
    if newest is None:
        claimed = _claimed(champion) if champion else None
        return check_gates(stage.gates, _claimed(version), claimed)
    measured = newest.report.champion
    if champion is not None and (measured is None or measured.version != champion.version):
        # Figures of another run, or of another champion, cannot be compared.
        measured = Figures(version=champion.version)
    return check_gates(stage.gates, newest.report.challenger, measured if champion else None)


def check_gates_pass(case: Case) -> str | None:
    """Every gate holds; a rollback has none."""
    if is_rollback(case):
        return None
    failed = [str(result) for result in gate_results(case) if not result.passed]
    return "; ".join(failed) or None


def check_approvals(case: Case) -> str | None:
    """Enough people who had no part in it approve this very promotion, and nobody rejects it."""
    stage, version = established(case.stage_policy), established(case.version)
    needed = stage.rollback_approvals if is_rollback(case) else stage.approve.count
    standing = standing_verdicts(case, stage)
    rejecting = next((verdict for verdict in standing if verdict.verdict == "reject"), None)
    if rejecting:
        return f"{rejecting.person} rejects it (record {rejecting.index})"
    involved = involved_people(case, version)
    approving = {verdict.person for verdict in standing if verdict.verdict == "approve"} - involved
    if len(approving) < needed:
        who = ", ".join(sorted(stage.approve.by - involved)) or "nobody"
        return f"{len(approving)} of {needed} approvals; these may approve it: {who}"
    return None


def standing_verdicts(case: Case, stage: StagePolicy) -> list[VerdictEntry]:
    """Return each allowed person's newest verdict on this evidence, under what governs the model.

    A policy that comes back into force does not bring back the verdicts given under it before.
    """
    record, since = case.record, established(case.entry).since(case.model)
    verdicts = case.view.verdicts(case.model, record.version or "", case.stage, record.seq or 0)
    return [
        verdict
        for verdict in verdicts
        if verdict.person in stage.approve.by
        and verdict.report == record.report
        and verdict.index > since
    ]


def involved_people(case: Case, version: VersionEntry) -> set[str | None]:
    """Return whose approval would be their own: promoter, registrant, and whom they act for."""
    return {case.person, case.record.on_behalf, version.person, version.on_behalf}


def _claimed(entry: VersionEntry) -> Figures:
    return Figures(version=entry.version, metrics=entry.metrics)
