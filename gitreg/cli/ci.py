"""`gitreg ci`: what pipelines run, each sub-command in its own module `ci_NAME.py`."""

from __future__ import annotations

import importlib

import click

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


class _Commands(click.Group):
    """Sub-commands by name, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(_SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        del ctx
        if cmd_name not in _SUMMARIES:
            return None
        command: click.Command = importlib.import_module(f"gitreg.cli.ci_{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUMMARIES.items()))


@click.group(name="ci", cls=_Commands)
def command() -> None:
    """Run the registry from pull requests, merges and tags.

    All that counts is the difference between the commit that is checked out and the ledger:
    versions that model.yaml has filled in, and stages that stages.yaml wants.

    \b
    Examples:
      gitreg ci check --reports out
      gitreg ci sync --reports out --key bot_ed25519
    """
