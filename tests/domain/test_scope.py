from __future__ import annotations

from typing import Any

import pytest

from gitreg.domain.moment import Moment, iso_time
from gitreg.domain.scope import Scope
from gitreg.errors import UsageError

DAY = 24 * 60 * 60


def at(time: int) -> Moment:
    return Moment(record=1, time=time, as_of=time)


def test_models_are_named_exactly_or_by_a_prefix() -> None:
    everything = Scope.parse()
    assert everything.has_model("iris")
    assert Scope.parse(model="*").has_model("iris")
    exact = Scope.parse(model="fraud/scorer")
    assert exact.has_model("fraud/scorer")
    assert not exact.has_model("fraud/scorer-2")
    team = Scope.parse(model="fraud/*", stage="production")
    assert team.has_stage("fraud/scorer", "production")
    assert not team.has_stage("fraud/scorer", "staging")
    assert not team.has_stage("iris", "production")


def test_days_are_whole_and_in_utc() -> None:
    scope = Scope.parse(since="2026-03-01", until="2026-03-02")
    assert iso_time(scope.since or 0) == "2026-03-01T00:00:00Z"
    assert iso_time(scope.until or 0) == "2026-03-02T23:59:59Z"
    assert not scope.is_state


def test_the_state_on_a_day_is_that_at_its_end() -> None:
    scope = Scope.parse(at="2026-03-01")
    assert (scope.since, iso_time(scope.until or 0)) == (None, "2026-03-01T23:59:59Z")
    assert scope.is_state
    assert scope == Scope.parse(at="2026-03-01T23:59:59Z")


def test_a_record_bounds_a_span_and_a_state_alike() -> None:
    assert Scope.parse(since="2026-03-01", until_record=7).last == 7
    assert Scope.parse(at_record=0) == Scope(last=0, is_state=True)
    assert Scope.parse(at="2026-03-01", until_record=7).last == 7


def test_a_span_includes_both_of_its_ends() -> None:
    scope = Scope(since=DAY, until=2 * DAY)
    assert scope.has_begun(at(DAY))
    assert not scope.has_begun(at(DAY - 1))
    assert not scope.has_ended(2 * DAY)
    assert scope.has_ended(2 * DAY + 1)
    assert not Scope().has_ended(10**12)


def test_a_state_tells_of_nothing_that_happened() -> None:
    assert Scope(since=DAY).tells_of(at(DAY))
    assert not Scope(since=DAY).tells_of(at(DAY - 1))
    assert not Scope(until=DAY, is_state=True).tells_of(at(DAY))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"model": "Iris"}, "neither a model name"),
        ({"model": "fraud**"}, "neither a model name"),
        ({"stage": "Production"}, "not a stage name"),
        ({"at": "2026-03-01", "since": "2026-01-01"}, "one point"),
        ({"at": "2026-03-01", "until": "2026-01-01"}, "one point"),
        ({"at": "2026-03-01", "at_record": 7}, "one point"),
        ({"at_record": 7, "since": "2026-01-01"}, "one point"),
        ({"at_record": 7, "until_record": 8}, "one point"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "is after --until"),
        ({"since": "soon"}, "--since 'soon' is not a date"),
        ({"until": "soon"}, "--until 'soon' is not a date"),
        ({"at": "soon"}, "--at 'soon' is not a date"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        Scope.parse(**asked)
    assert caught.value.next_step
