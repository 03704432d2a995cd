"""Small line plots as SVG within a page: no script, no fonts of their own, colours of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gitreg.site.page import Html, element

Points = Sequence[Sequence[float]]

_SIDE, _LEFT, _BELOW = 220, 44, 40  # of the square that is drawn in, and what is beside it


def line_plot(title: str, across: str, up: str, points: Points, *, diagonal: bool) -> Html:
    """Return a line through points (x, y) of the unit square; more columns are passed over.

    `diagonal` draws the line of equal values too. Points that are not numbers are left out.
    """
    width, height = _SIDE + _LEFT + 12, _SIDE + _BELOW + 12
    marks = [mark for place in (0.0, 0.5, 1.0) for mark in _marks(place)]
    guide = [_line([(0.0, 0.0), (1.0, 1.0)], "guide")] if diagonal else []
    labels = [
        _text(across, _LEFT + _SIDE / 2, height - 6, "middle"),
        _text(up, 12, 6 + _SIDE / 2, "middle", transform=f"rotate(-90 12 {6 + _SIDE / 2})"),
    ]
    frame = element(
        "rect", x=str(_LEFT), y="6", width=str(_SIDE), height=str(_SIDE), class_="frame"
    )
    return element(
        "svg",
        element("title", title),
        frame,
        *guide,
        _line(points, "line"),
        *marks,
        *labels,
        viewBox=f"0 0 {width} {height}",
        role="img",
        class_="plot",
    )


def _marks(place: float) -> tuple[Html, Html]:
    x, y = _position(place, 0.0)
    left, at = _position(0.0, place)
    return _text(f"{place:g}", x, y + 14, "middle"), _text(f"{place:g}", left - 5, at + 4, "end")


def _line(points: Points, kind: str) -> Html:
    places = (_position(x, y) for x, y, *_ in points if not (math.isnan(x) or math.isnan(y)))
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places), class_=kind)


def _position(x: float, y: float) -> tuple[float, float]:
    return _LEFT + _SIDE * min(max(x, 0.0), 1.0), 6 + _SIDE * (1 - min(max(y, 0.0), 1.0))


def _text(text: str, x: float, y: float, anchor: str, **more: str) -> Html:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, **more)
