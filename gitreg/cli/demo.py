"""`gitreg demo`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import output
from gitreg.registry.demo import run_demo


@click.command()
@click.argument(
    "folder", type=click.Path(path_type=Path), default="gitreg-demo", metavar="[FOLDER]"
)
def command(*, folder: Path) -> None:
    """Build a complete registry and see it at work.

    In FOLDER, gitreg-demo unless you name another: an origin, a clone, DVC storage and a fresh
    key. Trains models on the Iris data, registers, promotes, rolls back, verifies and pulls
    them, with each command shown. The folder stays for you to explore.

    \b
    Example:
      gitreg demo
    """
    for step in run_demo(folder):
        if step.headline:
            output.print_line()
            output.print_line(step.headline, bold=True)
        else:
            output.print_line(f"{step.folder}$ {step.command}")
        for line in step.printed.splitlines():
            output.print_line(f"  {line}")
    output.print_line()
    output.print_line("Done. Look around:", bold=True)
    output.print_line(f"  cd {folder}/work && git log --oneline gitreg-ledger && gitreg show iris")
