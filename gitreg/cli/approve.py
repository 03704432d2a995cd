"""`gitreg approve`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.cli.reviewed import print_review
from gitreg.cli.written import print_written
from gitreg.registry.approve import approve
from gitreg.registry.open import Registry
from gitreg.registry.review import review
from gitreg.terminal import has_terminal


@click.command()
@options.reference_argument
@options.stage_option
@options.verdict_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.write_options
@options.registry_options
def command(
    *,
    reference: str,
    stage: str,
    verdict: str,
    yes: bool,
    registry: Registry,
    reason: str | None,
    key: Path | None,
    publish: bool,
    as_json: bool,
) -> None:
    """Approve a promotion, having seen what it is.

    Shows the metrics beside the champion's, the gates, what changed in model.yaml and who else
    decided; then signs. The verdict is on this version, stage, number and evidence alone. With
    --repo no clone is needed.

    \b
    Examples:
      gitreg approve iris@1.2.0 --stage production
      gitreg approve iris@1.2.0 --stage production --reject --reason "it drifts"
    """
    seen = review(registry, reference, stage=stage)
    if not as_json:
        print_review(seen)
        if has_terminal() and not yes and not output.ask(f"{verdict.capitalize()} this?"):
            raise click.Abort
    done = approve(registry, seen, verdict=verdict, reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing="your verdict is that already")
