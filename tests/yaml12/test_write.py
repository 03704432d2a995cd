from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.errors import InvalidError
from gitreg.yaml12 import dump, edit, load

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Cn", "Co"]))
    | st.sampled_from(["no", "yes", "1:30", "1e3", "0o7", "~", "null", "", "2026-01-02", "- x"])
)
KEYS = st.from_regex(r"[a-z][a-z0-9_.]{0,8}", fullmatch=True)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def read(text: str) -> Any:
    return load(text.encode(), name="x").value


@given(VALUES)
def test_what_is_written_is_read_back_the_same(value: Any) -> None:
    assert read(dump({"a": value})) == {"a": value}


@pytest.mark.parametrize("text", ["and so on...", "3...", "...", "x\n..."])
def test_a_text_keeps_the_dots_that_it_ends_with(text: str) -> None:
    assert read(dump({"a": text})) == {"a": text}
    assert read(dump(text)) == text


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), KEYS, VALUES)
def test_an_edit_sets_one_value_and_leaves_the_others(
    before: dict[str, Any], key: str, value: Any
) -> None:
    text = edit(dump(before), (key,), value, name="x")
    assert read(text) == before | {key: value}


@pytest.mark.parametrize(
    ("text", "path", "value", "after"),
    [
        ("", ("a",), 1, "a: 1\n"),
        ("# only\n", ("a",), 1, "# only\na: 1\n"),
        ("# no line break", ("a",), 1, "# no line break\na: 1\n"),
        ("a: true\n", ("a",), 1, "a: 1\n"),
        ("a: 1  # why\nb: 2\n", ("b",), 3, "a: 1  # why\nb: 3\n"),
        ("a: 1", ("b",), 2, "a: 1\nb: 2\n"),
        ("a:\n  b: 1\n# end\n", ("a", "c"), 2, "a:\n  b: 1\n  c: 2\n# end\n"),
        ("a: {b: 1}\n", ("a", "c"), 2, "a:\n  b: 1\n  c: 2\n"),
        ("{a: 1}\n", ("b",), 2, "a: 1\nb: 2\n"),
        ("a: null\nb: 1\n", ("a", "c"), 2, "a:\n  c: 2\nb: 1\n"),
        ("a:\n  b: 1\n", ("a", "b"), [1], "a:\n  b:\n    - 1\n"),
        ("a:\n- x\n\n\nb: 1\n", ("a",), "y", "a: y\n\n\nb: 1\n"),
        ("a: 1\n", ("b", "c"), 2, "a: 1\nb:\n  c: 2\n"),
        ("a: 1\n", ("a",), 1, "a: 1\n"),
    ],
)
def test_comments_and_order_stay(
    text: str, path: tuple[str, ...], value: object, after: str
) -> None:
    assert edit(text, path, value, name="x") == after


def test_a_file_that_is_no_mapping_is_not_edited() -> None:
    with pytest.raises(InvalidError, match="not a mapping"):
        edit("- a\n", ("a",), 1, name="x")


def test_a_file_in_another_encoding_is_not_edited() -> None:
    text = b"# one\na: caf\xe9\n".decode(errors="surrogateescape")
    with pytest.raises(InvalidError, match="x:2: the text is not UTF-8"):
        edit(text, ("a",), 1, name="x")


@pytest.mark.parametrize("text", ["~\n", "c: 2\rb: 3", "--- ~ # none\n", "a: 1\n...\n# end\n"])
def test_a_file_that_does_not_take_a_value_stays_as_it_is(text: str) -> None:
    with pytest.raises(InvalidError, match="c cannot be written here"):
        edit(text, ("c",), 1, name="x")
