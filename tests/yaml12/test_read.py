from __future__ import annotations

import math

import pytest

from gitreg.errors import InvalidError, SetupError
from gitreg.yaml12 import load
from gitreg.yaml12.read import MAX_BYTES, MAX_DEPTH, MAX_VALUES


def read(text: str) -> object:
    return load(text.encode(), name="x.yaml").value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2026-01-02", "2026-01-02"),
        ("1e-3", 0.001),
        ("1_000", "1_000"),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", -math.inf),
        (".Inf", math.inf),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'3'", "3"),
        ('"true"', "true"),
        ("1.2.0", "1.2.0"),
        ("=", "="),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: object) -> None:
    assert read(f"a: {text}\n") == {"a": value}


def test_not_a_number_is_one() -> None:
    found = read("a: .nan\n")
    assert isinstance(found, dict)
    assert math.isnan(found["a"])


def test_collections_and_blocks_are_read() -> None:
    text = "a: {b: [1, {c: 2}]}\nd:\n- |\n  two\n  lines\n- e: f\n"
    assert read(text) == {"a": {"b": [1, {"c": 2}]}, "d": ["two\nlines\n", {"e": "f"}]}


def test_every_value_knows_its_line() -> None:
    document = load(b"a: 1\nb:\n  - x\n  - c: 2\n", name="x.yaml")
    assert [document.line(path) for path in ((), ("a",), ("b", 0), ("b", 1, "c"))] == [1, 1, 3, 4]
    assert document.line(("b", 1, "missing")) == 4


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\na: 2\n", 2, "the key a is there twice"),
        ("a: &x 1\n", 1, "anchors"),
        ("a: 1\nb: *a\n", 2, "anchors"),
        ("a: !!python/object:os.system x\n", 1, "the tag"),
        ("a: !mine x\n", 1, "the tag"),
        ("%TAG ! tag:example.org\n---\na: 1\n", 1, "%TAG"),
        ("# one\r%TAG !x! y\n---\na: 1\n", 1, "%TAG"),
        ("".join(f"%TAG !{n}! x\n" for n in range(60_000)) + "---\n", 1, "%TAG"),
        ("<<: {a: 1}\n", 1, "merge keys"),
        ("? [a]\n: 1\n", 1, "a key must be a text"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: [\n", 2, "this is not YAML"),
        ("a: b: c\n", 1, "this is not YAML"),
        ("a: \x07\n", 1, "this is not YAML"),
        ("[" * 5000, 1, "deeper than"),
        ("[" * 39 + "1," * MAX_VALUES, 1, "more than"),
        (f"{'k' * 999}: 1\n" * 2, 2, "k" * 80 + " is there twice"),
        ("a:\n" + "".join(f"{' ' * n}- \n" for n in range(1, MAX_DEPTH + 9)), MAX_DEPTH, "deeper"),
    ],
)
def test_what_is_not_read_is_refused_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(InvalidError) as caught:
        read(text)
    (finding,) = caught.value.findings
    assert finding.where.startswith("x.yaml:")
    assert abs(int(finding.where.partition(":")[2]) - line) <= 1
    assert what in finding.what


def test_a_file_that_is_too_large_or_not_utf8_is_refused() -> None:
    with pytest.raises(InvalidError, match="bytes, over"):
        load(b"#" * (MAX_BYTES + 1), name="x.yaml")
    with pytest.raises(InvalidError, match=r"x\.yaml:2: the text is not UTF-8"):
        load(b"a: 1\nb: \xff\n", name="x.yaml")


def test_another_parser_than_everybodys_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitreg.yaml12.read._Loader", None)
    with pytest.raises(SetupError, match="without libyaml"):
        read("a: 1")


def test_an_empty_file_is_nothing() -> None:
    assert read("") is None
    assert read("# a comment\n") is None


def test_a_control_character_is_told_with_its_line() -> None:
    with pytest.raises(InvalidError, match="file:3: this is not YAML: control characters"):
        load("name: é\nversion: 1.0.0\ndescription: \x07\n".encode(), name="file")
