"""Comparisons as tables, Markdown and a page: complete, and inert whatever names say."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from gitreg.domain.comparison import Comparison, Subject, compare
from gitreg.domain.metric import Measurement
from gitreg.site.comparison import comparison_sheets, render_comparison, render_markdown

HOSTILE = (
    '<img src=x onerror="1"> @root #12 [a](http://e.vil) `x` | www.e.vil *b* _c_ \u202e\x1b[31m'
)


def subject(version: str, metadata: dict[str, Any], *, model: str = "iris", **more: Any) -> Subject:
    return Subject(
        reference=f"{model}@{version}",
        model=model,
        version=version,
        commit="c" * 40,
        path="models/iris",
        record=1,
        metadata={"artifacts": [], **metadata},
        **more,
    )


def of(*documents: dict[str, Any], **more: Any) -> Comparison:
    subjects = [
        subject(f"1.{number}.0", document, **more) for number, document in enumerate(documents)
    ]
    return compare(subjects, lambda name: "higher" if name == "accuracy" else None)


@pytest.fixture
def hostile() -> Comparison:
    tensor = {"name": HOSTILE, "datatype": HOSTILE, "shape": HOSTILE, "description": HOSTILE}
    artifact = {"path": HOSTILE, "size": 3, "format": HOSTILE}
    figure = {"value": 2, "unit": HOSTILE, "better": HOSTILE, "low": 1, "high": 3}
    first = {"signature": {"inputs": [tensor]}, "description": "x", "metrics": {HOSTILE: 1}}
    other = {
        "signature": {"inputs": [tensor | {"shape": 3, "description": "y"}], "outputs": [tensor]},
        "description": HOSTILE,
        "tags": {HOSTILE: HOSTILE},
        "metrics": {HOSTILE: figure, "accuracy": 1},
        "artifacts": [artifact],
        "extra": {HOSTILE: [HOSTILE, {HOSTILE: None}]},
    }
    return of(first, other, first)


def test_markdown_of_a_hostile_version_is_inert(hostile: Comparison) -> None:
    text = render_markdown(hostile)
    # What CommonMark and GitHub act upon, none of which is a letter.
    cells = re.sub(r"&#\d+;", "", text).replace("…", "")
    own = r"^(#+ |> \*\*(Breaking|Note)\*\* |\|( --- \|)+$)"
    assert not re.search(
        r"[<>@\[\]`*#\x1b\u202e]|://|www\.", re.sub(own, "", cells, flags=re.MULTILINE)
    )
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for row, after in pairwise(rows):
        if after.startswith("| ---"):
            assert row.count("|") == after.count("|")


def test_the_page_of_a_hostile_version_holds_no_markup_and_loads_nothing(
    hostile: Comparison,
) -> None:
    page = render_comparison(hostile)
    assert "<img" not in page
    assert "&lt;img" in page
    assert not re.search("[\u202e\x1b]", page)
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert not re.search(r"<(script|link|iframe|object|image|use)\b|(href|src)=\"", page)


def test_the_page_draws_each_metric_that_several_have() -> None:
    found = of({"metrics": {"accuracy": 1, "cost": 2}}, {"metrics": {"accuracy": 2}})
    page = render_comparison(found)
    assert page.count("<svg") == 1
    assert page.count('class="claimed"') == 3  # two versions and the legend
    assert render_comparison(found) == page


def test_two_versions_have_change_and_verdict_in_columns() -> None:
    (sheet,) = comparison_sheets(of({"metrics": {"accuracy": 0.8}}, {"metrics": {"accuracy": 1}}))
    assert sheet.columns == ["metric", "better", "1.0.0", "1.1.0", "change", "share", "verdict"]
    assert sheet.rows == [["accuracy", "higher", "0.8", "1", "+0.2", "+25 %", "better"]]


def test_measured_figures_name_their_data_and_say_whether_intervals_overlap() -> None:
    def measured(version: str, value: float) -> Subject:
        metrics = {"accuracy": {"value": value, "low": value - 0.1, "high": value + 0.1}}
        measurement = Measurement(data="ab" * 32, record=1, metrics=metrics)
        return subject(version, {}, measurements=[measurement])

    subjects = [measured("1.0.0", 0.5), measured("1.1.0", 0.6), measured("1.2.0", 0.9)]
    (sheet,) = comparison_sheets(compare(subjects, lambda _: "higher"))
    assert sheet.title == "measured metrics, on data abababababababab"
    assert sheet.rows[0][2:] == [
        "0.5 (0.4 to 0.6)",
        "0.6 (0.5 to 0.7) +0.1 better, intervals overlap",
        "0.9 (0.8 to 1) +0.4 better, intervals apart",
    ]


def test_what_cannot_be_judged_says_why() -> None:
    found = of(
        {"metrics": {"cost": 1, "only": 3}},
        {"metrics": {"cost": 2, "new": 1}},
    )
    (sheet,) = comparison_sheets(found)
    verdicts = {row[0]: row[-1] for row in sheet.rows}
    assert verdicts == {
        "cost": "which way is better is not said",
        "only": "absent",
        "new": "not in the first",
    }


def test_long_values_are_cut_from_where_they_begin_to_differ() -> None:
    found = of({"description": "a" * 300 + "before"}, {"description": "a" * 300 + "after"})
    (sheet,) = comparison_sheets(found, limit=24)
    assert sheet.rows == [["description", "…aaaaaabefore", "…aaaaaaafter"]]
    (whole,) = comparison_sheets(found)
    assert whole.rows[0][1] == "a" * 300 + "before"


def test_what_differs_beyond_a_cut_does_not_look_the_same() -> None:
    texts = ["x" * 100 + "1", "x" * 100 + "2", "y"]
    (sheet,) = comparison_sheets(of(*({"description": text} for text in texts)), limit=24)
    first, second, third = sheet.rows[0][1:]
    assert (first, second, third) == ("x" * 23 + "…", "…xxxxxx2", "y")


def test_no_two_values_look_the_same_that_are_not() -> None:
    documents = [{"extra": {"x: size": value}} for value in (1, "1", True, "true", None, "")]
    (sheet,) = comparison_sheets(of(*documents))
    assert sheet.rows == [["extra.x: size", "1", '"1"', "true", '"true"', "", '""']]
    (sheet,) = comparison_sheets(of({"license": "MIT"}, {"license": "-"}, {}))
    assert sheet.rows == [["license", '"MIT"', '"-"', ""]]


def test_a_size_says_how_much_more_it_is() -> None:
    def with_size(size: int) -> dict[str, Any]:
        return {"artifacts": [{"path": "m", "size": size}]}

    (sheet,) = comparison_sheets(
        of(with_size(2000), with_size(1500), with_size(0), with_size(2000))
    )
    assert sheet.rows == [
        [
            "m: size",
            "2,000 bytes",
            "1,500 bytes (-25 %)",
            "0 bytes (-100 %)",
            "2,000 bytes",
        ]
    ]


def test_many_versions_come_in_tables_that_each_have_the_first() -> None:
    documents = [{"tags": {"n": number}} for number in range(6)]
    (sheet,) = comparison_sheets(of(*documents))
    assert [part.rows for part in sheet.split(3)] == [
        [["tags.n", "0", "1", "2", "3"]],
        [["tags.n", "0", "4", "5"]],
    ]
    assert [part.columns[1] for part in sheet.split(3)] == ["1.0.0", "1.0.0"]


def test_versions_that_do_not_differ_are_said_to_be_the_same() -> None:
    same = compare([subject("1.0.0", {}), subject("1.0.0", {})], lambda _: None)
    assert "Nothing tells them apart" in render_markdown(same)
    assert "Nothing tells them apart" in render_comparison(same)
