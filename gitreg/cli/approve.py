"""`gitreg approve`."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.cli.written import print_written
from gitreg.registry.approve import Review, approve, review
from gitreg.registry.open import Registry
from gitreg.terminal import has_terminal

_WORDS = {"approve": "approves", "reject": "rejects", "withdraw": "withdrew"}


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
      gitreg approve iris@1.2.0 --stage production --reject --reason "drifts on rare species"
    """
    seen = review(registry, reference, stage=stage)
    if not as_json:
        _print(seen)
        if has_terminal() and not yes and not output.ask(f"{verdict.capitalize()} this?"):
            raise click.Abort
    done = approve(registry, seen, verdict=verdict, reason=reason, key=key, publish=publish)
    print_written(done, as_json=as_json, nothing="your verdict is that already")


def _print(seen: Review) -> None:
    version = seen.version
    output.print_line(f"{version.model} {version.version} to {seen.stage}", bold=True)
    decided = ", ".join(
        f"{item.person} {_WORDS[item.verdict]} (record {item.index})" for item in seen.verdicts
    )
    output.print_fields(
        [
            ("number", str(seen.seq)),
            ("champion", seen.champion or "none"),
            ("registered", f"{output.date(version.time)} by {version.person}"),
            ("commit", version.commit),
            ("manifest", f"sha256:{version.manifest}"),
            ("evidence", f"report sha256:{seen.report}" if seen.report else "as claimed"),
            ("approvals", f"{seen.needed} needed, of {', '.join(seen.approvers) or 'nobody'}"),
            ("so far", decided or "nobody decided"),
        ]
    )
    _print_tables(seen)
    output.print_line()


def _print_tables(seen: Review) -> None:
    version = seen.version
    if seen.metrics:
        output.print_line()
        output.print_table(
            ["metric", version.version, seen.champion or "champion"],
            (
                [name, str(value), str(seen.baseline[name]) if name in seen.baseline else None]
                for name, value in seen.metrics.items()
            ),
        )
    if seen.gates:
        output.print_line()
        output.print_table(
            ["gate", "verdict", "found"],
            (
                [str(result.gate), "holds" if result.passed else "FAILS", result.note]
                for result in seen.gates
            ),
        )
    if seen.changes:
        output.print_line()
        output.print_table(
            ["model.yaml", seen.champion or "", version.version],
            (
                [item.path, output.short(item.before), output.short(item.after)]
                for item in seen.changes
            ),
        )
