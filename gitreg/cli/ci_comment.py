"""`gitreg ci comment`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gitreg.cli import output
from gitreg.registry.ci_comment import comment, read_checks
from gitreg.registry.ci_event import Run


@click.command(name="comment")
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("--pull", type=click.IntRange(min=1), metavar="N", help="The pull request.")
@click.option("--summary", is_flag=True, help="Print it as Markdown, and post nothing.")
def command(*, folder: Path, pull: int | None, summary: bool) -> None:
    """Say in a pull request what ci check wrote into FOLDER.

    One comment is posted, and renewed by later runs. The folder is read as what a stranger wrote.
    Which pull request it is, the event that started the run says, unless --pull does.

    \b
    Examples:
      gitreg ci comment reports
      gitreg ci comment reports --summary >> "$GITHUB_STEP_SUMMARY"
    """
    run, checks = Run.read(os.environ), read_checks(folder)
    if summary:
        output.print_raw(checks.to_markdown(run))
        return
    url = comment(run, checks, pull)
    output.print_line(url or "there is nothing to say, or nowhere to say it any more")
