"""How commands print a promotion that could come next."""

from __future__ import annotations

from gitreg.cli import output
from gitreg.registry.review import Review
from gitreg.site.gates import gate_table, name_evidence

_WORDS = {"approve": "approves", "reject": "rejects", "withdraw": "withdrew"}


def print_review(seen: Review) -> None:
    """Print what a promotion would be: for who approves it, and for who asks before."""
    version = seen.version
    output.print_line(f"{version.model} {version.version} to {seen.stage}", bold=True)
    decided = ", ".join(
        f"{item.person} {_WORDS[item.verdict]} (record {item.index})" for item in seen.verdicts
    )
    output.print_fields(
        [
            ("number", str(seen.seq)),
            ("champion", seen.champion or "none"),
            ("registered", f"{output.date(version.time)} by {version.person}"),
            ("commit", version.commit),
            ("manifest", f"sha256:{version.manifest}"),
            ("evidence", _evidence(seen)),
            ("approvals", f"{seen.needed} needed, of {', '.join(seen.approvers) or 'nobody'}"),
            ("so far", decided or "nobody decided"),
        ]
    )
    _print_metrics(seen)
    _print_gates(seen, name_evidence(seen.evidence))
    _print_changes(seen)
    output.print_line()
    _print_objections(seen)


def print_outlook(seen: Review) -> None:
    """Print what a promotion would find, beside a report that has the figures already."""
    now = f"{seen.champion} is there now" if seen.champion else "nothing was there before"
    output.print_line(f"to {seen.stage}, as change {seen.seq}; {now}", bold=True)
    _print_gates(seen, "this run" if seen.evidence else name_evidence(None))
    _print_objections(seen)


def _print_objections(seen: Review) -> None:
    for claim in seen.false_claims:
        output.print_line(str(claim))
    for item in seen.broken:
        output.print_line(f"in the way: {item.what} ({item.rule})")


def _evidence(seen: Review) -> str:
    found = seen.evidence
    if found is None:
        return "as claimed"
    return f"report sha256:{found.digest}, measured by {found.person} (record {found.index})"


def _print_metrics(seen: Review) -> None:
    if seen.metrics:
        output.print_line()
        output.print_table(
            ["metric", seen.version.version, seen.champion or "champion"],
            (
                [name, str(value), str(seen.baseline[name]) if name in seen.baseline else None]
                for name, value in seen.metrics.items()
            ),
        )


def _print_gates(seen: Review, evidence: str) -> None:
    if seen.gates:
        output.print_line()
        output.print_table(*gate_table(seen.gates, evidence))


def _print_changes(seen: Review) -> None:
    if seen.changes:
        output.print_line()
        output.print_table(
            ["model.yaml", seen.champion or "", seen.version.version],
            (
                [item.path, output.short(item.before), output.short(item.after)]
                for item in seen.changes
            ),
        )
