"""`gitreg deprecate`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.written import print_written
from gitreg.registry.deprecate import deprecate
from gitreg.registry.open import open_registry


@click.command()
@options.reference_argument
@options.write_options
def command(
    *, reference: str, reason: str | None, key: Path | None, publish: bool, as_json: bool
) -> None:
    """Warn users off a version.

    It can still be pulled and promoted; every command that names it warns.

    \b
    Example:
      gitreg deprecate iris@1.0.0 --reason "trained on the old labels"
    """
    registry = open_registry()
    done = deprecate(registry, reference, reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing=f"{reference} is deprecated already")
