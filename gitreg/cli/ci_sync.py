"""`gitreg ci sync`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.cli.ci_check import print_outcome
from gitreg.registry.ci_sync import sync
from gitreg.registry.open import Registry

_WORDS = {"done": "done", "there": "is so already", "waits": "waits", "refused": "refused"}


@click.command(name="sync")
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="What ci check measured, to be signed as evidence.",
)
@click.option(
    "--on-behalf",
    envvar="GITREG_ON_BEHALF",
    metavar="PERSON",
    help="Whose merge this is; GITREG_ON_BEHALF.",
)
@options.registry_options
@options.key_option
@options.json_option
@click.pass_context
def command(
    context: click.Context,
    *,
    reports: Path | None,
    on_behalf: str | None,
    registry: Registry,
    key: Path | None,
    as_json: bool,
) -> None:
    """Register and promote what the commit at HEAD asks for and the ledger lacks.

    Run it on the default branch, as often as you like: it heals runs that were missed, and never
    undoes a rollback. Exits with 1 where something was refused, having done the rest.

    \b
    Example:
      gitreg ci sync --reports out --on-behalf alice --key bot_ed25519
    """
    done = sync(registry, reports=reports, on_behalf=on_behalf, key=key)
    if as_json:
        output.print_json(done)
    else:
        for outcome in done.outcomes:
            record = f" (record {outcome.record})" if outcome.record is not None else ""
            print_outcome(outcome, f"{_WORDS[outcome.verdict]}{record}")
        if not done.outcomes:
            output.print_line("nothing: the ledger has all that the commit asks for")
        output.print_findings(done.findings)
    context.exit(0 if done.ok else 1)
