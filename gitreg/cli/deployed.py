"""How a command tells what it deployed."""

from __future__ import annotations

import click

from gitreg.cli import output
from gitreg.cli.written import print_written
from gitreg.registry.deploy_outcome import Deployment, Outcome


def print_deployed(done: Deployment, *, as_json: bool) -> None:
    """Print what became of each target; ends with 1 where one failed."""
    if as_json:
        output.print_json(done)
    else:
        _print(done)
    if not done.ok:
        raise click.exceptions.Exit(1)


def _print(done: Deployment) -> None:
    holder = (
        f"{done.model} {done.version} holds" if done.version else f"{done.model}: nothing holds"
    )
    output.print_line(f"{holder} {done.stage} (number {done.seq})", bold=True)
    if done.outcomes:
        output.print_table(
            ["target", "before", "outcome", "detail"],
            ([item.target, item.before, _outcome(item), item.detail] for item in done.outcomes),
        )
    for note in done.notes:
        output.tell(note)
    for item in done.outcomes:
        for note in item.notes:
            output.tell(f"{item.target}: {note}")
        if item.next_step:
            output.tell(f"{item.target}: next: {item.next_step}")
    if done.written is not None:
        print_written(done.written, as_json=False, nothing="the outcome was signed before")


def _outcome(item: Outcome) -> str:
    if item.outcome == "planned":
        return "would change" if item.changed else "would stay"
    return f"{item.outcome}, {'changed' if item.changed else 'as it was'}"
