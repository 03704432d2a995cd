"""A mistake in a query: what it is, and where, with a caret below the place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from gitreg.domain.printable import clean
from gitreg.errors import UsageError

_AROUND = 36  # characters that are shown on each side of the place


def mistake(text: str, what: str, start: int, end: int, *, next_step: str) -> UsageError:
    """Return the error that says what is wrong with `text` from `start` to before `end`."""
    place = "at its end" if start >= len(text) else f"at character {start + 1}"
    return UsageError(
        f"the query, {place}: {what}", shown=point_at(text, start, end), next_step=next_step
    )


def point_at(text: str, start: int, end: int) -> tuple[str, str]:
    """Return a line of `text`, shortened to what is near, and one with carets below the place."""
    first, last = max(0, start - _AROUND), min(len(text), start + _AROUND)
    before = ("…" if first else "") + clean(text[first:start])
    place = clean(text[start : min(end, last)])
    after = clean(text[min(end, last) : last]) + ("…" if last < len(text) else "")
    return before + place + after, " " * _width(before) + "^" * max(1, _width(place))


def find_nearest(name: str, known: Iterable[str]) -> str | None:
    """Return what was probably meant by `name`, or None."""
    close = get_close_matches(name.lower()[:100], list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
