"""Which changes of a signature break those who call the model."""

from __future__ import annotations

from typing import Any

import pytest

from gitreg.domain.interface import interface_changes

X = {"name": "x", "datatype": "FP64", "shape": [-1, 4]}
SITE = {"name": "site", "datatype": "BYTES", "shape": [-1]}
SPECIES = {"name": "species", "datatype": "INT64", "shape": [-1]}
SCORE = {"name": "score", "datatype": "FP64", "shape": [-1, 3]}
BEFORE = {"inputs": [X], "outputs": [SPECIES]}


def found(before: Any, after: Any) -> list[tuple[str, str, str, bool]]:
    changes = interface_changes(before, after)
    assert all(change.why for change in changes)
    return [(item.side, item.name, item.kind, item.breaking) for item in changes]


def test_the_same_signature_has_no_changes() -> None:
    assert found(BEFORE, dict(BEFORE)) == []
    assert found(None, None) == []


@pytest.mark.parametrize(
    ("inputs", "name", "kind", "breaking"),
    [
        ([X, SITE], "site", "added", True),
        ([X | {"name": "flower"}], "x", "renamed", True),
        ([X | {"datatype": "FP32"}], "x", "retyped", True),
        ([X | {"shape": [-1, 5]}], "x", "reshaped", True),
        ([X | {"shape": [-1]}], "x", "reshaped", True),
        ([X | {"shape": [1, 4]}], "x", "reshaped", True),  # it takes less than it took
        ([X | {"shape": [-1, -1]}], "x", "reshaped", False),
        ([X | {"description": "in cm"}], "x", "described", False),
        ([], "all inputs", "unstated", True),
    ],
)
def test_what_is_taken_may_widen_only(inputs: Any, name: str, kind: str, breaking: object) -> None:
    after = BEFORE | {"inputs": inputs}
    assert found(BEFORE, after) == [("input", name, kind, breaking)]


@pytest.mark.parametrize(
    ("outputs", "name", "kind", "breaking"),
    [
        ([SPECIES, SCORE], "score", "added", False),
        ([SPECIES | {"name": "label"}], "species", "renamed", True),
        ([SPECIES | {"datatype": "INT32"}], "species", "retyped", True),
        ([SPECIES | {"shape": [-1, 1]}], "species", "reshaped", True),
        ([SPECIES | {"shape": [1]}], "species", "reshaped", False),
        ([SPECIES | {"description": "0 is setosa"}], "species", "described", False),
        ([], "all outputs", "unstated", True),
    ],
)
def test_what_is_given_may_narrow_only(
    outputs: Any, name: str, kind: str, breaking: object
) -> None:
    after = BEFORE | {"outputs": outputs}
    assert found(BEFORE, after) == [("output", name, kind, breaking)]


def test_an_output_of_unknown_size_breaks_who_counted_on_its_size() -> None:
    before = BEFORE | {"outputs": [SPECIES | {"shape": [1]}]}
    assert found(before, BEFORE) == [("output", "species", "reshaped", True)]


def test_what_is_removed_breaks() -> None:
    before = {"inputs": [X, SITE], "outputs": [SPECIES, SCORE]}
    assert found(before, BEFORE) == [
        ("input", "site", "removed", True),
        ("output", "score", "removed", True),
    ]


def test_another_thing_in_the_same_place_is_no_new_name() -> None:
    after = BEFORE | {"inputs": [SITE]}
    assert [kind for _, _, kind, _ in found(BEFORE, after)] == ["removed", "added"]


def test_order_is_nothing_as_all_go_by_name() -> None:
    before = {"inputs": [X, SITE]}
    assert found(before, {"inputs": [SITE, X]}) == [("input", "all inputs", "reordered", False)]


def test_a_signature_that_is_stated_for_the_first_time_breaks_nobody() -> None:
    assert found(None, BEFORE) == [
        ("input", "all inputs", "added", False),
        ("output", "all outputs", "added", False),
    ]
    assert found(BEFORE, None) == [
        ("input", "all inputs", "unstated", True),
        ("output", "all outputs", "unstated", True),
    ]


def test_breaking_changes_come_first() -> None:
    after = {"inputs": [X | {"description": "in cm"}], "outputs": []}
    assert [breaking for *_, breaking in found(BEFORE, after)] == [True, False]


@pytest.mark.parametrize(
    "signature",
    ["x", 3, [], {"inputs": 3}, {"inputs": ["x", {}]}, {"inputs": [{"name": [], "shape": "ab"}]}],
)
def test_a_signature_of_another_shape_is_compared_all_the_same(signature: Any) -> None:
    for before, after in ((BEFORE, signature), (signature, BEFORE)):
        assert found(before, after)
    assert found(signature, signature) == []


def test_two_of_one_name_are_both_seen() -> None:
    assert found(BEFORE, BEFORE | {"inputs": [X, X]}) == [("input", "x (2)", "added", True)]
