"""The audit report: one page that an auditor can read, print, and check for themselves."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from gitreg.domain.audit import Audit, PolicyChange
from gitreg.domain.moment import iso_time
from gitreg.domain.scope import Scope
from gitreg.domain.tenure import Tenure
from gitreg.site.page import Html, code, element, facts, join, page, preformatted, quoted, table
from gitreg.site.tenure import tenure_section
from gitreg.site.words import by, day, shown_time, when


def render_audit(audit: Audit) -> str:
    """Return the report as HTML. The same audit gives the same bytes."""
    title = f"Audit of {_subject(audit.scope)}"
    return page(
        title,
        element("h1", title),
        element("p", _question(audit.scope), class_="soft"),
        *_header(audit),
        *_findings(audit),
        *_summary(audit),
        *_events(audit),
        *_void(audit),
        *_check(audit),
        *_sections(audit),
        *_policies(audit),
    )


def _subject(scope: Scope) -> str:
    model = "all models" if scope.model in (None, "*") else str(scope.model)
    return f"{model}, {scope.stage or 'all stages'}"


def _question(scope: Scope) -> str:
    if scope.is_state and scope.until is None:
        return f"What was held right after record {scope.last}, and what that rested on."
    until = "" if scope.until is None else shown_time(scope.until)
    if scope.is_state:
        return f"What was held at {until}, and what that rested on."
    since = "the beginning" if scope.since is None else shown_time(scope.since)
    span = f"from {since} to {until or 'the end of the ledger'}"
    return f"What held a stage {span}, who put it there, who approved, and what that rested on."


def _header(audit: Audit) -> Iterator[Html]:
    last = code(str(audit.checkpoint)) if audit.checkpoint else "no record: it had not begun"
    yield facts(
        [
            ("Registry", audit.registry),
            ("Found at", audit.source and code(audit.source)),
            ("Root", code(f"sha256:{audit.root}")),
            ("Rests on", join("every record up to ", last) if audit.checkpoint else last),
        ]
    )
    yield element(
        "p",
        "All is in the order of the ledger, where each signed record contains the digest of the "
        "one before. Dates are what signers claim, in UTC. A record counts as of the latest date "
        "that it or any record before it claims, so that nothing signed later with an earlier date "
        "changes what was reported before.",
    )


def _findings(audit: Audit) -> Iterator[Html]:
    if audit.findings:
        yield element("h2", "Warnings")
    for finding in audit.findings:
        advice = f" Next: {finding.next_step}." if finding.next_step else ""
        text = f"{finding.where.capitalize()}: {finding.what}.{advice}"
        yield element("div", element("p", text), class_="warning")


def _summary(audit: Audit) -> Iterator[Html]:
    yield element("h2", "Summary")
    if not audit.tenures:
        yield element("p", "Nothing held a stage.")
    columns = ["Version", "Since", "Until", "Promoted by", "Approved by", "Evidence"]
    for (model, stage), tenures in audit.stages.items():
        yield table(f"{model}, {stage}", columns, (_row(item) for item in tenures))


def _row(item: Tenure) -> Sequence[str]:
    count = len(item.evidence.gates)
    gates = f", {count} gate{'s' if count > 1 else ''}" if count else ""
    return [
        element("a", item.version, href=f"#record-{item.promoted.moment.record}"),
        day(item.promoted),
        day(item.ended) if item.ended else "still",
        item.promoted.who,
        ", ".join(signed.person for signed in item.approved_by) or "nobody",
        "rollback" if item.is_rollback else item.evidence.kind + gates,
    ]


def _events(audit: Audit) -> Iterator[Html]:
    if audit.events:
        yield element("h2", "Withdrawals, and verdicts that led to nothing")
        yield table(
            "Records that changed no stage",
            ["What", "When", "Signed by", "Reason"],
            (
                [
                    quoted(event.title),
                    when(event.signed),
                    by(event.signed),
                    quoted(event.signed.reason or ""),
                ]
                for event in audit.events
            ),
        )


def _void(audit: Audit) -> Iterator[Html]:
    if audit.void:
        yield element("h2", "Void records")
        yield element(
            "p",
            "What stands in the ledger's branch and breaks a rule counts for nothing. It is listed "
            "so that somebody asks who pushed it.",
        )
        yield table(
            "By their place in the ledger",
            ["Commit", "After record", "Rule", "What"],
            (
                [code(item.commit), str(item.after), item.rule, quoted(item.what)]
                for item in audit.void
            ),
        )


def _check(audit: Audit) -> Iterator[Html]:
    yield element("h2", "Check it yourself")
    yield element(
        "p",
        "The first command proves from their signatures all records that this report rests on, the "
        "second makes this report again. Compare the root with one that came to you by another "
        "way.",
    )
    yield preformatted(_in_lines(["gitreg", "verify", *_pins(audit)]))
    again = [*_asked(audit), *_pins(audit), "--html", "again.html"]
    yield preformatted(_in_lines(["gitreg", "audit", *again]))


def _asked(audit: Audit) -> Iterator[str]:
    """Yield what was asked, and that nothing counts which was added since."""
    scope = audit.scope
    until = "--at" if scope.is_state else "--until"
    for option, text in (("--model", scope.model), ("--stage", scope.stage)):
        yield from (option, text) if text else ()
    for option, time in (("--since", scope.since), (until, scope.until)):
        yield from (option, iso_time(time)) if time is not None else ()
    if audit.checkpoint:
        by_record = scope.is_state and scope.until is None
        yield from ("--at-record" if by_record else "--until-record", str(audit.checkpoint.index))


def _pins(audit: Audit) -> Iterator[str]:
    yield from ("--repo", audit.source) if audit.source else ()
    yield from ("--root", f"sha256:{audit.root}")
    yield from ("--checkpoint", str(audit.checkpoint)) if audit.checkpoint else ()


def _in_lines(words: Sequence[str]) -> str:
    """Return a command with each option on a line of its own, for a shell to read all the same."""
    quoted_words = (shlex.quote(word) for word in words)
    return " ".join(f"\\\n  {word}" if word.startswith("--") else word for word in quoted_words)


def _sections(audit: Audit) -> Iterator[Html]:
    for (model, stage), tenures in audit.stages.items():
        yield element("h2", f"{model}, {stage}")
        yield from (tenure_section(item) for item in tenures)


def _policies(audit: Audit) -> Iterator[Html]:
    if audit.policies:
        yield element("h2", "Policies", class_="sheet")
        yield element(
            "p",
            "Each says who may do what, from its record on until the next one: those of the span, "
            "the one that was in force as it began, and those that promotions above rested on.",
        )
        yield from (_policy(change) for change in audit.policies)


def _policy(change: PolicyChange) -> Html:
    """Return who put the policy into force, what it changed, and its exact text."""
    signed = change.signed
    items = [element("li", quoted(line)) for line in change.changes]
    return element(
        "section",
        element("h3", f"The policy since record {signed.moment.record}"),
        facts(
            [
                ("Since", when(signed)),
                ("Enacted by", by(signed)),
                *(("Approved by", join(by(item), ", ", when(item))) for item in change.approvals),
                ("Signatures", _needed(change)),
                ("Reason", signed.reason and quoted(signed.reason)),
                ("Digest", code(f"sha256:{change.digest}")),
            ]
        ),
        *([element("h4", "What it changed"), element("ul", *items)] if items else []),
        preformatted(change.text.rstrip("\n")),
    )


def _needed(change: PolicyChange) -> str:
    if change.signed.moment.record == 0:
        return "who began the registry"
    if change.is_of_owner:
        return "an owner of the entries that changed needs no other"
    return f"the policy before asked for {change.needed}, this one for {change.needed_anew}"
