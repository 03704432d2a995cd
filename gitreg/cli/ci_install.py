"""`gitreg ci install`."""

from __future__ import annotations

import click

from gitreg.cli import output
from gitreg.registry.ci_install import KINDS, Installed, install_workflows
from gitreg.registry.open import open_registry

_WORDS = {"new": "written", "there": "in place already", "renewed": "renewed"}


@click.command(name="install")
@click.argument("forge", type=click.Choice(KINDS))
@click.option("--branch", metavar="NAME", help="The default branch; else origin's, or yours.")
@click.option("--force", is_flag=True, help="Replace what somebody edited.")
def command(*, forge: str, branch: str | None, force: bool) -> None:
    """Write the workflows that check pull requests, sync merges and deploy.

    They are files of this repository: commit them, and edit them as you like. docs/ci.md has the
    few settings that they need.

    \b
    Examples:
      gitreg ci install github
      gitreg ci install gitlab --branch trunk
    """
    print_installed(install_workflows(open_registry(), forge, branch=branch, force=force))


def print_installed(done: Installed) -> None:
    """Print what was written, and what is left to do."""
    for path, state in done.files.items():
        output.print_line(f"{path}: {_WORDS[state]}")
    output.print_fields([("GITREG_ROOT", done.root), ("GITREG_CHECKPOINT", done.checkpoint)])
    output.tell(
        "Commit the files, set these two as variables of the repository, and give its environment "
        "of the name gitreg a signing key: docs/ci.md"
    )
