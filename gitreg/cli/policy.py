"""`gitreg policy`: show, diff, apply and approve."""

from __future__ import annotations

from pathlib import Path

import click

from gitreg.cli import options, output
from gitreg.cli.written import print_written
from gitreg.registry.open import Registry, open_registry
from gitreg.registry.policy import (
    apply_policy,
    diff_policy,
    judge_policy,
    show_policy,
)
from gitreg.registry.proposal import Proposal, find_proposal
from gitreg.registry.writing import Written
from gitreg.terminal import has_terminal


@click.group(name="policy")
def command() -> None:
    """Show, compare and change the policy in force.

    gitreg.yaml is what a team edits and reviews; in force is what was signed into the ledger.

    \b
    Examples:
      gitreg policy show
      gitreg policy diff
      gitreg policy apply --reason "bob joins"
    """


@command.command(name="show")
@options.registry_options
@options.json_option
def show(*, registry: Registry, as_json: bool) -> None:
    """Show the policy in force, and since which record.

    \b
    Example:
      gitreg policy show --repo https://git.example.org/team/models.git
    """
    view = show_policy(registry)
    if as_json:
        output.print_json(view)
        return
    output.tell(f"in force since record {view.index}: sha256:{view.digest}")
    for line in view.text.splitlines():
        output.print_line(line)
    for proposal in view.proposals:
        output.tell(
            f"proposed in record {proposal.index}: {proposal.digest[:12]}, "
            f"{_signed(proposal)}; see it with gitreg policy diff {proposal.digest[:12]}"
        )
        if proposal.overwrites:
            changed = ", ".join(proposal.overwrites)
            output.tell(f"  it sets back what owners changed since: {changed}")


def _signed(proposal: Proposal) -> str:
    present, own = proposal.present, proposal.proposed
    return (
        f"signed by {', '.join(present.people) or 'nobody'} ({len(present.people)} of "
        f"{present.needed} root people), and of its own by {', '.join(own.people) or 'nobody'} "
        f"({len(own.people)} of {own.needed})"
    )


@command.command(name="diff")
@click.argument("proposal", required=False, metavar="[PROPOSAL]")
@options.registry_options
@options.json_option
def diff(*, proposal: str | None, registry: Registry, as_json: bool) -> None:
    """Say in words what gitreg.yaml would change of the policy in force.

    Or what an open proposal would change, named by the beginning of its digest.

    \b
    Examples:
      gitreg policy diff
      gitreg policy diff 5f2d0c --repo https://git.example.org/team/models.git
    """
    found = diff_policy(registry, proposal)
    if as_json:
        output.print_json(found)
        return
    for change in found.changes:
        output.print_line(change)
    if not found.changes:
        same = "it is the policy in force" if found.same else "it is spelled otherwise, no more"
        output.tell(same)


@command.command(name="apply")
@options.write_options
def apply(*, reason: str | None, key: Path | None, publish: bool, as_json: bool) -> None:
    """Sign gitreg.yaml into force.

    A root person signs. It holds for every record after this one. Where more root people must
    sign, this proposes it, and the last gitreg policy approve enacts it.

    \b
    Example:
      gitreg policy apply --reason "bob joins"
    """
    registry = open_registry()
    done = apply_policy(registry, reason=reason, key=key, publish=publish)
    _print_done(
        registry, done, as_json=as_json, nothing="this policy is in force, or signed by you"
    )


@command.command(name="approve")
@click.argument("proposal", required=False, metavar="[PROPOSAL]")
@options.verdict_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.write_options
@options.registry_options
def approve(
    *,
    proposal: str | None,
    verdict: str,
    yes: bool,
    registry: Registry,
    reason: str | None,
    key: Path | None,
    publish: bool,
    as_json: bool,
) -> None:
    """Sign a proposed policy; the last signature that was missing enacts it.

    Shows what it changes. PROPOSAL is the beginning of its digest, and may be left out where there
    is one alone.

    \b
    Examples:
      gitreg policy approve
      gitreg policy approve 5f2d0c --withdraw --reason "bob is on leave"
    """
    digest = find_proposal(registry.state, proposal).digest
    if not as_json:
        for change in diff_policy(registry, digest).changes:
            output.print_line(change)
        if has_terminal() and not yes and not output.ask(f"{verdict.capitalize()} this?"):
            raise click.Abort
    done = judge_policy(registry, digest, verdict=verdict, reason=reason, key=key, publish=publish)
    _print_done(registry, done, as_json=as_json, nothing="you have signed it already")


def _print_done(registry: Registry, done: Written, *, as_json: bool, nothing: str) -> None:
    print_written(done, as_json=as_json, nothing=nothing)
    if as_json:
        return
    for proposal in show_policy(registry).proposals:
        output.tell(f"{proposal.digest[:12]} waits: {_signed(proposal)}")
        whose = " or ".join(proposal.waits_for)
        output.tell(f"  next: gitreg policy approve {proposal.digest[:12]}, by {whose}")
