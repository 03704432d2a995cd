"""Values: told by their fields, never changed, and as strict about their fields as a dataclass."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import ClassVar

import pytest

from gitreg.value import Value, fields_of, names_of, replace


class Point(Value):
    kinds: ClassVar[int] = 2

    x: int
    label: str = "here"
    marks: Mapping[str, int] = {}
    y: int


class Place(Point):
    height: int = 0


class Pair(Value, kw_only=False):
    first: int
    second: int = 2


class Only(Value, eq=False):
    x: int


class Empty(Value):
    pass


def test_it_has_its_fields_and_their_defaults() -> None:
    point = Point(x=1, y=2)
    assert (point.x, point.label, point.marks, point.y) == (1, "here", {}, 2)
    assert fields_of(point) == {"x": 1, "label": "here", "marks": {}, "y": 2}
    assert names_of(Point) == ("x", "label", "marks", "y")
    assert Point.kinds == point.kinds == 2


def test_it_is_told_by_kind_and_fields() -> None:
    assert Point(x=1, y=2) == Point(x=1, y=2, label="here")
    assert Point(x=1, y=2) != Point(x=1, y=3)
    assert Place(x=1, y=2) != Point(x=1, y=2)
    assert Empty() == Empty()
    assert {Pair(1), Pair(1, 2), Pair(first=1)} == {Pair(1, second=2)}
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(x=1, y=2))  # for it holds a dictionary


def test_without_eq_it_is_told_by_which_one_it_is() -> None:
    one = Only(x=1)
    assert one != Only(x=1)
    assert {one, one, Only(x=1)} > {one}


def test_fields_of_the_base_come_first() -> None:
    assert names_of(Place) == ("x", "label", "marks", "y", "height")
    assert Place(x=1, y=2, height=3).height == 3


def test_fields_may_be_given_in_their_order() -> None:
    assert fields_of(Pair(1)) == {"first": 1, "second": 2}
    assert Pair(3, 4).second == 4


@pytest.mark.parametrize("change", ["x", "label", "other"])
def test_nothing_of_it_can_be_changed(change: str) -> None:
    point = Point(x=1, y=2)
    with pytest.raises(AttributeError, match=f"Point cannot be changed: {change}"):
        setattr(point, change, 5)
    with pytest.raises(AttributeError, match=f"Point cannot be changed: {change}"):
        delattr(point, change)
    assert point == Point(x=1, y=2)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(TypeError, match="Point needs the field 'y'"):
        Point(x=1)  # type: ignore[call-arg]


def test_a_field_that_it_has_not_is_refused() -> None:
    with pytest.raises(TypeError, match="Point has the fields x, label, marks, y alone"):
        Point(x=1, y=2, z=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Pair is given too much"):
        Pair(1, 2, 3)  # type: ignore[call-arg]


def test_a_field_is_given_once_and_by_name_where_that_is_asked_for() -> None:
    with pytest.raises(TypeError, match="a field twice"):
        Pair(1, first=2)  # type: ignore[misc]
    with pytest.raises(TypeError, match="Point is given too much"):
        Point(1, y=2)  # type: ignore[call-arg]


def test_another_like_it_is_made_by_what_differs() -> None:
    point = Point(x=1, y=2)
    assert replace(point, y=3) == Point(x=1, y=3)
    assert point.y == 2
    with pytest.raises(TypeError, match="alone"):
        replace(point, z=3)


def test_it_says_what_it_is() -> None:
    assert repr(Pair(1)) == "Pair(first=1, second=2)"


def test_it_can_be_copied_and_sent_to_another_process() -> None:
    place = Place(x=1, y=2, height=3)
    assert copy.copy(place) == place
    assert copy.deepcopy(place) == place
    assert pickle.loads(pickle.dumps(place)) == place  # noqa: S301 it was made here


def test_it_keeps_no_dictionary() -> None:
    assert not hasattr(Point(x=1, y=2), "__dict__")


def test_the_code_of_show_is_not_compiled_when_it_starts() -> None:
    """Each dataclass would take longer than looking a version up."""
    code = "import sys, gitreg.cli.show, gitreg.registry.show; print('dataclasses' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
