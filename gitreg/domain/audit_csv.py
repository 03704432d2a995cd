"""An audit as rows for a spreadsheet, in ledger order."""

from __future__ import annotations

from collections.abc import Sequence

from gitreg.domain.audit import Audit, Event, PolicyChange
from gitreg.domain.entries import VoidRecord
from gitreg.domain.finding import Finding
from gitreg.domain.moment import iso_time
from gitreg.domain.spreadsheet import csv_line
from gitreg.domain.tenure import CastVerdict, Deployment, Evidence, Signed, Tenure

COLUMNS = (
    *("kind", "model", "stage", "version", "record", "since", "person", "on_behalf", "key"),
    *("reason", "backdated", "until", "until_record", "ended_by", "next_version", "replaces"),
    *("rollback", "approvals_needed", "approved_by", "other_verdicts", "evidence", "measured_by"),
    *("report", "data", "gates", "policy", "registered_by", "withdrawn", "deployments", "tag"),
    *("commit", "manifest", "artifacts", "note"),
)
Row = dict[str, str]


def to_csv(audit: Audit) -> str:
    """Return the audit as CSV, every cell quoted; what a row has nothing to say of is empty.

    Control and invisible characters are escaped. What would be a formula has an apostrophe before
    it, which makes it a text.
    """
    rows: list[tuple[float, Row]] = [
        *((item.promoted.moment.record, _tenure(item)) for item in audit.tenures),
        *((item.signed.moment.record, _event(item)) for item in audit.events),
        *((item.signed.moment.record, _policy(item)) for item in audit.policies),
        *((item.after + 0.5, _void(item)) for item in audit.void),
    ]
    rows.sort(key=lambda pair: pair[0])
    told = [*(row for _, row in rows), *map(_finding, audit.findings)]
    lines = [COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in told)]
    return "".join(map(csv_line, lines))


def _signed(signed: Signed) -> Row:
    return {
        "record": str(signed.moment.record),
        "since": iso_time(signed.moment.time),
        "person": signed.person,
        "on_behalf": signed.on_behalf or "",
        "key": signed.fingerprint,
        "reason": signed.reason or "",
        "backdated": "yes" if signed.moment.is_backdated else "no",
    }


def _told(signed: Signed) -> str:
    return f"{signed.who} (record {signed.moment.record}, key {signed.fingerprint})"


def _tenure(item: Tenure) -> Row:
    return {
        "kind": "tenure",
        "model": item.model,
        "stage": item.stage,
        "version": item.version,
        **_signed(item.promoted),
        **_end(item),
        "replaces": item.replaces or "",
        "rollback": "yes" if item.is_rollback else "no",
        "approvals_needed": str(item.approvals),
        "approved_by": _listed([_told(signed) for signed in item.approved_by]),
        "other_verdicts": _listed([_verdict(cast) for cast in item.verdicts if not cast.counted]),
        **_evidence(item.evidence),
        "policy": f"sha256:{item.policy} since record {item.policy_record}",
        "registered_by": _told(item.registered),
        "withdrawn": _listed(_withdrawn(item)),
        "deployments": _listed([_deployment(done) for done in item.deployments]),
        "tag": item.tag,
        "commit": item.commit,
        "manifest": f"sha256:{item.manifest}",
        "artifacts": _listed(
            [f"{file.path} {file.size} bytes sha256:{file.sha256}" for file in item.artifacts]
        ),
    }


def _end(item: Tenure) -> Row:
    if item.ended is None:
        return {}
    return {
        "until": iso_time(item.ended.moment.time),
        "until_record": str(item.ended.moment.record),
        "ended_by": _told(item.ended),
        "next_version": item.next_version or "",
    }


def _verdict(cast: CastVerdict) -> str:
    return f"{cast.verdict} by {_told(cast.signed)}" + (f": {cast.note}" if cast.note else "")


def _deployment(done: Deployment) -> str:
    return f"{done.target}: {done.outcome}, by {_told(done.signed)}"


def _withdrawn(item: Tenure) -> list[str]:
    words = (("deprecated", item.deprecated), ("yanked", item.yanked))
    return [f"{word} by record {record}" for word, record in words if record is not None]


def _evidence(evidence: Evidence) -> Row:
    return {
        "evidence": evidence.kind,
        "measured_by": _told(evidence.signed) if evidence.signed else "",
        "report": f"sha256:{evidence.report}" if evidence.report else "",
        "data": f"sha256:{evidence.data}" if evidence.data else "",
        "gates": _listed([str(result) for result in evidence.gates]),
    }


def _event(item: Event) -> Row:
    return {
        "kind": item.action,
        "model": item.model or "",
        "stage": item.stage or "",
        "version": item.version or "",
        **_signed(item.signed),
        "note": item.title,
    }


def _policy(item: PolicyChange) -> Row:
    return {
        "kind": "policy",
        **_signed(item.signed),
        "approved_by": _listed([_told(signed) for signed in item.approvals]),
        "policy": f"sha256:{item.digest}",
        "note": _listed(item.changes),
    }


def _void(item: VoidRecord) -> Row:
    return {
        "kind": "void",
        "commit": item.commit,
        "note": f"after record {item.after}, breaks the rule {item.rule}: {item.what}",
    }


def _finding(item: Finding) -> Row:
    return {"kind": item.severity, "note": str(item)}


def _listed(items: Sequence[str]) -> str:
    return " | ".join(items)
