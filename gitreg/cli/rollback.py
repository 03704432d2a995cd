"""`gitreg rollback`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.written import print_written
from gitreg.registry.open import open_registry
from gitreg.registry.promote import rollback


@click.command()
@options.model_argument
@options.stage_option
@options.write_options
def command(
    *, model: str, stage: str, reason: str | None, key: Path | None, publish: bool, as_json: bool
) -> None:
    """Give a stage back to the version that held it just before.

    A rollback passes no gates; the policy may ask for approvals of its own.

    \b
    Example:
      gitreg rollback iris --stage production --reason "drift"
    """
    registry = open_registry()
    done = rollback(registry, model, stage=stage, reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing=f"{stage} of {model} is as it was before")
