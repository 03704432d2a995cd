"""False claims: what is one, and what is excused."""

from __future__ import annotations

from typing import Any

import pytest

from gitreg.domain.claims import find_false_claims
from gitreg.domain.model import read_metrics

HERE = "ab" * 32


def false_claims(claimed: Any, measured: Any, name: str = "accuracy") -> list[str]:
    report = {"data": {"sha256": HERE}, "metrics": {name: measured}}
    claims = read_metrics({name: claimed})
    return [claim.metric for claim in find_false_claims({}, claims, report)]


@pytest.mark.parametrize(
    ("claimed", "measured", "is_false"),
    [
        (0.97, 0.97, False),
        (0.97, 0.9749, False),  # its last digit
        (0.97, 0.95, True),
        (0.95, 0.97, True),
        (0.97, {"value": 0.93, "low": 0.9, "high": 0.965}, False),  # the interval and a digit
        (0.97, {"value": 0.93, "low": 0.9, "high": 0.955}, True),
        (0.1, {"value": 0.05, "low": 0.0, "high": 0.2}, False),
        (1, 0.8, True),  # a whole number is no excuse
        (1, 0.96, False),
        (0, 0.01, True),
        (0, 0, False),
        (120, 120.4, False),
        (1e300, -1e300, True),
    ],
)
def test_a_claim_is_false_outside_of_what_was_measured(
    claimed: float, measured: Any, *, is_false: bool
) -> None:
    assert false_claims(claimed, measured) == ["accuracy"] * is_false


@pytest.mark.parametrize("measured", [None, {}, "0.9", {"value": "0.9"}, float("nan"), [1]])
def test_what_was_not_measured_denies_nothing(measured: Any) -> None:
    assert false_claims(0.5, measured) == []


def test_what_is_of_the_machine_is_no_false_claim() -> None:
    assert false_claims(1, 100, "latency_p95_ms") == []


@pytest.mark.parametrize(
    ("evaluation", "compared"),
    [
        ({"sha256": HERE}, True),
        ({"sha256": "cd" * 32, "dataset": "data/test.csv"}, False),
        ({"dataset": "data/test.csv"}, True),
        ({"dataset": "data/other.csv"}, False),
        ({"target": "species"}, True),
    ],
)
def test_claims_about_other_data_are_not_compared(
    evaluation: dict[str, str], *, compared: bool
) -> None:
    report = {"data": {"sha256": HERE, "name": "test.csv"}, "metrics": {"accuracy": 0.5}}
    found = find_false_claims({"evaluation": evaluation}, read_metrics({"accuracy": 0.9}), report)
    assert bool(found) is compared


@pytest.mark.parametrize(
    ("dataset", "compared"), [("data/test.csv", True), ("test.csv", True), ("train.csv", False)]
)
def test_a_claim_may_name_its_own_data(dataset: str, *, compared: bool) -> None:
    report = {"data": {"sha256": HERE, "name": "test.csv"}, "metrics": {"accuracy": 0.5}}
    model = {
        "metrics": {"accuracy": {"value": 0.9, "dataset": dataset}},
        "evaluation": {"sha256": HERE if dataset == "train.csv" else "cd" * 32},
    }
    found = find_false_claims(model, read_metrics(model["metrics"]), report)
    assert bool(found) is compared


def test_a_false_claim_says_both_figures() -> None:
    report = {"data": {"sha256": HERE}, "metrics": {"accuracy": {"value": 2 / 3, "low": 0.6}}}
    [claim] = find_false_claims({}, read_metrics({"accuracy": 0.9}), report)
    assert str(claim) == "false claim: model.yaml says accuracy is 0.9, measured is 0.666667"
    assert claim.to_dict() == {
        "metric": "accuracy",
        "claimed": "0.9",
        "measured": "0.6666666666666666",
        "low": "0.6",
        "high": "0.6666666666666666",
    }
