"""`gitreg yank`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.written import print_written
from gitreg.registry.open import open_registry
from gitreg.registry.yank import yank


@click.command()
@options.reference_argument
@click.option("--vacate", is_flag=True, help="Also empty the stages that it holds.")
@options.write_options
def command(
    *,
    reference: str,
    vacate: bool,
    reason: str | None,
    key: Path | None,
    publish: bool,
    as_json: bool,
) -> None:
    """Withdraw a version for good.

    It is never resolved again and enters no stage. The record of it stays.

    \b
    Example:
      gitreg yank iris@1.0.0 --reason "leaks training data"
    """
    registry = open_registry()
    done = yank(registry, reference, vacate=vacate, reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing=f"{reference} is yanked already")
