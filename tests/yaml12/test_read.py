from __future__ import annotations

import pytest

from gitreg import yaml12
from gitreg.errors import InvalidError


def value(text: str) -> object:
    return yaml12.load(text.encode(), name="f.yaml").value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2026-11-21", "2026-11-21"),
        ("1_000", "1_000"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-12", -12),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("+1.", 1.0),
        (".inf", float("inf")),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("[1, [a, {b: c}]]", [1, ["a", {"b": "c"}]]),
        ("1: one", {"1": "one"}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\na: 2", 2, "the key a is there twice"),
        ("x: 1\na: &b 1", 2, "anchors"),
        ("a: *b", 1, "aliases"),
        ("a: 1\nb: !!python/object:os.system x", 2, "the tag"),
        ("a: !custom x", 1, "the tag"),
        ("<<: {a: 1}", 1, "merge keys"),
        ("{a: 1}: 2", 1, "a key must be a text"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
        ("a: [1\n", 2, "this is not YAML"),
        ("a:\n\t- b", 2, "this is not YAML"),
        ("a: \x01", 1, "this is not YAML"),
    ],
)
def test_what_yaml_could_surprise_with_is_refused_by_its_line(
    text: str, line: int, what: str
) -> None:
    with pytest.raises(InvalidError, match=what) as caught:
        value(text)
    (finding,) = caught.value.findings
    assert finding.where == f"f.yaml:{line}"


def test_other_encodings_are_refused_by_the_line_of_the_first_wrong_byte() -> None:
    with pytest.raises(InvalidError, match="not UTF-8") as caught:
        yaml12.load(b"a: 1\nb: \xe9", name="f.yaml")
    assert caught.value.findings[0].where == "f.yaml:2"


def test_deep_nesting_is_refused_before_it_hurts() -> None:
    with pytest.raises(InvalidError, match="nesting is deeper"):
        value("[" * 5000)


def test_huge_files_are_refused() -> None:
    with pytest.raises(InvalidError, match="over 1048576"):
        yaml12.load(b"#" * (1 << 21), name="f.yaml")


def test_every_value_knows_its_line() -> None:
    document = yaml12.load(b"a: 1\nb:\n  - x\n  - {c: 2}\n", name="f.yaml")
    assert document.line(("a",)) == 1
    assert document.line(("b", 1, "c")) == 4
    assert document.line(("b", 1, "missing")) == 4
    assert document.line(("missing",)) == 1
    assert yaml12.load(b"", name="f.yaml").line(("a",)) == 1
