"""`gitreg audit`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from gitreg.cli import options, output
from gitreg.domain.audit import Audit
from gitreg.domain.scope import Scope
from gitreg.domain.tenure import Signed, Tenure
from gitreg.errors import UsageError
from gitreg.registry.audit import audit, write_html
from gitreg.registry.open import Registry

_WORDS = 200  # characters of what a policy changed
_FINDINGS = 5  # on a terminal; --json, --csv and --html have them all


@click.command()
@click.option(
    "--model",
    metavar="MODEL",
    shell_complete=options.complete_model,
    help="A model, or a beginning such as 'fraud/*'; else all.",
)
@click.option(
    "--stage", metavar="STAGE", shell_complete=options.complete_stage, help="A stage; else all."
)
@click.option("--since", metavar="DATE", help="From the start of that day, or that time, on.")
@click.option("--until", metavar="DATE", help="To the end of that day, or that time, inclusive.")
@click.option("--until-record", type=int, metavar="N", help="Up to record N of the ledger.")
@click.option("--at", metavar="DATE", help="What was held as that day ended, or at that time.")
@click.option("--at-record", type=int, metavar="N", help="What was held right after record N.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a report to read and print.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for spreadsheets.")
@options.json_option
@options.registry_options
def command(
    *, registry: Registry, page: Path | None, as_csv: bool, as_json: bool, **asked: Any
) -> None:
    """Show what held which stage, who put it there, and what that rested on.

    Order is the ledger's; dates are what signers claim, in UTC. A record counts as of the latest
    date that it or any before it claims, so that nothing signed later changes the answer.

    \b
    Examples:
      gitreg audit --model iris --stage production --since 2026-01-01
      gitreg audit --at 2026-03-01
      gitreg audit --model 'fraud/*' --html audit.html
    """
    if as_csv and as_json:
        raise UsageError("--csv and --json are two forms of one answer", next_step="choose one")
    found = audit(registry, Scope.parse(**asked))
    if page is not None:
        write_html(found, page)
    if as_json:
        output.print_json(found)
    elif as_csv:
        output.print_raw(found.to_csv())
    elif page is not None:
        output.print_line(str(page))
    else:
        _print(found)
    output.print_findings(found.findings[:_FINDINGS])
    if len(found.findings) > _FINDINGS:
        output.tell(f"{len(found.findings) - _FINDINGS} more of that kind are in --json")


def _print(found: Audit) -> None:
    if found.scope.is_state:
        _print_table(
            ["model", "stage", "version", "since", "promoted by", "approved by", "evidence"],
            ([item.model, item.stage, item.version, *_grounds(item)] for item in found.tenures),
        )
    else:
        for (model, stage), tenures in found.stages.items():
            output.print_line(f"{model} {stage}", bold=True)
            _print_table(
                ["version", "since", "until", "promoted by", "approved by", "evidence"],
                (_row(item) for item in tenures),
            )
    if not found.tenures:
        stage, model = found.scope.stage or "a stage", found.scope.model or "any model"
        output.print_line(f"nothing held {stage} of {model}")
        output.print_line()
    _print_others(found)
    output.print_fields(
        [
            ("checkpoint", str(found.checkpoint) if found.checkpoint else "before record 0"),
            ("order", "the ledger's; dates are what signers claim, in UTC"),
            ("*", "a record before it claims a later date" if _is_backdated(found) else None),
        ]
    )


def _print_table(columns: list[str], rows: Iterable[list[str]]) -> None:
    found = list(rows)
    if found:
        output.print_table(columns, found)
        output.print_line()


def _row(item: Tenure) -> list[str]:
    since, *others = _grounds(item)
    return [item.version, since, _day(item.ended) if item.ended else "still", *others]


def _grounds(item: Tenure) -> list[str]:
    approved = ", ".join(signed.person for signed in item.approved_by)
    evidence = "rollback" if item.is_rollback else item.evidence.kind
    return [_day(item.promoted), item.promoted.who, approved or "-", evidence]


def _day(signed: Signed) -> str:
    """Return a day and the record, whose number is what the order goes by."""
    mark = "*" if signed.moment.is_backdated else ""
    return f"{output.date(signed.moment.time)}{mark} #{signed.moment.record}"


def _is_backdated(found: Audit) -> bool:
    told = [signed for item in found.tenures for signed in (item.promoted, item.ended) if signed]
    told += [item.signed for item in found.events]
    told += [item.signed for item in found.policies]
    return any(signed.moment.is_backdated for signed in told)


def _policy(changes: Sequence[str]) -> str:
    return f"Change the policy: {'; '.join(changes)}"


def _print_others(found: Audit) -> None:
    """Print what changed no stage: withdrawals, verdicts that led to nothing, policies, voids."""
    told = [(item.signed, item.title) for item in found.events]
    told += [
        (item.signed, output.short(_policy(item.changes), limit=_WORDS) or "")
        for item in found.policies
        if item.is_in_span and item.signed.moment.record
    ]
    told.sort(key=lambda pair: pair[0].moment.record)
    _print_table(
        ["when", "signed by", "what else", "reason"],
        ([_day(signed), signed.who, what, signed.reason or ""] for signed, what in told),
    )
    _print_table(
        ["void commit", "after", "rule", "what it breaks"],
        ([item.commit[:12], f"#{item.after}", item.rule, item.what] for item in found.void),
    )
