"""`gitreg deploy`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.deployed import print_deployed
from gitreg.registry.deploy import deploy, find_assignment, preview
from gitreg.registry.open import Registry


@click.command()
@click.argument("reference", metavar="MODEL@STAGE", shell_complete=options.complete_reference)
@click.option("--target", metavar="NAME", help="This one only; else all of the stage.")
@click.option("--dry-run", is_flag=True, help="Show what would change; change and run nothing.")
@options.outcome_option
@options.registry_options
@options.key_option
@options.no_push_option
@options.json_option
def command(
    *,
    reference: str,
    target: str | None,
    dry_run: bool,
    outcome: Path | None,
    registry: Registry,
    key: Path | None,
    publish: bool,
    as_json: bool,
) -> None:
    """Deploy what holds a stage to the targets of deploy.yaml.

    The verified model is loaded and asked before it is used, and after; if it fails, the one
    before comes back. Giving the same command again checks what is there. The outcome is signed
    where the policy has a deploy: list.

    \b
    Examples:
      gitreg deploy iris@production --dry-run
      gitreg deploy iris@production
    """
    assignment = find_assignment(registry, reference, target)
    if dry_run:
        print_deployed(preview(registry, assignment), as_json=as_json)
        return
    done = deploy(registry, assignment, outcome=outcome, key=key, publish=publish)
    print_deployed(done, as_json=as_json)
