"""Somebody with push rights takes the place that a tag of the registry needs.

Git cannot have `fraud` beside `fraud/scorer@v1.0.0`. Nothing is published half, what stands in the
way is named, and a clone is not held up by a tag of its own.
"""

from __future__ import annotations

import pytest

from tests.fixtures import Cli, Ran, Team, freeze, refs_of, run_git, write

TAG = "refs/tags/fraud/scorer@v1.0.0"


@pytest.fixture
def desk(team: Team, cli: Cli) -> Cli:
    """The command line in Alice's clone, where a model is to be registered."""
    write(team.clone / "models/fraud/m.bin", b"model")
    cli.folder = team.clone
    return cli


def register(desk: Cli) -> Ran:
    return desk("register", "--new=fraud/scorer", "--version=1.0.0", "--file=models/fraud/m.bin")


@pytest.mark.parametrize("name", ["fraud", "fraud/scorer@v1.0.0/x"])
def test_a_tag_in_the_way_at_the_remote(
    team: Team, desk: Cli, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", pytest.fail)  # it is no race
    run_git(team.origin, "tag", name, "main")
    before = freeze(team.origin)
    done = register(desk)
    assert done.code == 1
    assert f"refs/tags/{name} is in the way of {TAG}" in done.err
    assert f"git push origin :refs/tags/{name}" in done.err
    assert freeze(team.origin) == before
    run_git(team.clone, "push", "--quiet", "origin", f":refs/tags/{name}")
    assert register(desk).code == 0
    assert TAG in refs_of(team.origin)


@pytest.mark.parametrize("name", ["fraud", "fraud/scorer@v1.0.0/x"])
def test_a_tag_in_the_way_here(team: Team, desk: Cli, name: str) -> None:
    team.git("tag", name, "main")
    assert register(desk).code == 0
    assert TAG in refs_of(team.origin)
    found = {item["where"]: item["code"] for item in desk("verify", "--json").json["findings"]}
    assert found.pop("tag fraud/scorer@v1.0.0") == "tag.missing"
    assert found in ({}, {f"tag {name}": "tag.unknown"})
    desk.ok("deprecate", "fraud/scorer@1.0.0")
    said = desk.no("tags", "restore")
    assert f"refs/tags/{name} is in the way of {TAG}" in said
    assert f"git update-ref -d refs/tags/{name}" in said
    team.git("update-ref", "-d", f"refs/tags/{name}")
    desk.ok("tags", "restore")
    assert desk.ok("verify", "--json").json["findings"] == []


def test_a_tag_in_the_way_where_there_is_no_remote(team: Team, desk: Cli) -> None:
    team.git("remote", "remove", "origin")
    team.git("tag", "fraud", "main")
    done = register(desk)
    assert done.code == 1
    assert f"refs/tags/fraud is in the way of {TAG}" in done.err
    assert "git update-ref -d refs/tags/fraud" in done.err
    team.git("tag", "-d", "fraud")
    assert register(desk).code == 0
