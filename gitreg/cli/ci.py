"""`gitreg ci`: what pipelines run, each sub-command in its own module `ci_NAME.py`."""

from __future__ import annotations

import click

from gitreg.cli.lazy import LazyGroup

_SUMMARIES = {
    "plan": "List what the commit asks for and the ledger lacks.",
    "check": "Say what merging the commit would do, and measure what it brings.",
    "sync": "Register and promote what the default branch asks for.",
    "deploy": "Deploy the stage that a tag names.",
    "record": "Sign the outcome of a deployment.",
    "comment": "Say in a pull request what ci check found.",
    "dispatch": "Ask the default branch's workflow to deploy a stage.",
    "install": "Write the workflows of GitHub or GitLab.",
}


@click.group(name="ci", cls=LazyGroup, summaries=_SUMMARIES, prefix="ci_")
def command() -> None:
    """Run the registry from pull requests, merges and tags.

    All that counts is the difference between the commit that is checked out and the ledger:
    versions that model.yaml has filled in, and stages that stages.yaml wants.

    \b
    Examples:
      gitreg ci check --reports out
      gitreg ci sync --reports out --key bot_ed25519
    """
