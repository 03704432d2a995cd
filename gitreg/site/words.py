"""The words that the sections of an audit report share."""

from __future__ import annotations

from gitreg.domain.moment import iso_time
from gitreg.domain.tenure import Signed
from gitreg.site.page import Html, code, element, join


def shown_time(seconds: int) -> str:
    """Return a time as people read it."""
    return iso_time(seconds).replace("T", " ").replace("Z", " UTC")


def when(signed: Signed) -> Html:
    """Return the time that a record claims and its number, and what counts where that differs."""
    moment = signed.moment
    told = join(shown_time(moment.time), ", ", _record(signed))
    if not moment.is_backdated:
        return told
    text = f"; a record before it claims {shown_time(moment.as_of)}, which is what counts"
    return join(told, element("span", text, class_="bad"))


def day(signed: Signed) -> Html:
    """Return a day and a record, for a narrow column."""
    mark = element("span", " backdated", class_="bad") if signed.moment.is_backdated else ""
    return join(iso_time(signed.moment.time)[:10], " ", _record(signed), mark)


def by(signed: Signed) -> Html:
    """Return who signed, and with which key."""
    return join(signed.who, ", key ", code(signed.fingerprint))


def _record(signed: Signed) -> Html:
    return element("span", f"record {signed.moment.record}", class_="record")
