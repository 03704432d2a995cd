"""Claimed times that run against the ledger's order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitreg.domain.finding import Finding
from gitreg.domain.moment import Moment, iso_time
from gitreg.domain.record import Record
from gitreg.domain.scope import Scope


def check_clocks(records: Iterable[Record], scope: Scope) -> list[Finding]:
    """Return what is odd about the times of `records`, all valid ones in ledger order.

    Records of the span that claim an earlier time than one before them, and records after its end
    that claim to be of the span or earlier: one finding for each record that others contradict.
    """
    latest: Record | None = None
    end: Record | None = None
    behind: dict[int, tuple[Record, list[Record]]] = {}
    outside: list[Record] = []
    for record in records:
        time = record.tagger.time
        if end is None and scope.has_ended(time):
            end = record
        if end is not None:
            if not scope.has_ended(time):
                outside.append(record)
        elif latest is None or time >= latest.tagger.time:
            latest = record
        else:
            moment = Moment(record=record.index, time=time, as_of=latest.tagger.time)
            if moment.is_backdated and scope.tells_of(moment):
                behind.setdefault(latest.index, (latest, []))[1].append(record)
    found = [_behind(first, others) for first, others in behind.values()]
    return [*found, _outside(end, outside)] if end and outside else found


def _behind(first: Record, others: Sequence[Record]) -> Finding:
    earliest = iso_time(min(record.tagger.time for record in others))
    return Finding(
        severity="warning",
        code="time.backwards",
        where=_where(others),
        what=f"dated {earliest}{' and later' if len(others) > 1 else ''}, yet signed after record "
        f"{first.index}, dated {iso_time(first.tagger.time)}; the later date is what counts",
        next_step="the ledger's order stands; ask the signers whose clock was wrong",
    )


def _outside(end: Record, others: Sequence[Record]) -> Finding:
    return Finding(
        severity="warning",
        code="time.outside",
        where=_where(others),
        what=f"dated before the end of the span, yet signed after record {end.index}, dated "
        f"{iso_time(end.tagger.time)}, which ends it; not counted here",
        next_step="ask the signers whose clock was wrong; --until-record and --at-record go by the "
        "ledger's order alone",
    )


def _where(records: Sequence[Record]) -> str:
    if len(records) == 1:
        return f"record {records[0].index}"
    return f"{len(records)} records from {records[0].index} to {records[-1].index}"
