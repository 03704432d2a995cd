"""`gitreg ci dispatch`."""

from __future__ import annotations

import os

import click

from gitreg.cli import options, output
from gitreg.registry.ci_dispatch import WORKFLOW, dispatch
from gitreg.registry.ci_event import Run


@click.command(name="dispatch")
@click.argument("tag", required=False, metavar="[TAG]")
@click.option("--workflow", default=WORKFLOW, metavar="FILE", help=f"By default {WORKFLOW}.")
@click.option("--ref", metavar="BRANCH", help="By default the default branch.")
@click.option("--dry-run", is_flag=True, help="Start nothing, and say what would be.")
@options.json_option
def command(
    *, tag: str | None, workflow: str, ref: str | None, dry_run: bool, as_json: bool
) -> None:
    """Ask the default branch's workflow to deploy the stage that a tag names.

    For the run that a tag started: it is the tagged commit's, so that it must not deploy itself.

    \b
    Example:
      gitreg ci dispatch 'iris#production#3'
    """
    done = dispatch(Run.read(os.environ), tag, workflow=workflow, ref=ref, dry_run=dry_run)
    if as_json:
        output.print_json(done)
        return
    word = "would start" if dry_run else "started"
    output.print_line(f"{word} {done.workflow} on {done.ref} for {done.tag}")
