"""deploy.yaml: what it may say, and every finding with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gitreg.errors import InvalidError
from gitreg.registry.targets import check_targets
from gitreg.schema import read_schema

ROOT = Path(__file__).parents[2]
_ONE = "gitreg: 1\nmodels:\n  iris:\n    production:\n      - {name: shelf, target: folder, %s}\n"


def _of(text: str) -> Any:
    return check_targets(text.encode())


def test_the_exact_name_wins_else_the_longest_beginning_and_it_wins_whole() -> None:
    entry = "{production: [{name: %s, target: folder, path: /srv}]}"
    lines = [f"  {p!r}: {entry % n}" for p, n in [("*", "all"), ("fraud/*", "team"), ("iris", "i")]]
    targets = _of("gitreg: 1\nmodels:\n" + "\n".join(lines))
    names = {
        model: [item.name for item in targets.of(model, "production")]
        for model in ("iris", "fraud/scorer", "fraud", "iris2")
    }
    assert names == {"iris": ["i"], "fraud/scorer": ["team"], "fraud": ["all"], "iris2": ["all"]}
    assert targets.of("iris", "staging") == ()


def test_a_target_has_what_is_written_and_defaults() -> None:
    (plain,) = _of(_ONE % "path: /srv").of("iris", "production")
    assert (plain.name, plain.kind, plain.options) == ("shelf", "folder", {"path": "/srv"})
    assert (plain.trial.need, plain.trial.seconds) == ("load", 300.0)
    (full,) = _of(_ONE % "path: /srv, keep: 5, check: {need: query, seconds: 1.5}").of(
        "iris", "production"
    )
    assert full.options["keep"] == 5
    assert (full.trial.need, full.trial.seconds, full.trial.memory_mib) == ("query", 1.5, 8192)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ("path: srv/models", "path cannot be"),
        ("path: /srv/../etc", "path is not a plain absolute path"),
        ("path: //srv", "path is not a plain absolute path"),
        ("path: /srv//x", "path is not a plain absolute path"),
        ("path: /home/x/.git", "path is not a plain absolute path"),
        ('path: "/srv/\\u202e"', "path is not a plain absolute path"),
        ('path: "/srv\\0"', "path is not a plain absolute path"),
        ("path: [/srv]", "path must be a text"),
        ("keep: 1", "lacks path"),
        ("path: /srv, keep: 0", "keep is wrong"),
        ("path: /srv, command: rm", "command is not a field here"),
        ("path: /srv, check: {need: nothing}", "need is"),
        ("path: /srv, check: {seconds: 0}", "seconds is wrong"),
        ("path: /srv, check: {seconds: .nan}", "seconds is not a number"),
        ("path: /srv, check: {seconds: .inf}", "seconds is wrong"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(fields: str, what: str) -> None:
    with pytest.raises(InvalidError) as caught:
        _of(_ONE % fields)
    (finding,) = caught.value.findings
    assert finding.where == "deploy.yaml:5"
    assert what in finding.what


def test_what_is_mistyped_is_told_without_a_place_that_the_file_has_not() -> None:
    with pytest.raises(InvalidError) as caught:
        _of(_ONE % "path: /srv, keeps: 3")
    assert [found.next_step for found in caught.value.findings] == ["did you mean keep?"]


@pytest.mark.parametrize(
    "text",
    [
        "models: {}",
        "gitreg: 2",
        "gitreg: 1\nmodels: {../iris: {}}",
        "gitreg: 1\nmodels: {Iris: {}}",
        "gitreg: 1\nmodels: {'$(id)': {}}",
        "gitreg: 1\nmodels: {iris: {'--help': []}}",
        "gitreg: 1\nmodels: {iris: {production: {name: x}}}",
        "gitreg: 1\nmodels: {iris: {production: [{name: '$(id)', target: folder, path: /x}]}}",
        "gitreg: 1\nmodels: {iris: {production: [{name: x, target: shell, path: /x}]}}",
        "[]",
        "",
    ],
)
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        _of(text)


def test_two_links_that_would_be_one_are_refused() -> None:
    target = "- {name: %s, target: folder, path: %s}"
    stages = [
        "gitreg: 1\nmodels:\n  iris:",
        *("    production:", f"      {target % ('a', '/srv')}", f"      {target % ('a', '/var')}"),
        *("    staging:", f"      {target % ('b', '/srv/')}"),
    ]
    with pytest.raises(InvalidError) as caught:
        _of("\n".join(stages))
    assert [(found.where, found.what) for found in caught.value.findings] == [
        ("deploy.yaml:6", "models.iris.production.1.name is there twice in this stage"),
        (
            "deploy.yaml:8",
            "models.iris.staging.0.path is that of production.0 too, and they would share one link",
        ),
    ]


def test_the_schema_is_one_and_what_is_read_is_written_the_same() -> None:
    Draft202012Validator.check_schema(read_schema("deploy.v1"))
    page = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    targets = _of(example)
    written = {
        "gitreg": 1,
        "models": {
            pattern: {stage: [item.to_dict() for item in items] for stage, items in stages.items()}
            for pattern, stages in targets.models.items()
        },
    }
    assert not list(Draft202012Validator(read_schema("deploy.v1")).iter_errors(written))
    assert type(targets).from_dict(written) == targets
