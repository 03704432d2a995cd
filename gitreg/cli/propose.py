"""`gitreg propose`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.registry.open import open_registry
from gitreg.registry.propose import propose


@click.command()
@options.reference_argument
@options.stage_option
@click.option("--base", metavar="BRANCH", help="What to merge into; else the remote's default.")
@click.option("--reason", metavar="TEXT", help="Why, in one line, for the pull request.")
@options.key_option
@options.json_option
def command(
    *,
    reference: str,
    stage: str,
    base: str | None,
    reason: str | None,
    key: Path | None,
    as_json: bool,
) -> None:
    """Open a pull request that asks for a promotion.

    Pushes a branch that edits the model's stages.yaml, and opens its pull request where a token of
    the forge is at hand (GH_TOKEN, GITLAB_TOKEN, GITEA_TOKEN); else prints where to. Once merged,
    gitreg ci sync promotes. Your own branch and files are left as they are.

    \b
    Example:
      gitreg propose iris@1.2.0 --stage production --reason "fairer"
    """
    done = propose(open_registry(), reference, stage=stage, base=base, reason=reason, key=key)
    if as_json:
        output.print_json(done)
        return
    seen = done.review
    output.print_line(
        f"Proposed {seen.version.model} {seen.version.version} for {seen.stage} "
        f"(change {seen.seq})",
        bold=True,
    )
    output.tell(f"branch {done.branch} of {done.remote}, into {done.base}")
    if done.pull:
        output.print_line(done.pull)
    elif done.link:
        output.tell("open its pull request here:")
        output.print_line(done.link)
    else:
        output.tell("open its pull request where your forge shows the branch")
    for item in seen.broken:
        output.tell(f"still in the way: {item.what} ({item.rule})")
