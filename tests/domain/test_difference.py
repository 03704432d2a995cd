from __future__ import annotations

from typing import Any

import pytest

from gitreg.domain.difference import Difference, differences, leaves


def test_fields_that_differ_are_found_by_path() -> None:
    before = {"a": {"b": 1, "c": 2}, "gone": [1]}
    after = {"a": {"b": 1, "c": 3}, "new": None}
    assert list(differences(before, after)) == [
        Difference(path="a.c", before=2, after=3),
        Difference(path="gone", before=[1], after=None),
    ]


@pytest.mark.parametrize(("one", "other"), [(True, 1), ([False], [0]), ([1], [1, 2])])
def test_values_differ_that_only_python_takes_for_the_same(one: Any, other: Any) -> None:
    assert list(differences({"a": one}, {"a": other}))


def test_whole_numbers_are_the_same_however_they_are_written() -> None:
    assert not list(differences({"a": 1}, {"a": 1.0}))


def test_leaves_are_what_is_no_mapping() -> None:
    document = {"a": {"b": {"c": 1}, "d": [{"e": 2}]}, "f": {}}
    assert dict(leaves(document)) == {"a.b.c": 1, "a.d": [{"e": 2}], "f": {}}


def test_no_two_leaves_have_the_same_path() -> None:
    document = {"a": {"b": 1}, "a.b": 2, '"a.b"': 3, 'a"': {"b": 4}}
    assert len(dict(leaves(document))) == 4
