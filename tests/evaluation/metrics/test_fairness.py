"""Fairness over groups, beside fairlearn, and gaps of any metric."""

from __future__ import annotations

import fairlearn.metrics
import numpy as np
import pytest
from sklearn import metrics as sk

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics import Resampling, Task
from gitreg.evaluation.metrics.fairness import FAIRNESS
from tests.evaluation.metrics.measuring import close, draw_cuts, draw_weight, measure

TASK = Task(kind="binary")


@pytest.mark.parametrize("seed", range(0, 24, 8))
def test_figures_equal_fairlearns(seed: int) -> None:
    for case in range(seed, seed + 8):
        generator = np.random.default_rng(case)
        rows = int(generator.integers(40, 100))
        groups = generator.choice(["f", "m", "x"][: generator.integers(2, 4)], rows)
        target, prediction = generator.integers(0, 2, (2, rows))
        weight = draw_weight(generator, rows)
        columns = {"target": target, "prediction": prediction, "weight": weight}
        cuts = draw_cuts(generator, rows)
        measured = measure(TASK, ["accuracy"], columns, cuts=cuts, groups={"sex": groups})
        figures = measured.fairness("sex")
        assert figures.keys() == FAIRNESS.keys()
        for name, figure in figures.items():
            expected = getattr(fairlearn.metrics, name)(
                target, prediction, sensitive_features=groups, sample_weight=weight
            )
            assert close(figure, expected), (name, figure, expected)


def test_every_metric_has_its_gap_between_groups() -> None:
    generator = np.random.default_rng(0)
    target, score = generator.integers(0, 2, 300), generator.random(300)
    region = generator.integers(1, 4, 300)
    measured = measure(
        TASK, ["roc_auc", "f1"], {"target": target, "score": score}, groups={"region": region}
    )
    slices, gaps = measured.slice_figures()["region"], measured.gaps("region")
    areas = [sk.roc_auc_score(target[region == r], score[region == r]) for r in (1, 2, 3)]
    assert list(slices) == ["1", "2", "3"]
    for group, area in zip(slices, areas, strict=True):
        assert close(slices[group]["roc_auc"], area)
    assert close(gaps["roc_auc"], max(areas) - min(areas))
    assert gaps["roc_auc"].low is None
    assert gaps["roc_auc"].reason == "this metric's groups are not resampled"


def test_gaps_of_resampled_metrics_have_intervals() -> None:
    generator = np.random.default_rng(0)
    target, prediction, group = generator.integers(0, 2, (3, 400))
    measured = measure(
        TASK,
        ["accuracy"],
        {"target": target, "prediction": prediction},
        groups={"g": group},
        resampling=Resampling(replicates=50),
    )
    for figure in (measured.gaps("g")["accuracy"], *measured.fairness("g").values()):
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < figure.high


@pytest.mark.parametrize(
    ("target", "prediction", "groups", "name", "reason"),
    [
        ([1, 1], [1, 1], "aa", "demographic_parity_ratio", "there are fewer than two groups"),
        (
            [1, 0],
            [1, 1],
            "ab",
            "equal_opportunity_difference",
            "the true positive rate of b is not defined",
        ),
        (
            [1, 0],
            [0, 0],
            "ab",
            "demographic_parity_ratio",
            "the selection rate is 0 in every group",
        ),
    ],
)
def test_what_is_undefined_names_the_group(
    target: list[int], prediction: list[int], groups: str, name: str, reason: str
) -> None:
    columns = {"target": np.array(target), "prediction": np.array(prediction)}
    measured = measure(TASK, ["recall"], columns, groups={"g": np.array(list(groups))})
    assert measured.fairness("g")[name].value is None
    assert measured.fairness("g")[name].reason == reason


def test_a_gap_is_undefined_where_one_group_is() -> None:
    columns = {"target": np.array([1, 0]), "prediction": np.array([1, 0])}
    measured = measure(TASK, ["recall"], columns, groups={"g": np.array(["a", "b"])})
    assert measured.gaps("g")["recall"].reason == "it is not defined for b"


def test_a_missing_group_is_a_group_and_numbers_are_text() -> None:
    columns = {"target": np.array([1, 0, 1]), "prediction": np.array([1, 0, 0])}
    groups = np.array([1.5, np.nan, 1.5])
    measured = measure(TASK, ["accuracy"], columns, groups={"g": groups})
    assert list(measured.slice_figures()["g"]) == ["1.5", "missing"]


def test_fairness_is_of_binary_tasks_and_of_slices_that_are_there() -> None:
    columns = {"target": np.array([1.0, 2.0]), "prediction": np.array([1.0, 2.0])}
    groups = {"g": np.array(["a", "b"])}
    measured = measure(Task(kind="regression"), ["mae"], columns, groups=groups)
    assert measured.fairness("g") == {}
    assert measured.fairness("h") == {}


def test_a_slice_of_thousands_of_groups_is_refused() -> None:
    ids = np.arange(1001)
    with pytest.raises(InvalidError, match="slice id has more than 1000 groups"):
        measure(TASK, ["accuracy"], {"target": ids % 2, "prediction": ids % 2}, groups={"id": ids})
