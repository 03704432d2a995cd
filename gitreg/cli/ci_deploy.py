"""`gitreg ci deploy`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options
from gitreg.cli.deployed import print_deployed
from gitreg.registry.ci_deploy import deploy_tag
from gitreg.registry.open import Registry


@click.command()
@click.argument("tag", metavar="TAG")
@options.outcome_option
@options.registry_options
@options.key_option
@options.no_push_option
@options.json_option
def command(
    *,
    tag: str,
    outcome: Path | None,
    registry: Registry,
    key: Path | None,
    publish: bool,
    as_json: bool,
) -> None:
    """Deploy the stage that a tag names, as the newest ledger has it.

    The tag is a hint and proves nothing. Needs --root and --checkpoint. A tag that is not the
    stage's last deploys nothing, and neither does a stage without targets: both end with 0.

    \b
    Example:
      gitreg ci deploy 'iris#production#3'
    """
    done = deploy_tag(registry, tag, outcome=outcome, key=key, publish=publish)
    print_deployed(done, as_json=as_json)
