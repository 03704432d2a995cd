"""`gitreg history`."""

from __future__ import annotations

import click

from gitreg.cli import options, output
from gitreg.registry.history import history
from gitreg.registry.open import open_registry


@click.command()
@options.model_argument
@options.repo_option
@options.json_option
def command(*, model: str, repo: str, as_json: bool) -> None:
    """Show what happened to a model, newest first.

    The order is the ledger's; dates are what signers claim, in UTC.

    \b
    Examples:
      gitreg history iris
      git log gitreg-ledger
    """
    registry = open_registry(repo)
    found = history(registry, model)
    output.print_trust(registry)
    if as_json:
        output.print_json(found)
    else:
        output.print_statements(found.statements, model)
