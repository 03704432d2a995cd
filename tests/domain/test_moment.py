from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.moment import Moment, iso_time, read_time
from gitreg.errors import UsageError

NOON = 1_772_366_400  # 2026-03-01T12:00:00Z


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00",
        "2026-03-01 12:00:00",
        "2026-03-01T14:00+02:00",
        datetime(2026, 3, 1, 12, 0, 0, 999),  # noqa: DTZ001 a time without a zone is in UTC
        datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_a_time_is_in_utc_unless_it_says_otherwise(value: str | date) -> None:
    assert read_time(value, field="--at") == read_time(value, field="--at", is_end=True) == NOON


@pytest.mark.parametrize("value", ["2026-03-01", date(2026, 3, 1)])
def test_a_day_begins_with_its_first_second_and_ends_with_its_last(value: str | date) -> None:
    assert iso_time(read_time(value, field="--at")) == "2026-03-01T00:00:00Z"
    assert iso_time(read_time(value, field="--at", is_end=True)) == "2026-03-01T23:59:59Z"


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2026-02-30", "2026-3-1", "20260301", "2026-W09-7", "2026-03", "57"),
        *("2026-03-01T25:00", "2026-03-01T12", "2026-03-01T12:00:00.5", "2026-03-01\n"),
    ],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"--since .* is not a date") as caught:
        read_time(text, field="--since")
    assert "2026-03-01T12:00" in str(caught.value.next_step)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001 as above
def test_a_time_that_is_written_is_read_again(moment: datetime) -> None:
    seconds = int(moment.replace(tzinfo=UTC, microsecond=0).timestamp())
    assert read_time(iso_time(seconds), field="--at") == seconds


def test_a_record_is_backdated_where_one_before_it_claims_a_later_time() -> None:
    assert Moment(record=3, time=NOON - 301, as_of=NOON).is_backdated
    assert not Moment(record=3, time=NOON - 300, as_of=NOON).is_backdated  # clocks differ
