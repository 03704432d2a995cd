from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gitreg.domain.report import SCHEMA, Figures, Report

DATA = {"sha256": "ab" * 32}


def report(**fields: object) -> dict[str, Any]:
    return {"schema": SCHEMA, "model": "iris", "version": "1.1.0", "data": DATA} | fields


def test_a_report_measures_challenger_and_champion_on_the_same_data() -> None:
    read = Report.from_dict(
        report(
            metrics={"accuracy": 0.95},
            slices={"sex": {"f": {"accuracy": 0.9}, "m": {}}},
            champion={"version": "1.0.0", "metrics": {"accuracy": 0.94}},
        )
    )
    assert (read.model, read.data) == ("iris", "ab" * 32)
    assert read.challenger == Figures(
        version="1.1.0",
        metrics={"accuracy": Decimal("0.95")},
        slices={"sex": {"f": {"accuracy": Decimal("0.9")}, "m": {}}},
    )
    assert read.champion == Figures(version="1.0.0", metrics={"accuracy": Decimal("0.94")})


def test_a_report_may_have_no_champion() -> None:
    assert Report.from_dict(report()).champion is None
    assert Report.from_dict(report(champion=None)).champion is None


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "schema"),
        (["x"], "schema"),
        (report(schema="gitreg/report/v2"), "schema"),
        (report(schema=None), "schema"),
        (report(model=None), "model is not a text"),
        (report(model=["iris"]), "model is not a text"),
        (report(version=1.1), "version is not a text"),
        (report(data=None), "data by sha256"),
        (report(data="ab" * 32), "data by sha256"),
        (report(data={}), "sha256 is not a text"),
        (report(data={"sha256": 5}), "sha256 is not a text"),
        (report(data={"sha256": "AB" * 32}), "data by sha256"),
        (report(champion="1.0.0"), "champion is not a mapping"),
        (report(champion=[]), "champion is not a mapping"),
        (report(champion={}), "version is not a text"),
        (report(champion={"version": "1.0.0", "metrics": 1}), "metrics is not a mapping"),
        (report(metrics={"accuracy": float("nan")}), "finite"),
        (report(metrics={"accuracy": True}), "finite"),
        (report(slices=None), "slices"),
        (report(slices=["sex"]), "slices"),
        (report(slices={"sex": None}), "slices"),
        (report(slices={"sex": {"f": 0.9}}), "metrics is not a mapping"),
        (report(slices={"sex": {"f": {"accuracy": "high"}}}), "finite"),
    ],
)
def test_another_report_is_refused(value: object, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        Report.from_dict(value)
