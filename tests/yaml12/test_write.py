from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg import yaml12
from gitreg.errors import InvalidError

TEXTS = st.text(st.characters(exclude_categories=["C"]), max_size=12) | st.sampled_from(
    ["no", "1:30", "1e3", "0o7", ".5", "null", "~", "", "a: b", "- x", "#", "'", "2026-01-01"]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
KEYS = TEXTS.filter(lambda text: text != "<<")
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)


def load(text: str) -> Any:
    return yaml12.load(text.encode(), name="f.yaml").value


@given(VALUES)
def test_what_is_dumped_is_read_back(value: Any) -> None:
    assert load(yaml12.dump(value)) == value


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), VALUES, st.data())
def test_an_edit_changes_one_value_and_no_other(
    before: dict[str, Any], value: Any, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(before)) | KEYS)
    after = yaml12.edit(yaml12.dump(before), (key,), value, name="f.yaml")
    assert load(after) == {**before, key: value}


TEXT = """\
# about the model
name: iris   # its name
metrics:
  # measured on Tuesday
  accuracy: 0.9   # of 1
  speed: {value: 1e-3, unit: s}

# the card
card:
    use: |
      one

      two
# the end
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("name",), "rose", "name: iris   # its name\n", "name: rose\n"),
        (("metrics", "accuracy"), 1, "  accuracy: 0.9   # of 1\n", "  accuracy: 1\n"),
        (
            ("metrics", "speed", "value"),
            2,
            "  speed: {value: 1e-3, unit: s}\n",
            "  speed:\n    value: 2\n    unit: s\n",
        ),
        (("card", "use"), "x", "    use: |\n      one\n\n      two\n", "    use: x\n"),
    ],
)
def test_comments_and_all_else_stay(
    path: tuple[str, ...], value: object, old: str, new: str
) -> None:
    assert yaml12.edit(TEXT, path, value, name="f.yaml") == TEXT.replace(old, new)


def test_a_missing_key_is_added_at_the_end_of_its_mapping() -> None:
    added = yaml12.edit(TEXT, ("metrics", "f1"), 0.8, name="f.yaml")
    assert added == TEXT.replace("unit: s}\n", "unit: s}\n  f1: 0.8\n")
    assert yaml12.edit(TEXT, ("tags", "a"), "b", name="f.yaml") == TEXT + "tags:\n  a: b\n"


def test_what_is_so_already_is_left_to_the_byte() -> None:
    assert yaml12.edit(TEXT, ("metrics", "accuracy"), 0.9, name="f.yaml") == TEXT


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", ("a", "b"), "a:\n  b: 1\n"),
        ("# nothing yet\n", ("a",), "# nothing yet\na: 1\n"),
        ("a:\n", ("a", "b"), "a:\n  b: 1\n"),
        ("a: {}\nz: 1", ("a", "b"), "a:\n  b: 1\nz: 1"),
        ("z: 1", ("a",), "z: 1\na: 1\n"),
        ("{z: 1}", ("a",), "z: 1\na: 1\n"),
        ("a: text\n", ("a", "b"), "a:\n  b: 1\n"),
    ],
)
def test_an_edit_finds_room_in_every_shape(text: str, path: tuple[str, ...], expected: str) -> None:
    assert yaml12.edit(text, path, 1, name="f.yaml") == expected


def test_a_list_is_no_mapping_to_edit() -> None:
    with pytest.raises(InvalidError, match="not a mapping"):
        yaml12.edit("- a\n", ("a",), 1, name="f.yaml")
