"""`gitreg push`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.written import print_written
from gitreg.registry.open import open_registry
from gitreg.registry.push import push


@click.command()
@options.key_option
@options.json_option
def command(*, key: Path | None, as_json: bool) -> None:
    """Publish records that were kept with --no-push.

    Artifacts go first, then ledger and tags at once. Where others were faster, the records are
    signed again on top of theirs, or it is told why one no longer applies.

    \b
    Example:
      gitreg push
    """
    done = push(open_registry(), key=key)
    print_written(done, as_json=as_json, nothing="nothing is pending")
