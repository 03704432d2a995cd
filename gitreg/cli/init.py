"""`gitreg init`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.cli.ci_install import print_installed
from gitreg.errors import SetupError
from gitreg.registry.ci_install import KINDS, install_workflows
from gitreg.registry.identity import DEFAULT_KEY
from gitreg.registry.init import find_key, init
from gitreg.registry.open import open_registry
from gitreg.terminal import has_terminal


@click.command()
@options.key_option
@click.option("--ci", type=click.Choice(KINDS), help="Write the workflows of this forge too.")
@options.json_option
def command(*, key: Path | None, ci: str | None, as_json: bool) -> None:
    """Start a registry in this Git repository.

    Writes a policy with you and your key, the stages staging and production, DVC where it is
    missing, and the first record of the ledger. Nothing is overwritten; a second time changes
    nothing.

    \b
    Examples:
      gitreg init
      gitreg init --key ~/.ssh/work_ed25519
      gitreg init --ci github
    """
    registry = open_registry()
    make_key = False
    try:
        find_key(registry, key, make_key=False)
    except SetupError:
        if key is not None or not has_terminal():
            raise
        make_key = output.ask(f"There is no SSH key to sign with. Make one at {DEFAULT_KEY}?")
    done = init(registry, key=key, make_key=make_key)
    workflows = install_workflows(open_registry(), ci) if ci else None
    if as_json:
        output.print_json(done)
        return
    if done.started:
        output.print_line("a new registry", bold=True)
    elif done.created:
        output.print_line("a registry, completed", bold=True)
    else:
        output.print_line("this is a registry already; nothing to do", bold=True)
    output.print_fields(
        [
            ("root", f"sha256:{done.root}"),
            ("you are", done.person or "nobody in its policy yet: ask a root person to add you"),
            ("key", f"{done.key}, {done.key_origin}"),
            ("added", ", ".join(done.created)),
            ("remote", done.remote or "none: the ledger here is the registry"),
        ]
    )
    output.tell("Whoever reads this registry from elsewhere can pin the root; keep a copy of it.")
    if workflows:
        print_installed(workflows)
