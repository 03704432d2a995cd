"""`gitreg ci check`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.cli.ci_plan import print_policy
from gitreg.cli.evaluate import print_evaluation
from gitreg.cli.reviewed import print_outlook
from gitreg.cli.validate import print_checks
from gitreg.formats.isolated import Limits
from gitreg.registry.ci_check import Checked, check, write_check
from gitreg.registry.ci_steps import Outcome
from gitreg.registry.evaluate import Request
from gitreg.registry.open import Registry

_WORDS = {"done": "would be done", "there": "is done already", "waits": "waits"}


@click.command(name="check")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write what was found there, for ci comment and ci sync.",
)
@click.option(
    "--as", "person", metavar="PERSON", help="Whose rights count; else whoever has the most."
)
@options.limits_options(seconds=300.0)
@options.registry_options
@options.json_option
@click.pass_context
def command(
    context: click.Context,
    *,
    models: tuple[str, ...],
    reports: Path | None,
    person: str | None,
    limits: Limits,
    registry: Registry,
    as_json: bool,
) -> None:
    """Say what merging the commit at HEAD would do, and measure what it brings.

    Needs no key: the steps of ci sync are rehearsed in memory. Exits with 1 where a step would be
    refused; one that waits for approvals is no failure.

    \b
    Examples:
      gitreg ci check
      gitreg ci check iris --reports out --json
    """
    request = Request(limits=limits)
    with output.progress("measuring", rows=True) as begin:
        found = check(registry, models, person=person, request=request, advance=begin(0))
    if reports is not None:
        write_check(found, reports)
    if as_json:
        output.print_json(found)
    else:
        for item in found.versions:
            _print(item)
        if not found.versions:
            output.print_line("nothing: the ledger has all that the commit asks for")
        output.print_findings(found.plan.findings)
        print_policy(found.plan)
    context.exit(0 if found.ok else 1)


def _print(item: Checked) -> None:
    if item.evaluation:
        print_evaluation(item.evaluation)
        output.print_line()
    else:
        output.print_line(f"{item.model} {item.version}", bold=True)
    if item.validation:
        print_checks(item.validation)
        output.print_line()
    for seen in item.reviews:
        print_outlook(seen)
        output.print_line()
    for outcome in item.outcomes:
        print_outcome(outcome, _WORDS.get(outcome.verdict, "would be refused"))
    output.print_findings(item.findings)
    output.print_line()


def print_outcome(outcome: Outcome, word: str) -> None:
    """Print how a step ended, or would end."""
    what = f": {outcome.what}" if outcome.what else ""
    output.print_line(f"{outcome.title}: {word}{what}", bold=outcome.verdict == "refused")
    if outcome.what and outcome.next_step:
        output.tell(f"  next: {outcome.next_step}")
