from __future__ import annotations

import pytest

from gitreg import schema, yaml12
from gitreg.domain.finding import Finding

UPPER = "schema: gitreg/model/v1\nname: iris\nversion: 1.0.0\n"


def check(text: str) -> list[Finding]:
    document = yaml12.load((UPPER + text).encode(), name="model.yaml")
    return schema.check(document, schema="model.v1", name="model.yaml")


def only(text: str) -> tuple[str, str, str, str | None]:
    (finding,) = check(text)
    assert finding.severity == "error"
    return finding.code, finding.where, finding.what, finding.next_step


def test_a_file_that_fits_has_no_findings() -> None:
    assert check("license: Apache-2.0\nextra:\n  anything: [goes, 1, true]\n") == []


def test_a_missing_field_is_shown_with_what_to_add() -> None:
    document = yaml12.load(b"name: iris\n", name="model.yaml")
    found = schema.check(document, schema="model.v1", name="model.yaml")
    assert [(item.code, item.where, item.what) for item in found] == [
        ("schema.required", "model.yaml:1", "the file lacks schema"),
        ("schema.required", "model.yaml:1", "the file lacks version"),
    ]
    assert found[0].next_step == "add schema: gitreg/model/v1"
    assert str(found[1].next_step).startswith("add version: MAJOR.MINOR.PATCH")


def test_a_missing_field_of_a_field_is_told_where_it_is_missing() -> None:
    assert only("license: MIT\nframework:\n  version: 1.9.1\n") == (
        "schema.required",
        "model.yaml:6",
        "framework lacks name",
        "add name: …",
    )


def test_a_mistyped_field_is_told_which_one_was_meant() -> None:
    assert only("licence: MIT\n") == (
        "schema.additionalProperties",
        "model.yaml:4",
        "licence is not a field here",
        "did you mean license? Unknown fields go under extra:",
    )


def test_an_unknown_field_is_told_which_ones_there_are() -> None:
    code, where, what, next_step = only("framework:\n  name: x\n  zzzzzz: 1\n")
    assert code == "schema.additionalProperties"
    assert (where, what) == ("model.yaml:6", "framework.zzzzzz is not a field here")
    assert next_step == "there are name, version; others go under extra:"


def test_every_unknown_field_is_told_with_its_line() -> None:
    found = check("zzzz: 1\nlicense: MIT\nyyyy: 2\n")
    assert [item.where for item in found] == ["model.yaml:6", "model.yaml:4"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("license: 1\n", "license must be a text, not 1"),
        ("license:\n", "license must be a text, not null"),
        ("license: [MIT]\n", "license must be a text, not a list"),
        ("license: {a: b}\n", "license must be a text, not a mapping"),
        ("license: true\n", "license must be a text, not true"),
        ("authors: me\n", 'authors must be a list, not "me" (a text)'),
        ("framework: torch\n", 'framework must be a mapping, not "torch" (a text)'),
        ('training: {duration_s: "5"}\n', 'training.duration_s must be a number, not "5" (a text)'),
        (
            "architecture: {parameters: 1.5}\n",
            "architecture.parameters must be a whole number, not 1.5",
        ),
        (
            "tags: {a: [1]}\n",
            "tags.a must be a text or a number or true or false or empty, not a list",
        ),
    ],
)
def test_another_type_is_told_in_words(text: str, what: str) -> None:
    code, where, said, _ = only(text)
    assert (code, where, said) == ("schema.type", "model.yaml:4", what)


def test_a_type_comes_with_an_example_where_there_is_one() -> None:
    assert only("license: 1\n")[3] == "write an SPDX licence expression, such as Apache-2.0"


def test_another_constant_is_told_with_the_one_to_write() -> None:
    document = yaml12.load(UPPER.replace("v1", "v9").encode(), name="model.yaml")
    (finding,) = schema.check(document, schema="model.v1", name="model.yaml")
    assert (finding.code, finding.where) == ("schema.const", "model.yaml:1")
    assert finding.what == 'schema is "gitreg/model/v9" (a text)'
    assert finding.next_step == "write schema: gitreg/model/v1"


def test_a_choice_is_told_with_all_there_are() -> None:
    code, where, what, next_step = only(
        "signature:\n  inputs:\n  - name: x\n    shape: [1]\n    datatype: float\n"
    )
    assert (code, where) == ("schema.enum", "model.yaml:8")
    assert what == 'signature.inputs.0.datatype is "float" (a text)'
    assert str(next_step).startswith("write one of BOOL, UINT8")


def test_a_pattern_is_told_with_what_fits_it() -> None:
    code, where, what, next_step = only("evaluation:\n  sha256: ABC\n")
    assert (code, where) == ("schema.pattern", "model.yaml:5")
    assert what == 'evaluation.sha256 cannot be "ABC" (a text)'
    assert next_step == "write 64 lower-case hex digits"


def test_an_alternative_is_told_where_it_came_furthest() -> None:
    code, where, what, next_step = only("training:\n  parents:\n  - {uri: x, sha256: ABC}\n")
    assert (code, where) == ("schema.pattern", "model.yaml:6")
    assert what == 'training.parents.0.sha256 cannot be "ABC" (a text)'
    assert next_step == "write 64 lower-case hex digits"


def test_what_fits_no_alternative_is_told_with_all_their_types() -> None:
    code, where, what, next_step = only("training:\n  parents: [1]\n")
    assert (code, where) == ("schema.anyOf", "model.yaml:5")
    assert what == "training.parents.0 must be a text or a mapping, not 1"
    assert "iris@1.1.0" in str(next_step)


@pytest.mark.parametrize(
    "text",
    ["architecture: {parameters: -1}\n", 'description: ""\n', f"license: {'x' * 201}\n"],
)
def test_any_other_rule_is_told_too(text: str) -> None:
    _, where, what, _ = only(text)
    assert where == "model.yaml:4"
    assert "is wrong: " in what
    assert len(what) < 300


def test_a_long_value_is_shown_in_short() -> None:
    _, _, what, _ = only(f"authors: {'x' * 999}\n")
    assert "…" in what
    assert len(what) < 120


def test_every_problem_is_told_at_once() -> None:
    found = check("license: 1\nauthors: me\nframework: {}\n")
    assert {item.where for item in found} == {f"model.yaml:{line}" for line in (4, 5, 6)}


@pytest.mark.parametrize("text", ["[1, 2]", "text", "1", ""])
def test_a_file_that_is_no_mapping_is_told_at_its_first_line(text: str) -> None:
    document = yaml12.load(text.encode(), name="model.yaml")
    (finding,) = schema.check(document, schema="model.v1", name="model.yaml")
    assert (finding.code, finding.where) == ("schema.type", "model.yaml:1")
    assert finding.what.startswith("the file must be a mapping, not ")
