"""`gitreg promote`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.cli.reviewed import print_review
from gitreg.cli.written import print_written
from gitreg.registry.open import open_registry
from gitreg.registry.promote import promote
from gitreg.registry.review import Review, review


@click.command()
@options.reference_argument
@options.stage_option
@click.option("--dry-run", is_flag=True, help="Show what it would be, and what is in the way.")
@options.write_options
def command(
    *,
    reference: str,
    stage: str,
    dry_run: bool,
    reason: str | None,
    key: Path | None,
    publish: bool,
    as_json: bool,
) -> None:
    """Let a version hold a stage.

    The policy decides: who may, after which stage, on which evidence, with whose approval.

    \b
    Examples:
      gitreg promote iris@1.1.0 --stage production --dry-run
      gitreg promote iris@1.1.0 --stage production --reason "more accurate"
    """
    registry = open_registry()
    if dry_run:
        _print(review(registry, reference, stage=stage), as_json=as_json)
        return
    done = promote(registry, reference, stage=stage, reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing=f"{reference} holds {stage} already")


def _print(seen: Review, *, as_json: bool) -> None:
    if as_json:
        output.print_json(seen)
    else:
        print_review(seen)
        if not seen.broken:
            output.print_line("nothing is in the way, for who may promote it")
    if seen.broken:
        raise click.exceptions.Exit(1)
