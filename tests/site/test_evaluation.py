"""The evaluation report as a page and as Markdown: complete, and inert whatever names say."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from gitreg.evaluation.metrics import Measurement, Resampling, Task, read_batch
from gitreg.evaluation.report import Measured, make_report
from gitreg.evaluation.speed import Speed
from gitreg.site.evaluation import render_markdown, render_report

HOSTILE = '<img src=x onerror="1"> @root #12 [a](http://e.vil) `x` | www.e.vil *b* _c_ \u202e'


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, 200)

    def measured(version: str, noise: float) -> Measured:
        score = np.clip(target * 0.6 + 0.2 + noise * rng.normal(size=200), 0, 1)
        groups = {"site": np.where(np.arange(200) % 2, HOSTILE, "south")}
        start = Measurement.start(
            Task(kind="binary"), ["accuracy", "roc_auc"], Resampling(replicates=20)
        )
        measurement = start.update(read_batch(target, score=score, groups=groups))
        speed = Speed(single=[0.001, 0.002], batches=0.1, rows=200, memory=1 << 27, size=1000)
        return Measured(version=version, measurement=measurement, speed=speed)

    return make_report(
        model="iris",
        data={"name": HOSTILE, "sha256": "ab" * 32},
        challenger=measured("1.1.0", 0.2),
        champion=measured("1.0.0", 0.6),
        environment={"python": "3.11", "packages": {"numpy": "2.0"}},
        manifest="cd" * 32,
    )


def test_the_page_has_every_figure(report: dict[str, Any]) -> None:
    page = render_report(report, ["false claim: x"])
    for part in ("1.1.0", "1.0.0", "accuracy", "latency_p95_ms", "accuracy_gap", "false claim: x"):
        assert part in page
    assert f"{report['metrics']['accuracy']['value']:.4g}" in page
    assert f"{report['champion']['metrics']['accuracy']['value']:.4g}" in page
    assert page.count('<svg viewBox="0 0 276 272"') == 3
    assert "numpy 2.0" in page


def test_the_page_holds_no_markup_of_others_and_loads_nothing(report: dict[str, Any]) -> None:
    page = render_report(report, [HOSTILE])
    assert "<img" not in page
    assert "&lt;img" in page
    assert "\u202e" not in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_a_report_without_curves_champion_or_slices_is_a_page_too(report: dict[str, Any]) -> None:
    small = copy.deepcopy(report)
    small.pop("champion")
    small.pop("slices")
    small["extra"] |= {"curves": {}, "confusion": None, "fairness": {}, "changes": {}}
    small["extra"]["undefined"] = {"roc_auc": "a class is missing"}
    page = render_report(small)
    assert "roc_auc is not defined: a class is missing" in page
    assert "<svg" not in page
    assert "no champion" in render_markdown(small)


def test_markdown_has_the_tables(report: dict[str, Any]) -> None:
    text = render_markdown(report, ["false claim: x"])
    assert "| metric | 1.1.0 | 95 % | unit | 1.0.0 | change |" in text
    assert "| accuracy |" in text
    assert "Measured on 200 rows" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("| metric")}
    assert widths == {7}


def test_markdown_of_hostile_names_is_text(report: dict[str, Any]) -> None:
    text = render_markdown(report, [HOSTILE])
    for part in ("<img", "@root", " #12", "](", "www.e", "http:", "*b*", "_c_", "\u202e"):
        assert part not in text
    for line in text.splitlines():
        if line.startswith("| &#60;img"):
            assert line.count("|") == 4
