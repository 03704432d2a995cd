from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

import pytest

from gitreg.domain.gates import Gate, GateResult, check_gates
from gitreg.domain.model import read_metrics
from gitreg.domain.report import Figures


def figures(
    version: str = "1.1.0", slices: dict[str, Any] | None = None, **metrics: Any
) -> Figures:
    groups = {name: read_metrics(group) for name, group in (slices or {}).items()}
    return Figures(version=version, metrics=read_metrics(metrics), slices={"sex": groups})


def gate(**bounds: str) -> Gate:
    values = {name: Decimal(value) for name, value in bounds.items()}
    return Gate(metric="accuracy", **values)  # type: ignore[arg-type]


def check(gate: Gate, challenger: Figures, champion: Figures | None = None) -> GateResult:
    [result] = check_gates([gate], challenger, champion)
    return result


@pytest.mark.parametrize(
    ("bounds", "value", "passed"),
    [
        ({"min": "0.95"}, 0.95, True),
        ({"min": "0.95"}, 0.9499999, False),
        ({"max": "50"}, 50, True),
        ({"max": "50"}, 50.5, False),
        ({"min": "0.1", "max": "0.2"}, 0.15, True),
        ({"min": "0.1", "max": "0.2"}, 0.3, False),
        ({"min": "0"}, -0.0, True),
        ({"min": "1e-3"}, 0.001, True),
    ],
)
def test_a_value_is_within_its_bounds(
    bounds: dict[str, str], value: float, *, passed: bool
) -> None:
    result = check(gate(**bounds), figures(accuracy=value))
    assert result.passed is passed
    assert str(value).removeprefix("-") in result.note


def test_a_missing_number_fails_its_gate() -> None:
    result = check(gate(min="0"), figures(recall=1))
    assert not result.passed
    assert result.note == "1.1.0 has no accuracy"


@pytest.mark.parametrize(
    ("bounds", "value", "passed"),
    [
        ({"min_change": "-0.01"}, 0.95, True),  # as floats, 0.95 - 0.96 is below -0.01
        ({"min_change": "-0.01"}, 0.9499, False),
        ({"max_change": "0.01"}, 0.97, True),
        ({"max_change": "0.01"}, 0.98, False),
        ({"min_change": "0", "max_change": "1"}, 0.96, True),
        ({"min": "0.97", "min_change": "-1"}, 0.96, False),
    ],
)
def test_a_change_is_measured_from_the_champion(
    bounds: dict[str, str], value: float, *, passed: bool
) -> None:
    champion = figures("1.0.0", accuracy=0.96)
    assert check(gate(**bounds), figures(accuracy=value), champion).passed is passed


def test_without_a_champion_there_is_no_baseline() -> None:
    result = check(gate(min_change="0.5"), figures(accuracy=0.1))
    assert result.passed
    assert result.note == "it is 0.1, no baseline"


def test_a_champion_without_the_number_is_no_free_pass() -> None:
    result = check(gate(min_change="-1"), figures(accuracy=1), figures("1.0.0"))
    assert not result.passed
    assert result.note == "the champion 1.0.0 has no accuracy"


def test_a_gap_is_the_largest_between_groups() -> None:
    bound = Gate(metric="accuracy", slice="sex", max_gap=Decimal("0.05"))
    near = {"f": {"accuracy": 0.90}, "m": {"accuracy": 0.95}, "x": {"accuracy": 0.92}}
    assert check(bound, figures(slices=near)).passed
    far = near | {"x": {"accuracy": 0.89}}
    assert check(bound, figures(slices=far)).note == "the gap is 0.06"
    assert not check(bound, figures(slices=far)).passed


ALONE = {"f": {"accuracy": 0.9}}


@pytest.mark.parametrize(
    "groups",
    [
        {},
        ALONE,
        ALONE | {"m": {"recall": 1}},
        ALONE | {"m": {"accuracy": 0.9}, "x": {"recall": 1}},
    ],
)
def test_a_gap_needs_the_numbers_of_two_groups_or_more(groups: dict[str, Any]) -> None:
    bound = Gate(metric="accuracy", slice="sex", max_gap=Decimal(1))
    result = check(bound, figures(slices=groups))
    assert not result.passed
    assert result.note == "1.1.0 lacks accuracy for two or more groups of sex"


def test_differences_are_exact_whatever_the_callers_decimal_context() -> None:
    champion = figures("1.0.0", accuracy=0.96)
    with decimal.localcontext() as context:
        context.prec = 1
        assert not check(gate(min_change="-0.01"), figures(accuracy=0.9499), champion).passed
        groups = {"f": {"accuracy": 0.9}, "m": {"accuracy": 0.9501}}
        bound = Gate(metric="accuracy", slice="sex", max_gap=Decimal("0.05"))
        assert not check(bound, figures(slices=groups)).passed


def test_the_smallest_change_of_a_huge_number_counts() -> None:
    champion = figures("1.0.0", accuracy=1e-300)
    assert not check(gate(min_change="1e300"), figures(accuracy=1e300), champion).passed


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (gate(min="0.9", max="1"), "accuracy >= 0.9 and <= 1"),
        (gate(min_change="-0.01"), "accuracy change >= -0.01"),
        (gate(max_change="0.5"), "accuracy change <= 0.5"),
        (
            Gate(metric="accuracy", slice="sex", max_gap=Decimal("0.05"), data="holdout"),
            "accuracy gap over sex <= 0.05 on holdout",
        ),
    ],
)
def test_a_gate_says_what_it_wants(bound: Gate, text: str) -> None:
    assert str(bound) == text
    assert str(GateResult(gate=bound, passed=True, note="it is 1")) == f"{text}: it is 1"


def test_a_result_has_its_figures_as_text_that_is_exact() -> None:
    bound = gate(min="0.9", min_change="-0.01")
    found = check(bound, figures(accuracy=0.95), figures("1.0.0", accuracy=0.96)).to_dict()
    assert found["needed"] == {"min": "0.9", "min_change": "-0.01"}
    assert found["found"] == {"value": "0.95", "change": "-0.01"}
    assert found["baseline"] == {"version": "1.0.0", "value": "0.96"}
    assert check(bound, figures(accuracy=0.95)).to_dict()["baseline"] is None


def test_a_result_over_a_slice_names_the_groups_that_are_furthest_apart() -> None:
    bound = Gate(metric="accuracy", slice="sex", max_gap=Decimal("0.05"))
    groups = {"f": {"accuracy": 0.95}, "m": {"accuracy": 0.9}, "x": {"accuracy": 0.92}}
    found = check(bound, figures(slices=groups)).to_dict()
    assert found["found"] == {"gap": "0.05"}
    assert found["groups"] == {
        "lowest": {"group": "m", "value": "0.9"},
        "highest": {"group": "f", "value": "0.95"},
    }
