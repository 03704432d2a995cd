"""Places in the ledger with the times that signers claim for them, and how times are written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from gitreg.errors import UsageError
from gitreg.value import Value

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_LAST_SECOND = 24 * 60 * 60 - 1
_SKEW = 5 * 60  # seconds by which the clocks of honest machines differ


class Moment(Value):
    """A valid record's place: its index, the time it claims, and the time it counts as of.

    Both are Unix seconds. Nobody can check a claimed time, but each record was there before the
    next one. So `as_of` is the latest time claimed by this record or any before it: what is signed
    later with an earlier date comes later all the same.
    """

    record: int
    time: int
    as_of: int

    @property
    def is_backdated(self) -> bool:
        """Whether a record before this one claims a later time, by more than clocks differ."""
        return self.time < self.as_of - _SKEW

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"record": self.record, "time": self.time, "as_of": self.as_of}


def iso_time(seconds: int) -> str:
    """Return Unix seconds as `2026-03-01T12:00:00Z`; records lie before the year 6326."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(value: str | date, *, field: str, is_end: bool = False) -> int:
    """Return a date or time in Unix seconds; in UTC unless it says otherwise.

    A day stands for its first second, or with `is_end` for its last.

    Raises: UsageError.
    """
    if isinstance(value, datetime):
        text = value.replace(microsecond=0).isoformat()
    else:
        text = value.isoformat() if isinstance(value, date) else value
    try:
        if _DAY.fullmatch(text):
            start = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return int(start.timestamp()) + (_LAST_SECOND if is_end else 0)
        if _TIME.fullmatch(text):
            moment = datetime.fromisoformat(text)
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except ValueError:
        pass  # such as the 30th of February
    raise UsageError(
        f"{field} {text[:40]!r} is not a date",
        next_step="write a day, 2026-03-01, or a time in UTC, 2026-03-01T12:00",
    )
