"""Distributions that outgrew their exact mode: what they still promise; and curves."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from sklearn import calibration
from sklearn import metrics as sk

from gitreg.evaluation.metrics import Measurement, Task, read_batch
from gitreg.evaluation.metrics.histogram import ERRORS, SCORES, Bins, ValueCounts
from gitreg.evaluation.metrics.scores import measure_average_precision, measure_roc_auc
from tests.evaluation.metrics.measuring import Floats, draw_weight, measure

Draw = Callable[[np.random.Generator, int], Floats]
SHAPES: dict[str, Draw] = {
    "probabilities": lambda generator, rows: generator.random(rows),
    "sure of itself": lambda generator, rows: generator.beta(0.05, 0.05, rows),
    "crowded": lambda generator, rows: 0.5 + generator.random(rows) * 1e-4,
    "logits": lambda generator, rows: generator.normal(0, 5, rows),
    "wild": lambda generator, rows: generator.standard_cauchy(rows) * 1e6,
    "ties": lambda generator, rows: generator.integers(-9, 9, rows) / 4,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_areas_of_bins_are_off_by_their_bound_at_most(shape: str) -> None:
    for seed in range(20):
        generator = np.random.default_rng(seed)
        rows = 3000
        target = (generator.random(rows) < 0.3).astype(np.intp)
        score = SHAPES[shape](generator, rows)
        score = np.where(target & (generator.random(rows) < 0.5), np.roll(np.sort(score), 9), score)
        weight = draw_weight(generator, rows)
        binned = ValueCounts.start(SCORES, 2, limit=10).add(score, target, weight).cells()
        assert binned.wide.any()
        roc, pr = measure_roc_auc(binned), measure_average_precision(binned)
        assert roc is not None
        assert pr is not None
        fuzz = 1e-12
        exact = sk.roc_auc_score(target, score, sample_weight=weight)
        assert abs(roc.value - exact) <= roc.error + fuzz
        exact = sk.average_precision_score(target, score, sample_weight=weight)
        assert abs(pr.value - exact) <= pr.error + fuzz
        if shape == "probabilities":
            assert max(roc.error, pr.error) < 1e-3


def test_the_median_of_bins_is_off_by_its_bound_at_most() -> None:
    for seed in range(30):
        generator = np.random.default_rng(seed)
        errors = np.abs(generator.normal(0, 10.0 ** generator.integers(-9, 9), 999))
        cells = ValueCounts.start(ERRORS, 1, limit=9).add(
            errors, np.zeros(999, dtype=np.intp), None
        )
        (middle,) = np.flatnonzero(cells.cells().weights[0].cumsum() >= 500)[:1]
        low, high = cells.cells().low[middle], cells.cells().high[middle]
        assert low <= np.median(errors) < high
        assert high - low <= low * 2.0**-11


@pytest.mark.parametrize("bins", [SCORES, ERRORS], ids=["scores", "errors"])
def test_every_value_lies_in_its_bin(bins: Bins) -> None:
    generator = np.random.default_rng(0)
    values = 10.0 ** generator.uniform(-320, 308, 5000)
    values = np.concatenate([values, generator.random(5000), [0.0, 0.5, 1.0, 2.0, 1e308]])
    if bins is SCORES:
        values = np.concatenate([values, -values])
    places, (low, high) = bins.find(values), bins.edges()
    assert len(low) == len(high) == bins.count
    assert (low[1:] == high[:-1]).all()
    assert (low <= high).all()
    slack = 4e-16 * np.abs(values)  # what rounding does beside an edge
    assert (low[places] <= values + slack).all()
    assert (values - slack <= high[places]).all()


def test_scores_of_exactly_0_and_1_are_not_mixed_with_their_neighbours() -> None:
    values = np.array([-1e-9, 0.0, 1e-9, 1 - 1e-9, 1.0, 1 + 1e-9])
    state = ValueCounts.start(SCORES, 2, limit=1).add(values, np.zeros(6, dtype=np.intp), None)
    cells = state.cells()
    assert cells.weights[0].tolist() == [1] * 6
    assert cells.wide.tolist() == [True, False, True, True, False, True]


@pytest.mark.parametrize("distinct", [40, 41])
def test_neither_order_nor_chunks_decide_whether_values_are_binned(distinct: int) -> None:
    generator = np.random.default_rng(0)
    values = np.r_[np.arange(distinct), generator.integers(0, distinct, 1000)] / distinct
    columns = generator.integers(0, 2, len(values))
    whole = ValueCounts.start(SCORES, 2, limit=40).add(values, columns, None)
    order = generator.permutation(len(values))
    parts = [
        ValueCounts.start(SCORES, 2, limit=40).add(values[part], columns[part], None)
        for part in np.array_split(order, 7)
    ]
    merged = parts[0]
    for part in parts[1:]:
        merged = part.merge(merged)
    assert merged.to_dict() == whole.to_dict()
    assert (whole.values is None) == (distinct > 40)
    again = ValueCounts.from_dict(SCORES, json.loads(json.dumps(whole.to_dict())))
    assert again.merge(whole).to_dict() == whole.merge(whole).to_dict()


def test_the_bound_allows_for_both_orders_inside_a_bin() -> None:
    for target in ([0] * 9 + [1], [1] + [0] * 9, [1, 1, 0, 0], [0, 0, 1, 1]):
        score: Floats = np.linspace(0.3, 0.300001, len(target))
        state = ValueCounts.start(SCORES, 2, limit=1).add(score, np.array(target), None)
        area = measure_average_precision(state.cells())
        assert area is not None
        assert abs(area.value - sk.average_precision_score(target, score)) <= area.error + 1e-12


def test_values_after_many_known_ones_are_not_lost() -> None:
    few, more = np.repeat([0.25, 0.75], 100), np.r_[np.repeat(0.25, 100), 0.5]
    state = ValueCounts.start(SCORES, 1)
    for values in (few, more):
        state = state.add(values, np.zeros(len(values), dtype=np.intp), None)
    assert state.cells().low.tolist() == [0.25, 0.5, 0.75]
    assert state.cells().weights.tolist() == [[200, 1, 100]]


def test_many_rows_say_that_they_were_binned_and_how_far_off_that_may_be() -> None:
    generator = np.random.default_rng(0)
    rows = 200_000
    target = generator.integers(0, 2, rows)
    score = np.clip(generator.normal(0.4 + 0.2 * target, 0.2), 0, 1)
    measured = measure(
        Task(kind="binary"), ["roc_auc", "pr_auc"], {"target": target, "score": score}
    )
    exact = {
        "roc_auc": sk.roc_auc_score(target, score),
        "pr_auc": sk.average_precision_score(target, score),
    }
    for name, figure in measured.figures().items():
        assert figure.value is not None
        assert figure.low is not None
        assert figure.high is not None
        assert abs(figure.value - exact[name]) <= figure.error < 5e-5
        assert figure.low < exact[name] < figure.high
    errors = np.abs(generator.normal(0, 1, rows))
    regression = measure(
        Task(kind="regression"),
        ["median_absolute_error"],
        {"target": np.zeros(rows), "prediction": errors},
    )
    figure = regression.figures()["median_absolute_error"]
    assert 0 < abs((figure.value or 0) - np.median(errors)) <= figure.error < 2e-4


def test_few_scores_stay_exact_however_many_the_rows() -> None:
    generator = np.random.default_rng(0)
    target, score = generator.integers(0, 2, 300_000), generator.integers(0, 100, 300_000) / 100
    columns = {"target": target, "score": score}
    figure = measure(Task(kind="binary"), ["roc_auc"], columns).figures()["roc_auc"]
    assert figure.error == 0
    assert abs((figure.value or 0) - sk.roc_auc_score(target, score)) < 1e-12


def test_the_standard_error_of_roc_auc_is_delongs() -> None:
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, 200)
    score = generator.normal(target, 1).round(1)
    area = measure_roc_auc(ValueCounts.start(SCORES, 2).add(score, target, None).cells())
    assert area is not None
    positive, negative = score[target == 1], score[target == 0]
    wins = (positive[:, None] > negative) + (positive[:, None] == negative) / 2
    variance = wins.mean(1).var(ddof=1) / len(positive) + wins.mean(0).var(ddof=1) / len(negative)
    assert area.deviation == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_the_standard_error_of_average_precision_is_that_of_leaving_rows_out() -> None:
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, 400)
    score = generator.normal(target, 1).round(1)
    area = measure_average_precision(ValueCounts.start(SCORES, 2).add(score, target, None).cells())
    assert area is not None
    left = [
        sk.average_precision_score(np.delete(target, i), np.delete(score, i)) for i in range(400)
    ]
    jackknife = np.sqrt(399 * np.var(left))
    assert area.deviation == pytest.approx(jackknife, rel=0.02)


@pytest.mark.parametrize("score", [[0.1, 0.9], [0.9, 0.9]])
def test_perfect_areas_have_no_interval(score: list[float]) -> None:
    columns = {"target": np.array([0, 1]), "score": np.array(score)}
    figure = measure(Task(kind="binary"), ["roc_auc"], columns).figures()["roc_auc"]
    assert (figure.value in {0.5, 1.0}, figure.low) == (True, None if score[0] < 0.5 else 0.5)


def draw_binary(rows: int) -> Measurement:
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, rows)
    score = np.clip(generator.normal(0.4 + 0.2 * target, 0.2), 0, 1)
    return Measurement.start(Task(kind="binary"), ["roc_auc"]).update(
        read_batch(target, score=score)
    )


@pytest.mark.parametrize("rows", [10, 100, 5000, 150_000])
def test_curves_have_200_points_at_most_and_keep_their_ends(rows: int) -> None:
    curves = draw_binary(rows).curves()
    assert curves.keys() == {"roc", "precision_recall", "calibration"}
    json.dumps([curve.to_dict() for curve in curves.values()], allow_nan=False)
    for curve in curves.values():
        assert all(len(point) == len(curve.columns) for point in curve.points)
        assert 1 <= len(curve.points) <= 200
    roc = np.array(curves["roc"].points)
    assert (roc[0, :2] == 0).all()
    assert (roc[-1, :2] == 1).all()
    assert (np.diff(roc[:, :2], axis=0) >= 0).all()
    assert (np.diff(roc[:, 2]) <= 0).all()
    assert curves["precision_recall"].points[-1][0] == 1


def test_curves_of_few_rows_are_scikit_learns() -> None:
    generator = np.random.default_rng(0)
    target, score = generator.integers(0, 2, 60), generator.random(60)
    columns = {"target": target, "score": score}
    curves = measure(Task(kind="binary"), ["roc_auc"], columns).curves()
    false, true, _ = sk.roc_curve(target, score, drop_intermediate=False)
    np.testing.assert_allclose(np.array(curves["roc"].points)[:, :2].T, [false, true])
    precision, recall, thresholds = sk.precision_recall_curve(target, score)
    expected = np.array([recall[:-1], precision[:-1], thresholds])[:, ::-1].T
    np.testing.assert_allclose(curves["precision_recall"].points, expected)
    share, mean = calibration.calibration_curve(target, score, n_bins=16)
    points = np.array(curves["calibration"].points)
    np.testing.assert_allclose(points[:, :2].T, [mean, share])
    assert points[:, 2].sum() == 60


def test_there_is_no_curve_of_one_class_nor_calibration_of_other_scores() -> None:
    columns = {"target": np.array([0, 0]), "score": np.array([0.5, 7.0])}
    assert measure(Task(kind="binary"), ["roc_auc"], columns).curves() == {}
    assert measure(Task(kind="binary"), ["accuracy"], columns).curves() == {}
