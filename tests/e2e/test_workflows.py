"""The workflows that gitreg writes, executed: pull request, merge, tag and schedule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitreg.registry.policy import apply_policy
from tests.deploying import add_target, in_use
from tests.fixtures import Cli, Team, run_git, write
from tests.forge_server import TOKEN, serve_forge
from tests.merging import BAD, GOOD, commit, prepare_iris, push, start_merging, want
from tests.runner import Runner
from tests.servers import serve_http


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "srv"


@pytest.fixture
def runner(team: Team, cli: Cli, tmp_path: Path, alice_key: Path, shelf: Path) -> Iterator[Runner]:
    """A team whose main has the workflows and a target, with CI that signs with Alice's key.

    Files in the way of Python's own are there too: nobody may import them.
    """
    start_merging(team)
    policy = team.clone / "gitreg.yaml"
    text = policy.read_text().replace("    yank:", "    deploy: [maintainers]\n    yank:")
    write(policy, text.replace("models:", "beat: [maintainers]\nmodels:", 1))
    apply_policy(team.open())
    cli.folder = team.clone
    cli.ok("ci", "install", "github")
    add_target(team, shelf)
    for name in ("json", "pip", "click"):
        write(team.clone / f"{name}.py", f"open({str(tmp_path / 'pwned')!r}, 'w')")
    commit(team, "Let CI carry out merges")
    push(team)
    ledger = team.open().ledger
    head = ledger.records[-1]
    variables = {
        "GITREG_ROOT": f"sha256:{ledger.root}",
        "GITREG_CHECKPOINT": f"{head.record.index}:sha256:{head.digest}",
    }
    (tmp_path / "runner").mkdir()
    with serve_forge() as forge:
        yield Runner(team, forge, tmp_path / "runner", alice_key, variables)
    assert not (tmp_path / "pwned").exists()


def open_pull(runner: Runner, model: object, version: str, seq: int) -> dict[str, Any]:
    """Open a pull request that brings a version and wants it in production."""
    team = runner.team
    team.git("switch", "--quiet", "--create", f"iris-{version}", "origin/main")
    prepare_iris(team, model, version)
    want(team, "production", version, seq)
    tip = team.git("rev-parse", "HEAD")
    pull = runner.forge.add_pull("$(touch pwned)", commit=tip, owner="stranger")
    team.git("push", "--quiet", "origin", f"HEAD:refs/pull/{pull['number']}/merge")
    return pull


def merge(runner: Runner, version: str) -> None:
    """Merge it, as one commit."""
    team = runner.team
    team.git("switch", "--quiet", "main")
    team.git("merge", "--quiet", "--squash", f"iris-{version}")
    team.git("commit", "--quiet", "--message", f"Bring iris {version}")
    push(team)
    team.git("fetch", "--quiet")


def actions_of(team: Team) -> list[str]:
    """What the records say, the newest last."""
    team.git("fetch", "--quiet")
    return [item.record.title for item in team.open().ledger.records]


def test_a_pull_request_is_checked_and_told_and_changes_nothing(
    runner: Runner, shelf: Path
) -> None:
    pull = open_pull(runner, GOOD, "1.0.0", 1)
    before = run_git(runner.team.origin, "for-each-ref")
    ran = runner.pull(pull)
    assert ran.jobs == dict.fromkeys(("plan", "check", "verdict"), "success"), ran.log
    told = runner.comment(pull)
    assert told.jobs == {"comment": "success"}, told.log
    (posted,) = runner.forge.comments
    assert "#### iris 1.0.0" in posted["body"]
    assert "| promote to production | would be done |" in posted["body"]
    assert run_git(runner.team.origin, "for-each-ref") == before
    assert not shelf.exists()


def test_a_pull_request_with_a_broken_file_is_told_so(runner: Runner) -> None:
    team = runner.team
    write(team.iris / "stages.yaml", "production: {version: 1.0.0, sequence: 1}\n")
    pull = runner.forge.add_pull("broken", commit=commit(team, "Want something"), owner="stranger")
    team.git("push", "--quiet", "origin", "HEAD:refs/pull/1/merge")
    ran = runner.pull(pull)
    assert ran.jobs == {"plan": "failure", "verdict": "failure"}, ran.log
    assert runner.comment(pull, conclusion="failure").ok
    assert "the check itself failed" in runner.forge.comments[0]["body"]


def test_a_merge_is_carried_out_and_a_worse_one_is_not_promoted(
    runner: Runner, shelf: Path
) -> None:
    """The better one, and the rollback that is dispatched, are in the whole story."""
    team = runner.team
    open_pull(runner, GOOD, "1.0.0", 1)
    merge(runner, "1.0.0")
    first = runner.push()
    done = dict.fromkeys(("plan", "check", "sync", "deploy", "record"), "success")
    assert first.jobs == done, first.log
    assert actions_of(team)[-1] == "Deploy iris v1.0.0 to shelf: succeeded"
    assert in_use(shelf) == "1.0.0"
    records = team.open().ledger.records
    assert [item.record.on_behalf for item in records[-4:-1]] == ["alice"] * 3

    open_pull(runner, BAD, "1.1.0", 2)
    merge(runner, "1.1.0")
    worse = runner.push()
    assert worse.jobs == {"plan": "success", "check": "failure", "sync": "failure"}, worse.log
    assert actions_of(team)[-2:] == ["Register iris v1.1.0", "Evaluate iris v1.1.0"]
    assert in_use(shelf) == "1.0.0"


def test_a_private_repository_is_read_and_written_with_the_token_of_the_run(
    runner: Runner, tmp_path: Path
) -> None:
    team = runner.team
    open_pull(runner, GOOD, "1.0.0", 1)
    merge(runner, "1.0.0")
    with serve_http(tmp_path / "web", team.folder, private=True) as web:
        write(web.folder / "users", f"x-access-token:{TOKEN}\n")
        runner.environ["GITHUB_SERVER_URL"] = web.address
        runner.environ["STAND_IN_ORIGIN"] = web.url("origin.git")
        ran = runner.push()
    assert (ran.jobs["sync"], ran.jobs["record"]) == ("success", "success"), ran.log
    assert actions_of(team)[-1] == "Deploy iris v1.0.0 to shelf: succeeded"
    assert TOKEN not in ran.log


def test_a_forged_tag_deploys_nothing(runner: Runner, shelf: Path) -> None:
    team = runner.team
    team.git("tag", "iris#production#1", "HEAD")
    team.git("push", "--quiet", "origin", "refs/tags/iris#production#1")
    assert runner.tag("iris#production#1").jobs == {"dispatch": "success"}
    forged = runner.dispatched()
    assert forged.jobs["deploy"] == "failure"
    assert "the ledger has no iris#production#1" in forged.log
    assert not shelf.exists()


def test_names_with_shell_text_run_nothing_in_the_workflows(runner: Runner, tmp_path: Path) -> None:
    team, text = runner.team, f"$(touch${{IFS}}{tmp_path}/pwned)"
    tag = f"iris#{text}#1"
    team.git("tag", tag, "HEAD")
    team.git("push", "--quiet", "origin", f"refs/tags/{tag}")
    ran = runner.tag(tag, actor=text)
    assert ran.jobs == {"dispatch": "failure"}
    assert "is not the tag of a stage" in ran.log
    assert runner.forge.dispatched == []
    head = {"ref": f"`{text}`", "sha": "0" * 40, "repo": {"owner": {"login": text}}}
    told = runner.comment({"head": head})
    assert told.jobs == {"comment": "success"}, told.log
    assert runner.forge.comments == []


def test_every_day_the_registry_is_verified_and_beats(runner: Runner) -> None:
    ran = runner.schedule()
    assert ran.jobs == {"watch": "success"}, ran.log
    assert actions_of(runner.team)[-1].startswith("Beat")


def test_without_the_root_that_ci_was_to_know_nothing_is_deployed(
    runner: Runner, shelf: Path
) -> None:
    runner.variables["GITREG_ROOT"] = f"sha256:{'0' * 64}"
    open_pull(runner, GOOD, "1.0.0", 1)
    merge(runner, "1.0.0")
    ran = runner.push()
    assert ran.jobs == {"plan": "failure"}, ran.log
    assert TOKEN not in ran.log
    assert len(actions_of(runner.team)) == 3
