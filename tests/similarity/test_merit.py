from __future__ import annotations

from decimal import Decimal

import pytest

from gitreg.domain.policy import StagePolicy
from gitreg.similarity.evidence import Evidence
from gitreg.similarity.merit import judge_evidence, judge_fit, judge_stage, order_stages, sum_up
from gitreg.similarity.needs import Need

FIGURES = {"accuracy": Decimal("0.9")}
MEASURED = Evidence(measured=FIGURES, claimed={"latency": Decimal(1)})
CLAIMED = Evidence(measured={}, claimed=FIGURES)
NOTHING = Evidence(measured={}, claimed={})


def stages(**after: str | None) -> dict[str, StagePolicy]:
    return {name: StagePolicy(after=before) for name, before in after.items()}


@pytest.mark.parametrize(
    ("policy", "order"),
    [
        ({"staging": None, "production": "staging"}, ["staging", "production"]),
        ({"production": "staging", "staging": None}, ["staging", "production"]),
        ({"canary": None, "staging": None, "production": "staging"}, None),
        ({"dev": None, "staging": "dev", "production": None}, None),
        ({"c": "b", "b": "a", "a": None, "z": None}, ["a", "b", "c", "z"]),
        ({}, []),
    ],
)
def test_stages_are_in_the_order_of_the_policy_each_after_what_it_comes_after(
    policy: dict[str, str | None], order: list[str] | None
) -> None:
    assert order_stages(stages(**policy)) == (list(policy) if order is None else order)


def test_the_furthest_stage_that_is_held_counts() -> None:
    policy = stages(production="staging", staging=None)
    for held, value, because in (
        (["staging"], 0.5, "staging"),
        (["staging", "production"], 1.0, "production"),
        (["gone"], 0.0, "no stage"),
        ([], 0.0, "no stage"),
    ):
        part = judge_stage(held, policy)
        assert (part.value, part.because) == (value, because)


def test_measured_evidence_counts_more_than_claimed() -> None:
    for evidence, value, because in (
        (MEASURED, 1.0, "metrics measured"),
        (CLAIMED, 0.5, "metrics claimed"),
        (NOTHING, 0.0, "no metrics"),
    ):
        part = judge_evidence(evidence, [])
        assert (part.value, part.because) == (value, because)


def test_where_there_are_needs_the_figures_that_meet_them_count() -> None:
    needs = [Need.parse("metrics.accuracy > 0.5"), Need.parse("metrics.latency < 20")]
    part = judge_evidence(MEASURED, needs)
    assert (part.value, part.because) == (0.75, "accuracy 0.9 measured, latency 1 claimed")


def test_the_score_is_the_weighted_mean_of_what_was_asked() -> None:
    evidence, stage = judge_evidence(CLAIMED, []), judge_stage(["a"], stages(a=None))
    assert sum_up([evidence, stage]) == 0.75
    fit = judge_fit(0.5, ["flower", "species"])
    assert fit.because == "flower, species"
    assert sum_up([fit, evidence, stage]) == pytest.approx(0.6 * 0.5 + 0.2 * 0.5 + 0.2)
    assert judge_fit(0.0, []).because == "no word in common"
