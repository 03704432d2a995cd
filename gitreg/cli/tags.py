"""`gitreg tags restore`."""

from __future__ import annotations

import click

from gitreg.cli import options, output
from gitreg.registry.open import open_registry
from gitreg.registry.tags import restore_tags


@click.group(name="tags")
def command() -> None:
    """Bring back tags that somebody deleted or moved.

    \b
    Example:
      gitreg tags restore
    """


@command.command(name="restore")
@options.no_push_option
@options.json_option
def restore(*, publish: bool, as_json: bool) -> None:
    """Make every tag of the registry what was signed, here and at the remote.

    The ledger has a copy of each, byte for byte. A tag whose commit is gone is skipped.

    \b
    Examples:
      gitreg tags restore
      gitreg tags restore --no-push
    """
    done = restore_tags(open_registry(), publish=publish)
    if as_json:
        output.print_json(done)
        return
    for tag in done.here:
        output.print_line(f"{tag} is back here")
    for tag in done.at_remote:
        output.print_line(f"{tag} is back at {done.remote}")
    for tag in done.skipped:
        output.tell(f"{tag} is skipped: its commit is neither here nor at the remote")
    if not (done.here or done.at_remote or done.skipped):
        output.print_line("every tag is what was signed")
