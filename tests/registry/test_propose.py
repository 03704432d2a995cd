"""Proposing a promotion: a branch at the remote that asks for it, and its pull request."""

from __future__ import annotations

import pytest

from gitreg import yaml12
from gitreg.registry.ci_sync import sync
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team, freeze, ledger_length, run_git, write
from tests.forge_server import serve_forge

BRANCH = "promote/iris/1.1.0/production-2"


def wanted(team: Team, branch: str) -> object:
    text = run_git(team.origin, "show", f"{branch}:models/iris/stages.yaml")
    return yaml12.load(text.encode(), name="stages.yaml").value


def publish(team: Team) -> None:
    team.git("push", "--quiet", "origin", "main")


def test_a_branch_asks_for_the_next_change_and_nothing_here_is_touched(
    released: Team, cli: Cli
) -> None:
    publish(released)
    write(released.clone / "README.md", "changed, and not committed\n")
    before, length = freeze(released.clone), ledger_length(released.origin)
    cli.folder = released.clone

    ran = cli.ok("propose", "iris@1.1.0", "--stage", "production", "--reason", "it is better")

    assert "Proposed iris 1.1.0 for production (change 2)" in ran.out
    assert wanted(released, BRANCH) == {"production": {"version": "1.1.0", "seq": 2}}
    changed = run_git(released.origin, "diff", "--name-only", f"main...{BRANCH}")
    assert changed == "models/iris/stages.yaml"
    assert freeze(released.clone) == before
    assert ledger_length(released.origin) == length
    assert "open its pull request where your forge shows the branch" in ran.err


def test_once_merged_it_is_promoted(released: Team, cli: Cli) -> None:
    publish(released)
    cli.folder = released.clone
    cli.ok("propose", "iris@1.1.0", "--stage", "production")
    released.git("fetch", "--quiet")
    released.git("merge", "--quiet", "--no-ff", "--no-edit", f"origin/{BRANCH}")
    assert sync(released.open()).ok
    assert released.open()["iris@production"].version == "1.1.0"


def test_other_lines_and_comments_of_the_file_stay(released: Team, cli: Cli) -> None:
    write(released.iris / "stages.yaml", "# who may\nstaging: {version: 1.1.0, seq: 2}\n")
    released.git("add", "--all")
    released.git("commit", "--quiet", "--message", "Keep stages")
    publish(released)
    cli.folder = released.clone
    cli.ok("propose", "iris@1.1.0", "--stage", "production")
    text = run_git(released.origin, "show", f"{BRANCH}:models/iris/stages.yaml")
    assert text.startswith("# who may\nstaging: {version: 1.1.0, seq: 2}\n")


def test_proposed_again_it_is_the_same_branch(released: Team, cli: Cli) -> None:
    publish(released)
    cli.folder = released.clone
    one = cli.ok("propose", "iris@1.1.0", "--stage", "production", "--json").json
    two = cli.ok("propose", "iris@1.1.0", "--stage", "production", "--json").json
    assert one == two
    check_shape("propose", one)
    assert one["broken"] == []


def test_a_branch_that_asks_for_something_else_is_left_alone(released: Team, cli: Cli) -> None:
    publish(released)
    run_git(released.origin, "branch", BRANCH, "main")
    cli.folder = released.clone
    said = cli.no("propose", "iris@1.1.0", "--stage", "production")
    assert f"the branch {BRANCH} is there" in said


def test_what_is_in_the_way_is_told_but_may_be_proposed(released: Team, cli: Cli) -> None:
    publish(released)
    registry = released.open()
    registry.register(released.iris, version="1.2.0-rc.1")
    publish(released)
    cli.folder = released.clone
    ran = cli.ok("propose", "iris@1.2.0-rc.1", "--stage", "production")
    assert "still in the way: iris 1.2.0-rc.1 must hold staging before" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["iris@1.0.0", "--stage", "production"], "holds production already"),
        (["iris@9.0.0", "--stage", "production"], "not registered"),
        (["iris@1.1.0", "--stage", "nowhere"], "has no stage nowhere"),
        (["iris@1.1.0", "--stage", "production", "--base", "nowhere"], "has no branch nowhere"),
    ],
)
def test_what_cannot_be_proposed_is_refused(
    released: Team, cli: Cli, words: list[str], said: str
) -> None:
    publish(released)
    cli.folder = released.clone
    assert said in cli.no("propose", *words)


def test_a_pull_request_is_opened_where_a_token_is(
    released: Team, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(released)
    with serve_forge() as server:
        for name, value in server.actions().items():
            monkeypatch.setenv(name, value)
        url = f"{server.address}/team/models.git"
        run_git(released.clone, "config", "--global", f"url.{released.origin}.insteadOf", url)
        released.git("remote", "set-url", "origin", url)
        cli.folder = released.clone

        ran = cli.ok("propose", "iris@1.1.0", "--stage", "production", "--reason", "it is better")
        cli.ok("propose", "iris@1.1.0", "--stage", "production")

        (pull,) = server.pulls
        assert (pull["head"]["ref"], pull["base"]["ref"]) == (BRANCH, "main")
        assert ran.out.splitlines()[-1] == pull["html_url"]
        (asked,) = [item.content for item in server.requests if item.method == "POST"]
        assert asked["title"] == "Promote iris 1.1.0 to production"
        assert "it is better" in asked["body"]
