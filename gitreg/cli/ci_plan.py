"""`gitreg ci plan`."""

from __future__ import annotations

import click

from gitreg.cli import options, output
from gitreg.registry.ci_plan import Plan, find_plan
from gitreg.registry.open import Registry


@click.command(name="plan")
@options.registry_options
@options.json_option
def command(*, registry: Registry, as_json: bool) -> None:
    """List what the commit at HEAD asks for and the ledger lacks.

    \b
    Example:
      gitreg ci plan --json
    """
    plan = find_plan(registry)
    if as_json:
        output.print_json(plan)
        return
    _print(plan)


def _print(plan: Plan) -> None:
    steps = [["register", item.model, item.version, None] for item in plan.versions]
    steps += [["promote", item.model, item.version, item.stage] for item in plan.stages]
    if steps:
        output.print_table(["step", "model", "version", "stage"], steps)
    else:
        output.print_line("nothing: the ledger has all that the commit asks for")
    output.print_findings(plan.findings)
    print_policy(plan)


def print_policy(plan: Plan) -> None:
    """Tell what `gitreg.yaml` would change, which a person must sign."""
    for change in plan.policy:
        output.tell(f"policy: {change}")
    if plan.policy:
        output.tell("the policy changes once a root person signs it: gitreg policy apply")
