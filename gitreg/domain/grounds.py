"""What a record rested on when it was made: verdicts, evidence, signatures of a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitreg.domain import promotion
from gitreg.domain.audit import PolicyChange
from gitreg.domain.case import Case, established
from gitreg.domain.entries import PolicyEntry
from gitreg.domain.policy_diff import describe_policy_change
from gitreg.domain.record import Record
from gitreg.domain.state import State
from gitreg.domain.tenure import CastVerdict, Evidence, Signed


def judge_verdicts(case: Case, cast: Sequence[tuple[Record, Signed]]) -> tuple[CastVerdict, ...]:
    """Say of each verdict that was `cast` on the promotion of `case` whether it counted."""
    rules, version = established(case.stage_policy), established(case.version)
    standing = {verdict.index for verdict in promotion.standing_verdicts(case, rules)}
    involved = promotion.involved_people(case, version)
    newest = {signed.person: record.index for record, signed in cast}
    judged = []
    for record, signed in cast:
        note = None
        if newest[signed.person] != record.index:
            note = f"overtaken by record {newest[signed.person]}"
        elif record.index <= established(case.entry).since(case.model):
            note = "under an earlier policy"
        elif record.index not in standing:
            note = "on other evidence"
        elif signed.person in involved:
            note = "had a part in the promotion or the registration"
        verdict = record.verdict or ""
        counted = verdict == "approve" and note is None
        judged.append(CastVerdict(signed=signed, verdict=verdict, counted=counted, note=note))
    return tuple(judged)


def find_evidence(case: Case, brought: Mapping[int, Signed]) -> Evidence:
    """Return the figures that the promotion of `case` rested on, and what the gates found.

    `brought` has who signed each report, by its record.
    """
    rules, version = established(case.stage_policy), established(case.version)
    gates = () if promotion.is_rollback(case) else promotion.gate_results(case)
    newest = promotion.evidence(case, rules)
    if newest is None:
        return Evidence(metrics=version.metrics, gates=gates)
    data = newest.report.data
    named = [name for name, digest in case.policy.datasets.items() if digest == data]
    return Evidence(
        metrics=newest.report.challenger.metrics,
        gates=gates,
        report=newest.digest,
        signed=brought[newest.index],
        data=data,
        data_name=rules.data or next(iter(named), None),
    )


def describe_policy(
    state: State, entry: PolicyEntry, signed: Signed, cast: Sequence[tuple[Record, Signed]]
) -> PolicyChange:
    """Return how the policy of `entry` came into force over `state`, by the record `signed`.

    `cast` are the verdicts on proposals that were open until now.
    """
    before, proposal = state.policy(), state.proposal(entry.digest)
    current = before.policy if before else entry.policy
    keys = (proposal.signers if proposal else frozenset()) - {signed.key}
    standing = {
        by.key: by for record, by in cast if record.new_policy == entry.digest and by.key in keys
    }
    return PolicyChange(
        signed=signed,
        digest=entry.digest,
        approvals=list(standing.values()),
        needed=current.root.count,
        needed_anew=entry.policy.root.count,
        is_of_owner=entry.decided != entry.index,
        changes=describe_policy_change(current, entry.policy),
    )
