"""The released schemas say of a file what its reader says (docs/policy.md has the example)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gitreg.domain.policy import Policy, PolicyError
from gitreg.domain.report import Report
from gitreg.yaml12 import load

ROOT = Path(__file__).parent.parent
SHA256 = "0" * 64
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGK1XDS9MpTc8tmMbtZNKDrGYwZSfKlqkJoXwGYr7Ao8"
STAGE = "models.*.stages.production"
GATE = f"{STAGE}.gates.0"


def _schema(name: str) -> Draft202012Validator:
    text = (ROOT / "gitreg/schemas" / name).read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _example() -> Any:
    page = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("```yaml\n")
    return load(rest.partition("```")[0].encode(), name="gitreg.yaml").value


def _changed(value: Any, path: str, new: object) -> Any:
    changed = copy.deepcopy(value)
    *parents, last = path.split(".")
    holder = changed
    for name in parents:
        holder = holder[int(name) if isinstance(holder, list) else name]
    if new is ...:
        del holder[last]
    else:
        holder[int(last) if isinstance(holder, list) else last] = new
    return changed


def _can_be_in_force(value: object) -> bool:
    try:
        Policy.from_dict(value)
    except PolicyError:
        return False
    return True


def _is_report(value: object) -> bool:
    try:
        Report.from_dict(value)
    except ValueError:
        return False
    return True


def test_the_example_of_the_policy_can_be_in_force() -> None:
    example = _example()
    policy = Policy.from_dict(example)
    assert not list(_schema("policy.v1.json").iter_errors(example))
    assert policy.root.count == 2
    assert policy.stage("iris", "production") is not None
    assert policy.stage("sandbox/test", "production") is None


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("roles", {"maintainers": ["alice", "bob"], "reviewers": ["carol"], "bots": ["reviewers"]}),
        ("people.alice.keys.0", f"{KEY} a comment"),
        ("people.eve", {"keys": []}),
        ("beat", ...),
        ("max_age", None),
        ("datasets.holdout.uri", ...),
        ("models", {}),
        ("models.iris", {}),
        ("models.fraud/*", {}),
        ("models.fraud-*", {}),
        ("models.gitreg-x", {}),
        (f"{STAGE}.approve", {}),
        (f"{STAGE}.approve", {"by": ["carol"]}),
        (f"{STAGE}.after", None),
        (f"{STAGE}.rollback", ...),
        (GATE, {"metric": "f1", "max_change": 1}),
        (GATE, {"metric": "f1", "min": 0, "max": 1, "min_change": 0.0}),
    ],
)
def test_schema_and_reader_accept_a_policy(path: str, new: object) -> None:
    value = _changed(_example(), path, new)
    assert not list(_schema("policy.v1.json").iter_errors(value))
    assert _can_be_in_force(value)


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("gitreg", ...),
        ("gitreg", 2),
        ("gitreg", True),
        ("people", ...),
        ("people.Eve", {"keys": [KEY]}),
        ("people.eve", {}),
        ("people.eve", {"keys": KEY}),
        ("people.eve", {"keys": [KEY], "name": "Eve"}),
        ("people.eve", {"keys": ["ssh-dss AAAAB3NzaC1kc3MAAACBAP8xQxQxQxQxQxQxQxQxQxQxQxQx"]}),
        ("people.eve", {"keys": ["cert-authority " + KEY]}),
        ("roles", None),
        ("roles.Bots", []),
        ("roles.bots", "ci"),
        ("root", ...),
        ("root.by", ...),
        ("root.threshold", 0),
        ("root.threshold", "2"),
        ("beat", "ci"),
        ("max_age", "30"),
        ("max_age", 30),
        ("max_age", "0d"),
        ("datasets", None),
        ("datasets.holdout.sha256", ...),
        ("datasets.holdout.sha256", "A" * 64),
        ("datasets.holdout.uri", 3),
        ("datasets.holdout.rows", 120),
        ("models.Iris", {}),
        ("models.gitreg/*", {}),
        ("models.refs", {}),
        ("models.fraud**", {}),
        ("models.*.allow_pickle", "no"),
        ("models.*.promote", []),
        ("models.*.stages.Production", {}),
        (f"{STAGE}.approve.count", -1),
        (f"{STAGE}.approve.count", 101),
        (f"{STAGE}.approve", 1),
        (f"{STAGE}.rollback", {"approvals": 0}),
        (f"{STAGE}.after", 1),
        (f"{STAGE}.evidence", "signed"),
        (f"{STAGE}.evidence", ...),  # a gate names its data
        (f"{STAGE}.gates", {"metric": "accuracy", "min": 0.9}),
        (GATE, {"metric": "accuracy"}),
        (GATE, {"min": 0.9}),
        (GATE, {"metric": "-x", "min": 0.9}),
        (GATE, {"metric": "accuracy", "min": "0.9"}),
        (GATE, {"metric": "accuracy", "min": None}),
        (GATE, {"metric": "accuracy", "minimum": 0.9}),
        (GATE, {"metric": "accuracy", "max_gap": 0.1}),
        (GATE, {"metric": "accuracy", "slice": "sex", "min": 0.9}),
        (GATE, {"metric": "accuracy", "slice": "sex", "max_gap": 0.1, "min": 0.9}),
        (GATE, {"metric": "accuracy", "min": 0.9, "data": None}),
        ("owners", []),
    ],
)
def test_schema_and_reader_refuse_a_policy(path: str, new: object) -> None:
    value = _changed(_example(), path, new)
    assert list(_schema("policy.v1.json").iter_errors(value))
    assert not _can_be_in_force(value)


REPORT: Any = {
    "schema": "gitreg/report/v1",
    "model": "iris",
    "version": "1.2.0",
    "data": {"name": "holdout", "sha256": SHA256},
    "metrics": {
        "accuracy": 0.967,
        "latency_p95_ms": {"value": 1.2, "unit": "ms", "better": "lower", "low": 1, "high": 1.4},
    },
    "slices": {"sex": {"female": {"accuracy": 0.97}, "male": {"accuracy": 0.96}}},
    "champion": {"version": "1.1.0", "metrics": {"accuracy": 0.95}, "slices": {}},
    "extra": {"plots": ["confusion.png"]},
}


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("extra", ...),
        ("champion", ...),
        ("champion", None),
        ("champion.slices", ...),
        ("slices", ...),
        ("data.name", ...),
        ("metrics", {}),
        ("version", "2.0.0-rc.1"),
    ],
)
def test_schema_and_reader_accept_a_report(path: str, new: object) -> None:
    value = _changed(REPORT, path, new)
    assert not list(_schema("report.v1.json").iter_errors(value))
    assert _is_report(value)


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("schema", "gitreg/report/v2"),
        ("model", ...),
        ("version", 1),
        ("data", ...),
        ("data.sha256", "0"),
        ("metrics", []),
        ("metrics.accuracy", "0.9"),
        ("metrics.accuracy", True),
        ("metrics.accuracy", {"unit": "ms"}),
        ("slices.sex", []),
        ("slices.sex.female.accuracy", None),
        ("champion", "1.1.0"),
        ("champion.version", ...),
        ("champion.metrics.accuracy", "0.9"),
    ],
)
def test_schema_and_reader_refuse_a_report(path: str, new: object) -> None:
    value = _changed(REPORT, path, new)
    assert list(_schema("report.v1.json").iter_errors(value))
    assert not _is_report(value)


@pytest.mark.parametrize("name", ["policy.v1.json", "report.v1.json"])
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(_schema(name).schema)


@pytest.mark.parametrize("path", ["run", "metrics.accuracy.unit", "champion.run", "data.rows"])
def test_a_report_has_room_for_more_in_extra_only(path: str) -> None:
    value = _changed(REPORT, "metrics.accuracy", {"value": 0.9})
    value = _changed(value, path, 3)
    assert list(_schema("report.v1.json").iter_errors(value))
