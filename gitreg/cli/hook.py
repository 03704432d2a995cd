"""`gitreg hook install`, and the hooks themselves, which Git runs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from gitreg.cli import boundary, output
from gitreg.domain.finding import Finding

_MANY = 10


@click.group(name="hook")
def command() -> None:
    """Judge pushes before they change anything.

    On a server the hook refuses what would harm the registry (docs/hosting.md); in a clone it
    stops a wrong push before it is sent.

    \b
    Examples:
      gitreg hook install
      gitreg hook install --server --repo /srv/git/models.git
    """


@command.command(name="install")
@click.option("--server", is_flag=True, help="For a bare repository that people push to.")
@click.option("--repo", default=".", metavar="PATH", help="The repository; the default is here.")
def install(*, server: bool, repo: str) -> None:
    """Put the hook where Git runs it.

    A hook that is there already stays: it is told which line to add to it. A second time changes
    nothing.

    \b
    Examples:
      gitreg hook install
      gitreg hook install --server --repo /srv/git/models.git
    """
    from gitreg.git.repository import Repository
    from gitreg.registry.hook import install_hook

    done = install_hook(Repository.discover(Path(repo).resolve()), server=server)
    output.print_line(f"{done.path} is {'in place' if done.changed else 'in place already'}")


@command.command(name="pre-receive", hidden=True)
@click.pass_context
def pre_receive(ctx: click.Context) -> None:
    """Judge what is pushed to a server."""
    ctx.exit(boundary.judge(_pre_receive, next_step="tell who runs this server"))


@command.command(name="pre-push", hidden=True)
@click.argument("remote")
@click.argument("url", required=False)
@click.pass_context
def pre_push(ctx: click.Context, *, remote: str, url: str | None) -> None:
    """Judge what is pushed from a clone."""
    del url
    ctx.exit(
        boundary.judge(
            lambda: _pre_push(remote), next_step="git push --no-verify goes on without gitreg"
        )
    )


def _pre_receive() -> bool:
    from gitreg.domain.push import read_received
    from gitreg.git.process import hook_environment
    from gitreg.git.repository import Repository
    from gitreg.registry.pre_receive import judge_received

    updates = read_received(_input())
    repository = Repository.discover(Path.cwd(), environment=hook_environment(os.environ))
    found = judge_received(repository, updates, now=int(time.time()))
    return _tell(found, "gitreg refuses this push, and nothing was changed:")


def _pre_push(remote: str) -> bool:
    from gitreg.domain.push import read_sent
    from gitreg.git.process import hook_environment
    from gitreg.git.repository import Repository
    from gitreg.registry.pre_push import judge_sent

    updates = read_sent(_input())
    repository = Repository.discover(Path.cwd(), environment=hook_environment(os.environ))
    found = judge_sent(repository, remote, updates, now=int(time.time()))
    return _tell(found, "gitreg stops this push; git push --no-verify sends it all the same:")


def _input() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def _tell(found: Sequence[Finding], refusal: str) -> bool:
    """Say what was found; whether the push may go on."""
    errors = [finding for finding in found if finding.severity == "error"]
    output.print_findings(finding for finding in found if finding.severity != "error")
    if errors:
        output.tell(refusal)
    for finding in errors[:_MANY]:
        output.print_error(
            str(finding), rule=finding.code, page="docs/hosting.md", next_step=finding.next_step
        )
    if errors[_MANY:]:
        output.tell(f"and {len(errors) - _MANY} more")
    return not errors
