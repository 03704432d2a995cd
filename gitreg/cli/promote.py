"""`gitreg promote`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.written import print_written
from gitreg.registry.open import open_registry
from gitreg.registry.promote import promote


@click.command()
@options.reference_argument
@options.stage_option
@options.write_options
def command(
    *,
    reference: str,
    stage: str,
    reason: str | None,
    key: Path | None,
    publish: bool,
    as_json: bool,
) -> None:
    """Let a version hold a stage.

    The policy decides: who may, after which stage, on which evidence, with whose approval.

    \b
    Example:
      gitreg promote iris@1.1.0 --stage production --reason "more accurate"
    """
    registry = open_registry()
    done = promote(registry, reference, stage=stage, reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing=f"{reference} holds {stage} already")
