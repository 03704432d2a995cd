"""`gitreg history`."""

from __future__ import annotations

import click

from gitreg.cli import options, output
from gitreg.registry.history import history
from gitreg.registry.open import Registry


@click.command()
@options.model_argument
@options.registry_options
@options.json_option
def command(*, model: str, registry: Registry, as_json: bool) -> None:
    """Show what happened to a model, newest first.

    The order is the ledger's; dates are what signers claim, in UTC.

    \b
    Examples:
      gitreg history iris
      git log gitreg-ledger
    """
    found = history(registry, model)
    if as_json:
        output.print_json(found)
    else:
        output.print_statements(found.statements, model)
