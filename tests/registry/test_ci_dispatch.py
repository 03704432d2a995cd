from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, write
from tests.forge_server import ForgeServer, serve_forge

EVENT = '{"repository": {"default_branch": "trunk"}}'


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeServer]:
    with serve_forge() as running:
        for name, value in running.actions().items():
            monkeypatch.setenv(name, value)
        event = write(tmp_path / "event.json", EVENT)
        monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
        yield running


def test_a_tag_starts_the_default_branchs_workflow(
    server: ForgeServer, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REF_TYPE", "tag")
    monkeypatch.setenv("GITHUB_REF_NAME", "fraud/eu#production#3")
    ran = cli.ok("ci", "dispatch")
    assert ran.out == "started gitreg.yml on trunk for fraud/eu#production#3\n"
    asked = {"ref": "trunk", "inputs": {"tag": "fraud/eu#production#3"}}
    assert server.dispatched == [("gitreg.yml", asked)]


def test_a_tag_of_gitlab_starts_a_pipeline(
    server: ForgeServer, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_EVENT_PATH"):
        monkeypatch.delenv(name)
    for name, value in server.pipeline().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CI_COMMIT_TAG", "iris#production#3")
    monkeypatch.setenv("CI_DEFAULT_BRANCH", "main")
    cli.ok("ci", "dispatch")
    variables = [{"key": "GITREG_TAG", "value": "iris#production#3"}]
    assert server.dispatched == [("pipeline", {"ref": "main", "variables": variables})]


@pytest.mark.parametrize(
    "tag",
    [
        "iris@v1.2.0",
        "main",
        "iris#$(id)#3",
        "iris#production#3 --ref x",
        "${{ x }}#a#1",
        "--help#a#1",
    ],
)
def test_what_is_no_stages_tag_starts_nothing(server: ForgeServer, cli: Cli, tag: str) -> None:
    ran = cli("ci", "dispatch", "--", tag)
    assert ran.code == 2
    assert "is not the tag of a stage" in ran.err
    assert server.requests == []


def test_a_dry_run_says_where_it_would_be_deployed(server: ForgeServer, cli: Cli) -> None:
    ran = cli.ok("ci", "dispatch", "iris#staging!#4", "--dry-run", "--json")
    check_shape("ci-dispatch", ran.json)
    tag = {"model": "iris", "stage": "staging", "seq": 4, "tag": "iris#staging!#4"}
    assert ran.json["deployments"] == [{**tag, "version": None}]
    assert server.requests == []


def test_without_a_token_it_says_which(
    server: ForgeServer, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "give the step GITHUB_TOKEN" in cli.no("ci", "dispatch", "iris#production#3")


def test_a_run_of_no_tag_must_be_told_one(server: ForgeServer, cli: Cli) -> None:
    ran = cli("ci", "dispatch")
    assert (ran.code, "this run was not started by a tag" in ran.err) == (2, True)
