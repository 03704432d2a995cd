"""`gitreg ci record`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.written import print_written
from gitreg.registry.deploy_outcome import read_statements, record
from gitreg.registry.open import Registry


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options.registry_options
@options.key_option
@options.no_push_option
@options.json_option
def command(
    *, file: Path, registry: Registry, key: Path | None, publish: bool, as_json: bool
) -> None:
    """Sign the outcome that gitreg deploy --outcome wrote.

    For a job that has the key and runs no model. FILE is read as text of strangers: only what the
    ledger has in the stage now can be signed.

    \b
    Example:
      gitreg ci record outcome.json
    """
    statements = read_statements(file.read_bytes(), name=file.name)
    done = record(registry, statements, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing="there is nothing new to sign")
