"""A group whose sub-commands are modules of this room, each imported when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """Sub-commands by name: each is the `command` of `gitreg/cli/PREFIX_NAME.py`."""

    def __init__(
        self, *arguments: Any, summaries: Mapping[str, str], prefix: str = "", **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.summaries = summaries
        self._prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        del ctx
        if cmd_name not in self.summaries:
            return None
        module = importlib.import_module(f"gitreg.cli.{self._prefix}{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        if args and args[0] not in self.summaries and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], self.summaries, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            ctx.fail(f"there is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))
