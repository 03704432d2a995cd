from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gitreg.schema import read_schema
from tests.audits import VOID, a_year, audit_of
from tests.fixtures import Cli, Team
from tests.ledgers import accepted


def check_shape(name: str, value: Any) -> None:
    schema = read_schema("output.v1")
    Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"}).validate(value)


def test_every_shape_is_of_a_command() -> None:
    parts = {"record", "statement", "finding", "proposal", "signed", "tenure", "step"}
    shapes = set(read_schema("output.v1")["$defs"]) - parts
    commands = {"list", "show", "history", "verify", "policy", "pull", "register", "init"}
    commands |= {"written", "policy-diff", "tags", "audit", "evaluate", "review"}
    assert shapes == {
        *commands,
        "ci-plan",
        "ci-check",
        "ci-sync",
        "ci-dispatch",
        "propose",
        "prepare",
    }


@pytest.mark.parametrize(
    ("shape", "command"),
    [
        ("list", ["list"]),
        ("show", ["show", "iris@production"]),
        ("show", ["show", "iris@1.1.0"]),
        ("history", ["history", "iris"]),
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
