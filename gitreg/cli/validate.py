"""`gitreg validate`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from gitreg.cli import options, output
from gitreg.errors import UsageError
from gitreg.formats.isolated import Limits
from gitreg.registry.open import Registry
from gitreg.registry.validate import Request, validate
from gitreg.validation.outcome import Validation


@click.command()
@options.reference_argument
@click.option(
    "--check",
    "checks",
    multiple=True,
    metavar="MODULE:FUNCTION",
    help="A check of your own, imported from here. Repeat for several.",
)
@click.option("--strict", is_flag=True, help="End with 1 for warnings too.")
@options.limits_options(seconds=60.0)
@options.registry_options
@options.json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    reference: str,
    checks: Sequence[str],
    strict: bool,
    limits: Limits,
    registry: Registry,
    as_json: bool,
) -> None:
    """Put a version to the checks of a release.

    Its model.yaml, its file, its answers, its speed, how steady it is, and what speaks against
    loading it; all findings at once. Ends with 0 where none is an error, else with 1. What cannot
    be checked is said, with what to add.

    \b
    Examples:
      gitreg validate iris@1.2.0
      gitreg validate iris@1.2.0 --check checks:no_negative_lengths
    """
    for check in checks:
        if not re.fullmatch(r"[\w.]+:\w+", check):
            raise UsageError(f"--check wants MODULE:FUNCTION, not {check!r}")
    found = validate(registry, reference, Request(checks=checks, limits=limits))
    if as_json:
        output.print_json(found)
    else:
        _print(found)
    warned = any(finding.severity == "warning" for finding in found.findings)
    ctx.exit(1 if not found.ok or (strict and warned) else 0)


def _print(found: Validation) -> None:
    order = ("error", "warning", "note")
    output.print_findings(sorted(found.findings, key=lambda item: order.index(item.severity)))
    output.print_line(f"{found.model} {found.version}", bold=True)
    print_checks(found)
    counts = [
        output.count(sum(finding.severity == severity for finding in found.findings), severity)
        for severity in order
    ]
    verdict = "valid" if found.ok else "not valid"
    output.print_line(f"{verdict}: {', '.join(counts)}", bold=True)


def print_checks(found: Validation) -> None:
    """Print each check with its verdict, and what it found in order."""
    output.print_table(
        ["check", "verdict", "what was seen"],
        (
            [check.name, check.verdict, "; ".join(seen.what for seen in check.seen)]
            for check in found.checks
        ),
    )
