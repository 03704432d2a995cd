"""A metric over versions as lines of text, in letters that every terminal and pipe has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from gitreg.domain.metric import Figure
from gitreg.domain.metric_history import MetricHistory, Point
from gitreg.domain.printable import shorten

CLAIMED, MEASURED, BOTH = "o", "*", "@"

_LONGEST = 24  # characters of a version
_NARROWEST = 10  # columns to draw in


def draw_lines(history: MetricHistory, points: Sequence[Point], *, width: int) -> Iterator[str]:
    """Yield one line a version, within `width` columns: where its figures lie, and what they are.

    `points` are those of the history to draw; each has a figure.
    """
    kinds = [kind for kind in ("measured", "claimed") if any(getattr(p, kind) for p in points)]
    values = {kind: [_value(getattr(point, kind)) for point in points] for kind in kinds}
    names = [_name(point) for point in points]
    wide = max(map(len, ["version", *names]))
    columns = {kind: max(map(len, [kind, *values[kind]])) for kind in kinds}
    room = max(_NARROWEST, width - wide - 2 - sum(2 + size for size in columns.values()))
    low, high = find_range(points)
    head = [f"{kind:>{size}}" for kind, size in columns.items()]
    ends = _ends(shorten(low), shorten(high), room)
    yield "  ".join([f"{'version':<{wide}}", ends, *head])
    for number, point in enumerate(points):
        cells = [f"{values[kind][number]:>{size}}" for kind, size in columns.items()]
        marks = _marks(point, low, high, room)
        yield "  ".join([f"{names[number]:<{wide}}", marks, *cells]).rstrip()
    keys = {"measured": f"{MEASURED} measured", "claimed": f"{CLAIMED} claimed"}
    known = [keys[kind] for kind in kinds]
    if len(kinds) == 2:
        known.append(f"{BOTH} both")
    if any(figure.interval for point in points for figure in point.figures):
        known.append("[-] interval")
    if history.data and "measured" in kinds:
        known.append(f"data {history.data[:16]}")
    yield ""
    yield "  ".join(known)


def find_range(points: Sequence[Point]) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest of all figures and ends of intervals."""
    found = [
        number
        for point in points
        for figure in point.figures
        for number in (figure.value, *(figure.interval or ()))
    ]
    return min(found), max(found)


def _name(point: Point) -> str:
    mark = " yanked" if point.yanked else ""
    long = len(point.version) > _LONGEST
    return (point.version[: _LONGEST - 3] + "..." if long else point.version) + mark


def _value(figure: Figure | None) -> str:
    return shorten(figure.value) if figure else "-"


def _ends(low: str, high: str, room: int) -> str:
    if low == high or len(low) + len(high) + 1 > room:
        return f"{low[:room]:<{room}}"
    return low + high.rjust(room - len(low))


def _marks(point: Point, low: Decimal, high: Decimal, room: int) -> str:
    def place(value: Decimal) -> int:
        share = (value - low) / (high - low) if high > low else Decimal(0)
        return round(float(share) * (room - 1))

    cells = ["."] * room
    for figure in point.figures:
        if figure.interval:
            start, end = map(place, figure.interval)
            cells[start : end + 1] = "-" * (end - start + 1)
            cells[start], cells[end] = "[", "]"
    if point.claimed:
        cells[place(point.claimed.value)] = CLAIMED
    if point.measured:
        at = place(point.measured.value)
        cells[at] = BOTH if cells[at] == CLAIMED else MEASURED
    return "".join(cells)
