"""`gitreg vacate`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.written import print_written
from gitreg.registry.open import open_registry
from gitreg.registry.vacate import vacate


@click.command()
@options.model_argument
@options.stage_option
@options.write_options
def command(
    *, model: str, stage: str, reason: str | None, key: Path | None, publish: bool, as_json: bool
) -> None:
    """Empty a stage.

    Gates keep comparing with the version that held it last.

    \b
    Example:
      gitreg vacate iris --stage staging --reason "tests are over"
    """
    registry = open_registry()
    done = vacate(registry, model, stage=stage, reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing=f"{stage} of {model} is empty already")
