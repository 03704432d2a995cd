"""A metric's history as PNG; the only user of matplotlib, which the extra `plot` brings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from gitreg.domain.metric import Figure
from gitreg.domain.metric_history import MetricHistory
from gitreg.errors import SetupError
from gitreg.site.chart import drawable

_MOST_LABELS = 12
_COLOURS = {"claimed": "#57606a", "measured": "#0550ae"}


def render_png(history: MetricHistory) -> bytes:
    """Return a metric's history as a picture of 1520 by 760 pixels.

    Raises: SetupError where matplotlib is missing.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Sheet
    except ImportError as error:
        raise SetupError(
            "a PNG needs matplotlib",
            next_step="pip install 'gitreg[plot]', or name a .svg, which needs nothing",
        ) from error
    sheet = Sheet(figsize=(7.6, 3.8), dpi=200, layout="constrained")
    axes = sheet.add_subplot()
    points = history.drawn
    _draw(axes, "claimed", [point.claimed for point in points])
    _draw(axes, "measured", [point.measured for point in points])
    # Names are text of others: no mathematics between their dollars, no glyph that no font has.
    axes.set_title(_ascii(history.title), fontsize=10, loc="left").set_parse_math(False)
    every = max(1, -(-len(points) // _MOST_LABELS))
    places = [place for place in range(len(points)) if (len(points) - 1 - place) % every == 0]
    axes.set_xticks(places, [points[place].version for place in places], fontsize=8)
    axes.tick_params(axis="y", labelsize=8)
    axes.grid(axis="y", color="#d0d7de", linestyle=":")
    if axes.get_lines():
        legend = axes.legend(
            loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderpad=0, fontsize=8
        )
        legend.set_frame_on(False)
    file = io.BytesIO()
    FigureCanvasAgg(sheet)
    sheet.savefig(file, format="png", metadata={"Software": None})  # the same history, same bytes
    return file.getvalue()


def _draw(axes: Any, kind: str, figures: Sequence[Figure | None]) -> None:
    known = [
        (place, figure, value)
        for place, figure in enumerate(figures)
        if figure and (value := drawable(figure.value)) is not None
    ]
    if not known:
        return
    measured = kind == "measured"
    axes.plot(
        [place for place, _, _ in known],
        [value for _, _, value in known],
        label=kind,
        color=_COLOURS[kind],
        marker="o",
        markersize=4,
        fillstyle="full" if measured else "none",
        linestyle="-" if measured else ":",
    )
    for place, figure, _ in known:
        low, high = drawable(figure.low), drawable(figure.high)
        if low is not None and high is not None:
            axes.vlines(place, low, high, color=_COLOURS[kind], alpha=0.5)


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()
