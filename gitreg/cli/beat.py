"""`gitreg beat`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.written import print_written
from gitreg.registry.beat import beat
from gitreg.registry.open import open_registry


@click.command()
@options.key_option
@options.no_push_option
@options.json_option
def command(*, key: Path | None, publish: bool, as_json: bool) -> None:
    """Sign a heartbeat, so that a frozen copy is noticed.

    For a scheduled job, more often than the policy's max_age. The policy's beat says who may.

    \b
    Example:
      gitreg beat
    """
    done = beat(open_registry(), key=key, publish=publish)
    print_written(done, as_json=as_json, nothing="nothing to say")
