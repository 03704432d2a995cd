"""The `gitreg` command: its sub-commands are imported when they are used."""

from __future__ import annotations

import gc
import sys
from typing import Any

import click

import gitreg
from gitreg.cli import boundary, output
from gitreg.cli.lazy import LazyGroup

_GROUPS = {
    "start": ("init", "demo", "catalog", "completion"),
    "versions": (
        "register",
        "validate",
        "evaluate",
        "list",
        "show",
        "history",
        "diff",
        "similar",
        "recommend",
        "search",
        "lineage",
        "pull",
        "deprecate",
        "yank",
    ),
    "stages": ("promote", "propose", "approve", "rollback", "vacate", "push"),
    "trust": ("verify", "policy", "audit", "tags", "beat", "hook"),
    "automation": ("ci", "deploy"),
}
_SUMMARIES = {
    "init": "Start a registry in this Git repository.",
    "demo": "Build a complete registry and see it at work.",
    "catalog": "Name registries, to read them all at once.",
    "completion": "Print the completion script of a shell.",
    "register": "Register a version of a model.",
    "validate": "Put a version to the checks of a release.",
    "evaluate": "Measure a version on data, beside the champion.",
    "list": "List models, their newest versions and who holds each stage.",
    "show": "Show everything about one version.",
    "history": "Show what happened to a model, or how a metric of it went.",
    "diff": "Compare versions: signatures, metrics, fields, artifacts.",
    "similar": "Find the versions that are most like one.",
    "recommend": "Find the versions that fit what you need.",
    "search": "Find versions by words, metrics, tags and stages.",
    "lineage": "Show where a version comes from, and what became of it.",
    "pull": "Fetch a version's artifacts, checked against what was signed.",
    "deprecate": "Warn users off a version.",
    "yank": "Withdraw a version for good.",
    "promote": "Let a version hold a stage.",
    "propose": "Open a pull request for a promotion.",
    "approve": "Approve a promotion, having seen what it is.",
    "rollback": "Give a stage back to the version that held it before.",
    "vacate": "Empty a stage.",
    "push": "Publish records that were kept with --no-push.",
    "deploy": "Deploy what holds a stage to its targets.",
    "policy": "Show, compare and change the policy in force.",
    "tags": "Bring back tags that somebody deleted or moved.",
    "beat": "Sign a heartbeat, so that a frozen copy is noticed.",
    "verify": "Prove the registry from its signatures.",
    "audit": "Show who put what where, who approved, and on which evidence.",
    "hook": "Judge pushes on a server, or before they leave a clone.",
    "ci": "Run the registry from pull requests, merges and tags.",
}


class _Commands(LazyGroup):
    """The commands, listed by what they are for."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader who goes away has read enough (click would call it a no)."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return boundary.end_output()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by what they are for."""
        del ctx
        for group, names in _GROUPS.items():
            with formatter.section(group.capitalize()):
                formatter.write_dl([(name, _SUMMARIES[name]) for name in names])


@click.group(
    cls=_Commands, summaries=_SUMMARIES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(gitreg.__version__, prog_name="gitreg", message="%(prog)s %(version)s")
def cli() -> None:
    """A Git-native registry for machine-learning models.

    Every version and every promotion is a signed tag; a clone proves it all offline. A version is
    named iris, iris@1.2.0, iris@^1.2, iris@production or iris@production~1.
    """


def main() -> None:
    """Run the command line."""
    output.accept_all_text()
    try:
        sys.exit(boundary.guard(lambda: cli.main(prog_name="gitreg", standalone_mode=False)))
    finally:
        gc.freeze()  # Python would look through everything once more before it ends
