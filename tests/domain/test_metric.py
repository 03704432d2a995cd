"""How far figures are apart, which way is better, and when nobody can say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.metric import (
    Better,
    Change,
    Figure,
    Measurement,
    compare_figures,
    compare_metrics,
    read_claims,
    read_measured,
    shared_data,
)


def known(name: str) -> Better | None:
    directions: dict[str, Better] = {"accuracy": "higher", "latency_p95_ms": "lower"}
    return directions.get(name)


def change(
    first: Any, other: Any, *, name: str = "accuracy", better: Better | None = "higher"
) -> Change:
    return compare_figures(name, Figure.read(first), Figure.read(other), better)


def test_a_change_is_exact_to_the_digit() -> None:
    found = change(0.95, 0.96)
    assert (found.absolute, found.verdict) == (Decimal("0.01"), "better")
    assert found.relative == Decimal("0.01") / Decimal("0.95")


@pytest.mark.parametrize(
    ("first", "other", "better", "verdict"),
    [
        (0.9, 0.8, "higher", "worse"),
        (0.9, 0.8, "lower", "better"),
        (0.8, 0.9, "lower", "worse"),
        (-3, -2, "higher", "better"),
        (1, 1.0, "higher", "same"),
        (1, 1, None, "same"),
        (0.8, 0.9, None, "unknown"),
    ],
)
def test_better_is_what_lies_the_better_way(
    first: float, other: float, better: Better | None, verdict: str
) -> None:
    assert change(first, other, better=better).verdict == verdict


def test_a_relative_change_goes_by_the_size_of_the_first() -> None:
    assert change(-2, -1).relative == Decimal("0.5")
    assert change(0, 1).relative is None


def test_intervals_are_apart_or_overlap_where_there_are_two() -> None:
    low, high = {"value": 0.8, "low": 0.7, "high": 0.85}, {"value": 0.9, "low": 0.86, "high": 0.95}
    assert change(low, high).apart is True
    assert change(high, low).apart is True
    assert change(low, high | {"low": 0.85}).apart is False
    assert change(low, 0.9).apart is None


def test_figures_of_other_data_are_not_judged() -> None:
    first, other = Figure.read(0.8, data="ab"), Figure.read(0.9, data="cd")
    found = compare_figures("accuracy", first, other, "higher")
    assert (found.verdict, found.why, found.absolute) == (
        "unknown",
        "of other data",
        Decimal("0.1"),
    )


def test_figures_in_other_units_are_not_judged() -> None:
    found = change({"value": 2, "unit": "ms"}, {"value": 1, "unit": "s"})
    assert (found.verdict, found.why) == ("unknown", "in another unit")


def test_a_figure_of_a_machine_is_judged_within_one_run_only() -> None:
    def judged(name: str, first: int, other: int) -> str:
        figures = Figure.read(2, record=first), Figure.read(1, record=other)
        return compare_figures(name, *figures, "lower").verdict

    assert judged("latency_p95_ms", 7, 7) == "better"
    assert judged("latency_p95_ms", 6, 7) == "unknown"
    assert judged("model_size", 6, 7) == "better"


def test_nobody_turns_accuracy_round() -> None:
    claimed = {"accuracy": Figure.read({"value": 0.9, "better": "lower"})}
    (row,) = compare_metrics([claimed, claimed], known)
    assert row.better == "higher"


def test_a_metric_of_a_team_goes_the_way_that_all_say() -> None:
    cost = {"cost": Figure.read({"value": 3, "better": "lower"})}
    other = {"cost": Figure.read({"value": 2, "better": "higher"})}
    assert [row.better for row in compare_metrics([cost, {"cost": Figure.read(2)}], known)] == [
        "lower"
    ]
    assert [row.better for row in compare_metrics([cost, other], known)] == [None]


def test_a_metric_that_one_lacks_has_no_change() -> None:
    rows = compare_metrics([{"a": Figure.read(1)}, {"b": Figure.read(2)}], known)
    assert [(row.name, row.changes) for row in rows] == [("a", (None, None)), ("b", (None, None))]


def test_a_claim_is_of_its_own_data_or_of_that_of_the_evaluation() -> None:
    metrics = {"a": 1, "b": {"value": 2, "dataset": "own.csv"}}
    claims = read_claims({"metrics": metrics, "evaluation": {"dataset": "test.csv"}})
    assert {name: figure.data for name, figure in claims.items()} == {
        "a": "test.csv",
        "b": "own.csv",
    }
    assert read_claims({"metrics": metrics, "evaluation": {"sha256": "ab"}})["a"].data == "ab"
    assert read_claims({"metrics": {"a": 1}, "evaluation": 3})["a"].data is None
    assert read_claims({}) == {}


def measured(record: int, data: str, value: float = 0.9) -> Measurement:
    return Measurement(data=data, record=record, metrics={"accuracy": value})


def test_versions_are_compared_on_the_data_that_they_share() -> None:
    first = [measured(1, "ab"), measured(3, "ab"), measured(5, "cd")]
    second = [measured(2, "ab"), measured(4, "ef")]
    sides = read_measured([first, second])
    assert [(side["accuracy"].data, side["accuracy"].record) for side in sides] == [
        ("ab", 3),
        ("ab", 2),
    ]


def test_who_was_never_measured_there_has_the_newest_figures() -> None:
    sides = read_measured([[measured(1, "ab")], [measured(2, "ab")], [measured(0, "cd")], []])
    assert [side["accuracy"].data if side else None for side in sides] == ["ab", "ab", "cd", None]


def test_of_data_that_are_shared_as_often_the_newest_count() -> None:
    assert shared_data([[measured(1, "ab")], [measured(2, "cd")]]) == "cd"
    twice = [measured(1, "ab"), measured(2, "ab")]
    assert shared_data([twice, [measured(3, "cd")]]) == "cd"  # versions count, not reports
    assert shared_data([[], []]) is None


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)), st.floats())
def test_whatever_its_size_a_figure_prints_as_json(value: float, odd: float) -> None:
    figure = Figure.read({"value": value, "low": odd, "high": "x", "unit": 3, "better": []})
    printed = figure.to_dict()
    assert printed["low"] is None
    assert printed["value"] is None or float(str(printed["value"])) == float(value)
    found = compare_figures("a", figure, Figure.read(1e308), "higher").to_dict()
    assert str(found["absolute"]) not in ("inf", "-inf", "nan")


def test_a_figure_needs_a_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        Figure.read({"value": float("nan")})
