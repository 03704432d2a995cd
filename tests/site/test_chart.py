"""Drawings of a metric: SVG, PNG and lines of text, whatever the figures and the names."""

from __future__ import annotations

import builtins
import itertools
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.metric import Figure
from gitreg.domain.metric_history import MetricHistory, Point
from gitreg.errors import SetupError
from gitreg.site.chart import render_svg
from gitreg.site.png import render_png
from gitreg.site.textplot import draw_lines

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</title><script>alert(1)</script> & "\u202e $\\frac{1}{'

numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**320), 10**320)
)
figures = st.one_of(
    st.none(),
    st.builds(
        lambda value, ends: Figure.read({"value": value, "low": ends[0], "high": ends[1]}),
        numbers,
        st.tuples(numbers, numbers),
    ),
)


def point(version: str, claimed: Any = None, measured: Any = None, **more: Any) -> Point:
    return Point(
        version=version,
        record=1,
        time=0,
        claimed=None if claimed is None else Figure.read(claimed),
        measured=None if measured is None else Figure.read(measured),
        **more,
    )


def story(points: Sequence[Point], metric: str = "accuracy") -> MetricHistory:
    return MetricHistory(model="iris", metric=metric, points=points, data="ab" * 32)


THREE = story(
    [
        point("1.0.0", 0.9, {"value": 0.8, "low": 0.75, "high": 0.85}),
        point("1.1.0", 0.95),
        point("1.2.0", 0.95, 0.95, yanked=True),
        point("1.3.0"),
    ]
)


def read(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314 drawn by ourselves


def lines_of(history: MetricHistory, width: int = 60) -> list[str]:
    return list(draw_lines(history, history.drawn, width=width))


def test_a_line_shows_where_the_figures_of_a_version_lie() -> None:
    assert lines_of(THREE) == [
        "version       0.75                   0.95  measured  claimed",
        "1.0.0         [-----*------]......o......       0.8      0.9",
        "1.1.0         ..........................o         -     0.95",
        "1.2.0 yanked  ..........................@      0.95     0.95",
        "",
        "* measured  o claimed  @ both  [-] interval  data abababababababab",
    ]


def test_units_that_versions_disagree_on_are_all_said() -> None:
    points = [point("1.0.0", {"value": 1, "unit": "s"}), point("1.1.0", {"value": 9, "unit": "ms"})]
    assert story(points, "latency").title == "latency of iris, s and ms"


def test_claims_alone_have_no_column_for_measurements() -> None:
    head, line, *_ = lines_of(story([point("1.0.0", 0.9), point("1.1.0", 0.8)]))
    assert "measured" not in head
    assert line.startswith("1.0.0")
    assert line.endswith("0.9")


@given(st.lists(st.tuples(figures, figures), min_size=1, max_size=6), st.integers(60, 200))
def test_lines_fit_whatever_the_figures(
    pairs: list[tuple[Figure | None, Figure | None]], width: int
) -> None:
    points = [
        Point(version=f"1.{n}.0", record=n, time=0, claimed=claimed, measured=measured)
        for n, (claimed, measured) in enumerate(pairs)
        if claimed or measured
    ]
    if not points:
        return
    *drawn, _, _ = lines_of(story(points), width)
    assert len(drawn) == len(points) + 1
    assert max(map(len, drawn)) <= width


@given(st.lists(st.tuples(figures, figures), max_size=6))
def test_an_svg_is_drawn_whatever_the_figures(
    pairs: list[tuple[Figure | None, Figure | None]],
) -> None:
    points = [
        Point(version=f"1.{n}.0", record=n, time=0, claimed=claimed, measured=measured)
        for n, (claimed, measured) in enumerate(pairs)
    ]
    root = read(render_svg(story(points)))
    for place in itertools.chain(
        *((circle.get("cx"), circle.get("cy")) for circle in root.iter(f"{SVG}circle"))
    ):
        assert 0 <= float(place or "nan") <= 760
    assert "nan" not in render_svg(story(points))


def test_an_svg_tells_measured_from_claimed() -> None:
    root = read(render_svg(THREE))
    kinds = [circle.get("class") for circle in root.iter(f"{SVG}circle")]
    assert (kinds.count("claimed"), kinds.count("measured")) == (3 + 1, 2 + 1)  # and the legend
    text = [element.text for element in root.iter(f"{SVG}text")]
    assert {"1.0.0", "1.1.0", "1.2.0", "accuracy of iris"} <= set(text)
    assert "1.3.0" not in text  # it has no figure
    assert render_svg(THREE) == render_svg(THREE)


def test_an_svg_holds_no_markup_of_others_and_loads_nothing() -> None:
    drawn = render_svg(story([point("1.0.0", {"value": 1, "unit": HOSTILE})], HOSTILE))
    names = {element.tag.removeprefix(SVG) for element in read(drawn).iter()}
    assert names <= {"svg", "title", "style", "rect", "text", "polyline", "circle"}
    assert "\u202e" not in drawn
    assert "href" not in drawn
    assert "url(" not in drawn


def test_labels_of_many_versions_do_not_lie_on_each_other() -> None:
    root = read(render_svg(story([point(f"1.{n}.0", n) for n in range(500)])))
    places = [
        (float(text.get("x") or 0), len(text.text or "") * 6)
        for text in root.iter(f"{SVG}text")
        if (text.text or "").startswith("1.") and (text.text or "").endswith(".0")
    ]
    assert len(places) > 5
    for (x, size), (after, next_size) in itertools.pairwise(places):
        assert x + size / 2 <= after - next_size / 2


def test_a_png_is_drawn() -> None:
    drawn = render_png(THREE)
    assert drawn.startswith(b"\x89PNG\r\n")
    assert drawn == render_png(THREE)


@pytest.mark.parametrize("value", [1e308, -5e-324, 10**320, 0])
def test_a_png_is_drawn_whatever_the_figures_and_names(value: float) -> None:
    hostile = story([point("1.0.0", {"value": value, "unit": HOSTILE}), point("1.1.0", 1)], HOSTILE)
    assert render_png(hostile).startswith(b"\x89PNG\r\n")
    assert render_png(story([point("1.0.0", 10**320)])).startswith(b"\x89PNG\r\n")


def test_a_png_without_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SetupError, match="matplotlib") as caught:
        render_png(THREE)
    assert "gitreg[plot]" in (caught.value.next_step or "")
    assert ".svg" in (caught.value.next_step or "")
