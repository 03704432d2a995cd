from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gitreg.schema import read_schema
from tests.audits import VOID, a_year, audit_of
from tests.deploying import add_target, let_alice_sign, release
from tests.fixtures import Cli, Team
from tests.ledgers import accepted


def check_shape(name: str, value: Any) -> None:
    schema = read_schema("output.v1")
    Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"}).validate(value)


SHAPES = """
audit catalog ci-check ci-dispatch ci-plan ci-sync deploy diff evaluate history init lineage list
list-catalog metric-history policy policy-diff prepare propose pull recommend register review
search show similar tags validate verify written
"""


def test_every_shape_is_of_a_command() -> None:
    parts = {"record", "statement", "finding", "proposal", "signed", "tenure", "step"}
    parts |= {"figure", "metric-row", "field-rows"}
    shapes = set(read_schema("output.v1")["$defs"]) - parts
    assert shapes == set(SHAPES.split())


@pytest.mark.parametrize(
    ("shape", "command"),
    [
        ("list", ["list"]),
        ("show", ["show", "iris@production"]),
        ("show", ["show", "iris@1.1.0"]),
        ("history", ["history", "iris"]),
        ("metric-history", ["history", "iris", "--metric", "accuracy"]),
        ("diff", ["diff", "iris@production", "iris@1.1.0"]),
        ("search", ["search", "iris or metrics.accuracy > 0.9 order by registered, tag.x"]),
        ("lineage", ["lineage", "iris@production"]),
        ("verify", ["verify", "--deep", "--artifacts"]),
        ("init", ["init"]),
        ("policy", ["policy", "show"]),
        ("policy-diff", ["policy", "diff"]),
        ("tags", ["tags", "restore"]),
        ("audit", ["audit", "--model", "iris", "--since", "2020-01-01"]),
        ("audit", ["audit", "--at", "2020-01-01"]),
        ("written", ["policy", "apply"]),
        ("review", ["promote", "iris@1.1.0", "--stage", "production", "--dry-run"]),
        ("written", ["promote", "iris@1.1.0", "--stage", "production", "--reason", "better"]),
        ("written", ["promote", "iris@1.0.0", "--stage", "production"]),
        ("written", ["vacate", "iris", "--stage", "staging"]),
        ("written", ["deprecate", "iris@1.1.0", "--no-push"]),
        ("written", ["push"]),
        ("register", ["register", "models/iris", "--bump", "patch"]),
        ("register", ["register", "models/iris", "--version", "2.0.0"]),
        ("prepare", ["register", "models/iris", "--version", "2.0.0", "--prepare"]),
        ("ci-plan", ["ci", "plan"]),
        ("ci-check", ["ci", "check"]),
        ("ci-sync", ["ci", "sync"]),
    ],
)
def test_json_has_the_shape_that_the_schema_says(
    released: Team, cli: Cli, shape: str, command: list[str]
) -> None:
    cli.folder = released.clone
    check_shape(shape, cli.ok(*command, "--json").json)


def test_an_audit_of_a_whole_year_has_its_shape() -> None:
    history = a_year()
    history.time -= 24 * 60 * 60
    accepted(history.deprecate("iris", "1.0.0"))
    check_shape("audit", audit_of(history, VOID).to_dict())
    check_shape("audit", audit_of(history, until="2020-01-01").to_dict())


def test_pulling_and_findings_have_their_shapes(released: Team, cli: Cli, tmp_path: Path) -> None:
    cli.folder = released.clone
    check_shape("pull", cli.ok("pull", "iris@1.1.0", "-o", tmp_path / "out", "--json").json)
    released.git("tag", "--delete", "iris@v1.1.0")
    released.git("tag", "iris@v1.1.0", "HEAD")
    ran = cli("verify", "--json")
    assert ran.code == 1
    check_shape("verify", ran.json)
    assert [finding["code"] for finding in ran.json["findings"]] == ["tag.moved"]


def test_deployments_have_their_shape(team: Team, cli: Cli, tmp_path: Path) -> None:
    let_alice_sign(team)
    release(team, "1.0.0")
    add_target(team, tmp_path / "srv")
    cli.folder = team.clone
    for options in (["--dry-run"], [], [f"--outcome={tmp_path / 'outcome.json'}"]):
        check_shape("deploy", cli.ok("deploy", "iris@production", "--json", *options).json)
    check_shape("deploy", json.loads((tmp_path / "outcome.json").read_bytes()))
    shown = cli.ok("show", "iris", "--json").json
    check_shape("show", shown)
    assert [(item["target"], item["outcome"]) for item in shown["deployments"]] == [
        ("shelf", "succeeded")
    ]
    traced = cli.ok("lineage", "iris", "--json").json
    check_shape("lineage", traced)
    assert "deployment" in {edge["relation"] for edge in traced["edges"]}
    said = cli.ok("show", "iris").out
    assert "shelf: succeeded, for production number 1" in said
    check_shape("history", cli.ok("history", "iris", "--json").json)
    team.open().vacate("iris", stage="production")
    check_shape("deploy", cli.ok("deploy", "iris@production", "--json").json)
