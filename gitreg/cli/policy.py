"""`gitreg policy show` and `gitreg policy apply`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.cli.written import print_written
from gitreg.registry.open import open_registry
from gitreg.registry.policy import apply_policy, show_policy


@click.group(name="policy")
def command() -> None:
    """Show the policy in force, or put an edited one into force.

    gitreg.yaml is what a team edits and reviews; in force is what was signed into the ledger.

    \b
    Examples:
      gitreg policy show
      gitreg policy apply --reason "bob joins"
    """


@command.command(name="show")
@options.repo_option
@options.json_option
def show(*, repo: str, as_json: bool) -> None:
    """Show the policy in force, and since which record.

    \b
    Example:
      gitreg policy show --repo https://git.example.org/team/models.git
    """
    registry = open_registry(repo)
    view = show_policy(registry)
    output.print_trust(registry)
    if as_json:
        output.print_json(view)
        return
    output.tell(f"in force since record {view.index}: sha256:{view.digest}")
    for line in view.text.splitlines():
        output.print_line(line)


@command.command(name="apply")
@options.write_options
def apply(*, reason: str | None, key: Path | None, publish: bool, as_json: bool) -> None:
    """Sign gitreg.yaml into force.

    A root person signs. It holds for every record after this one.

    \b
    Example:
      gitreg policy apply --reason "bob joins"
    """
    done = apply_policy(open_registry(), reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing="this policy is in force already")
