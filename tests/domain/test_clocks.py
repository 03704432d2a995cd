from __future__ import annotations

import pytest

from gitreg.domain.clocks import check_clocks
from gitreg.domain.record import ZEROS, Record, Tagger
from gitreg.domain.scope import Scope

DAY = 24 * 60 * 60


def records(*days: float) -> list[Record]:
    """One heartbeat a day of January 1970, in this order."""
    return [
        Record(
            action="beat",
            object="0" * 40,
            tagger=Tagger(name="ci", email="ci@example.org", time=int(day * DAY)),
            index=index,
            prev=ZEROS,
            policy=ZEROS,
        )
        for index, day in enumerate(days)
    ]


def told(scope: Scope, *days: float) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in check_clocks(records(*days), scope)]


def test_times_in_order_and_equal_ones_are_nothing_to_tell() -> None:
    assert told(Scope(), 1, 2, 2, 3) == []
    assert told(Scope(), 1, 1 - 60 / DAY) == []  # clocks differ by as much


def test_records_that_go_back_are_told_once_for_each_that_they_contradict() -> None:
    assert told(Scope(), 1, 5, 2, 3, 6, 4) == [
        ("time.backwards", "2 records from 2 to 3"),
        ("time.backwards", "record 5"),
    ]


def test_the_later_date_is_said_to_count() -> None:
    (finding,) = check_clocks(records(1, 5, 3, 2), Scope())
    assert "dated 1970-01-03T00:00:00Z and later" in finding.what
    assert (
        "after record 1, dated 1970-01-06T00:00:00Z; the later date is what counts" in finding.what
    )


def test_what_went_back_before_the_span_is_not_of_it() -> None:
    assert told(Scope(since=4 * DAY), 1, 3, 2, 5, 6) == []
    assert told(Scope(since=4 * DAY), 1, 5, 2) == [("time.backwards", "record 2")]


def test_one_record_from_the_future_hides_what_follows_and_that_is_said() -> None:
    (finding,) = check_clocks(records(1, 2000, 2, 3, 4), Scope(until=10 * DAY))
    assert (finding.code, finding.where) == ("time.outside", "3 records from 2 to 4")
    assert "after record 1, dated 1975-06-24T00:00:00Z, which ends it" in finding.what
    assert "--at-record" in str(finding.next_step)


@pytest.mark.parametrize("days", [(1, 2, 11, 12), (1, 2)])
def test_what_is_dated_after_the_span_is_no_wonder(days: tuple[float, ...]) -> None:
    assert told(Scope(until=10 * DAY), *days) == []


def test_a_state_is_not_about_how_its_records_were_dated() -> None:
    assert told(Scope(until=9 * DAY, is_state=True), 1, 5, 2) == []
    assert told(Scope(until=9 * DAY, is_state=True), 1, 10, 2) == [("time.outside", "record 2")]
