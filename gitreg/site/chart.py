"""Figures over versions as SVG: within a page, or as a file of its own that loads nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from gitreg.domain.metric import Evidence, Figure, plain
from gitreg.domain.metric_history import MetricHistory
from gitreg.site.page import Html, element, join
from gitreg.value import Value

Series = Mapping[Evidence, Sequence[Figure | None]]

_LEFT, _RIGHT, _BELOW = 58, 14, 26
_LETTER = 6  # pixels, about, in ten pixels' type
_LARGEST, _LEAST = 1e300, 1e-300  # beyond which doubles do not subtract and divide
_MANY = 60  # points that are drawn small
_LONGEST = 16  # characters of a label

# Literal colours: viewers that are no browsers know no CSS variables.
_STYLE = """
.plot { font: 10px system-ui, "Segoe UI", Arial, sans-serif; fill: #57606a; }
.plot .paper { fill: #ffffff; }
.plot .frame { fill: none; stroke: #d0d7de; }
.plot .line { fill: none; stroke: #0550ae; stroke-width: 2; }
.plot .claimed-line { stroke: #57606a; stroke-width: 1; }
.plot .guide { fill: none; stroke: #d0d7de; stroke-dasharray: 2 3; }
.plot .measured { fill: #0550ae; stroke: #0550ae; }
.plot .claimed { fill: none; stroke: #57606a; }
.plot .interval { fill: none; stroke: #0550ae; opacity: .5; }
.plot .heading { font-size: 13px; fill: #1b1f24; }
"""


class _Frame(Value):
    """Where things lie in pixels: `count` places across, values from `low` to `high` up.

    Figures are `joined` by lines where their order across says something.
    """

    width: int
    height: int
    count: int
    low: float
    high: float
    top: int
    joined: bool

    def x(self, place: int) -> float:
        inside = self.width - _LEFT - _RIGHT
        return _LEFT + inside * (place + 0.5) / self.count

    def y(self, value: float) -> float:
        inside = self.height - self.top - _BELOW
        return self.top + inside * (1 - (value - self.low) / (self.high - self.low))


def render_svg(history: MetricHistory) -> str:
    """Return a metric's history as an SVG file. The same history gives the same bytes."""
    points = history.drawn
    series: dict[Evidence, list[Figure | None]] = {
        "claimed": [point.claimed for point in points],
        "measured": [point.measured for point in points],
    }
    drawn = _draw(
        [point.version for point in points], series, width=760, height=380, top=56, joined=True
    )
    return (
        element(
            "svg",
            element("title", history.title),
            Html(f"<style>{_STYLE}</style>"),
            element("rect", width="760", height="380", class_="paper"),
            element("text", history.title, x=str(_LEFT), y="22", class_="heading"),
            *drawn,
            xmlns="http://www.w3.org/2000/svg",
            viewBox="0 0 760 380",
            width="760",
            height="380",
            role="img",
            class_="plot",
        )
        + "\n"
    )


def figure_chart(title: str, labels: Sequence[str], series: Series) -> Html:
    """Return a small plot of a metric for a page; `labels` name the places across."""
    return element(
        "svg",
        element("title", title),
        *_draw(labels, series, width=276, height=206, top=46, joined=False),
        element("text", title, x=str(_LEFT), y="20"),
        viewBox="0 0 276 206",
        role="img",
        class_="plot",
    )


def _draw(
    labels: Sequence[str], series: Series, *, width: int, height: int, top: int, joined: bool
) -> Iterator[Html]:
    low, high = _find_range(series)
    frame = _Frame(
        width=width,
        height=height,
        count=max(len(labels), 1),
        low=low,
        high=high,
        top=top,
        joined=joined,
    )
    yield _ticks(frame)
    yield _labels(frame, labels)
    for kind, figures in series.items():
        yield _series(frame, kind, figures)
    yield _legend(frame, series)


def drawable(value: Decimal | None) -> float | None:
    """Return a figure as a place to draw it at; None for one too large for doubles to place."""
    number = plain(value)
    return number if number is not None and abs(number) < _LARGEST else None


def _find_range(series: Series) -> tuple[float, float]:
    """Return the ends of the axis, a little beyond all that is drawn."""
    found = [
        number
        for figures in series.values()
        for figure in figures
        if figure
        for number in map(drawable, (figure.value, figure.low, figure.high))
        if number is not None
    ]
    low, high = min(found, default=0.0), max(found, default=1.0)
    span = high - low
    if span <= max(abs(low), abs(high)) * 1e-12 + _LEAST:
        span = 2 * abs(low) or 1.0
    return low - span * 0.08, high + span * 0.08


def _ticks(frame: _Frame) -> Html:
    step = _step(frame.high - frame.low)
    first = math.ceil(frame.low / step)
    lines = []
    for number in range(first, first + 12):
        value = number * step
        if value > frame.high:
            break
        y = frame.y(value)
        lines.append(_line([(_LEFT, y), (frame.width - _RIGHT, y)], "guide"))
        lines.append(_text(_tick(value, step), _LEFT - 6, y + 3.5, "end"))
    box = element(
        "rect",
        x=str(_LEFT),
        y=str(frame.top),
        width=str(frame.width - _LEFT - _RIGHT),
        height=str(frame.height - frame.top - _BELOW),
        class_="frame",
    )
    return join(*lines, box)


def _step(span: float) -> float:
    """Return the distance of about five ticks: 1, 2 or 5 times a power of ten."""
    power: float = 10.0 ** math.floor(math.log10(span / 5))
    return next(power * times for times in (1, 2, 5, 10) if power * times * 5 >= span)


def _tick(value: float, step: float) -> str:
    digits = max(0, -math.floor(math.log10(step)))
    plain_enough = digits <= 6 and abs(value) < 1e7
    return f"{value:.{digits}f}" if plain_enough else f"{value:.4g}"


def _labels(frame: _Frame, labels: Sequence[str]) -> Html:
    """Write the labels that fit beside each other, the last one always."""
    shown = [text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…" for text in labels]
    longest = max(map(len, shown), default=1) * _LETTER + 8
    every = max(1, math.ceil(longest * frame.count / (frame.width - _LEFT - _RIGHT)))
    y = frame.height - _BELOW + 15
    return join(
        *(
            _text(text, min(frame.x(place), frame.width - len(text) * _LETTER / 2), y, "middle")
            for place, text in enumerate(shown)
            if (len(shown) - 1 - place) % every == 0
        )
    )


def _series(frame: _Frame, kind: Evidence, figures: Sequence[Figure | None]) -> Html:
    places = [
        (frame.x(place), frame.y(value))
        for place, figure in enumerate(figures)
        if figure and (value := drawable(figure.value)) is not None
    ]
    radius = "1.5" if frame.count > _MANY else "3.5"
    dots = [
        element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=radius, class_=kind) for x, y in places
    ]
    dashes = {} if kind == "measured" else {"stroke_dasharray": "2 3"}
    lines = [_line(places, f"line {kind}-line", **dashes)] if frame.joined else []
    return join(*lines, *_intervals(frame, figures), *dots)


def _intervals(frame: _Frame, figures: Sequence[Figure | None]) -> Iterator[Html]:
    for place, figure in enumerate(figures):
        low, high = (drawable(figure.low), drawable(figure.high)) if figure else (None, None)
        if low is not None and high is not None:
            x = frame.x(place)
            yield _line([(x, frame.y(low)), (x, frame.y(high))], "interval")
            for end in (low, high):
                yield _line([(x - 3, frame.y(end)), (x + 3, frame.y(end))], "interval")


def _legend(frame: _Frame, series: Series) -> Html:
    x, parts = float(_LEFT), []
    for kind, figures in series.items():
        if any(figures):
            parts.append(
                element("circle", cx=f"{x + 4}", cy=f"{frame.top - 11}", r="3.5", class_=kind)
            )
            parts.append(_text(kind, x + 13, frame.top - 7.5, "start"))
            x += 13 + len(kind) * _LETTER + 14
    return join(*parts)


def _line(places: Sequence[tuple[float, float]], kind: str, **more: str) -> Html:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return element("polyline", points=points, class_=kind, **more)


def _text(text: str, x: float, y: float, anchor: str) -> Html:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
