"""`gitreg completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from gitreg.cli import output
from gitreg.errors import UsageError


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(*, shell: str) -> None:
    """Print the completion script of a shell.

    Commands, options, models, versions and stages are completed.

    \b
    Examples:
      gitreg completion bash > ~/.local/share/bash-completion/completions/gitreg
      gitreg completion zsh > ~/.zfunc/_gitreg
      gitreg completion fish > ~/.config/fish/completions/gitreg.fish
    """
    from gitreg.cli.main import cli

    script = get_completion_class(shell)
    if script is None:
        raise UsageError(f"there is no completion for {shell}")
    output.print_raw(script(cli, {}, "gitreg", "_GITREG_COMPLETE").source())
