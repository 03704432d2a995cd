"""Metrics of regression, beside scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from gitreg.evaluation.metrics import Task, list_names
from tests.evaluation.metrics.measuring import Array, close, draw_cuts, draw_weight, measure

TASK, NAMES = Task(kind="regression"), list_names("regression")


def expect(target: Array, prediction: Array, weight: Array | None) -> dict[str, float]:
    weighted = {
        "mae": sk.mean_absolute_error,
        "mse": sk.mean_squared_error,
        "rmse": sk.root_mean_squared_error,
        "mape": sk.mean_absolute_percentage_error,
        "r2": sk.r2_score,
        "explained_variance": sk.explained_variance_score,
    }
    found = {name: f(target, prediction, sample_weight=weight) for name, f in weighted.items()}
    errors = np.abs(target - prediction)
    found["median_absolute_error"] = np.quantile(errors, 0.5, weights=weight, method="inverted_cdf")
    if weight is None:
        found["median_absolute_error"] = sk.median_absolute_error(target, prediction)
    return {**found, "max_error": sk.max_error(target, prediction)}


@pytest.mark.parametrize("seed", range(0, 300, 50))
def test_figures_equal_scikit_learns(seed: int) -> None:
    for case in range(seed, seed + 50):
        generator = np.random.default_rng(case)
        rows = int(generator.integers(2, 60))
        scale = 10.0 ** generator.integers(-6, 7)
        target = generator.normal(generator.integers(-5, 6), 1, rows) * scale
        prediction = target + generator.normal(0, generator.random(), rows) * scale
        weight = draw_weight(generator, rows)
        columns = {"target": target, "prediction": prediction, "weight": weight}
        figures = measure(TASK, NAMES, columns, cuts=draw_cuts(generator, rows)).figures()
        for name, value in expect(target, prediction, weight).items():
            # 1 - a / b is as good as a / b is
            scale_of_it = 1 + abs(1 - value) if name in {"r2", "explained_variance"} else 0
            assert close(figures[name], value, scale_of_it), (name, figures[name], value)


def test_the_median_of_weighted_rows_is_that_of_repeated_rows() -> None:
    for case in range(200):
        generator = np.random.default_rng(case)
        rows = int(generator.integers(1, 12))
        errors = generator.integers(0, 6, rows).astype(float)
        weight = generator.integers(1, 4, rows)
        columns = {"target": np.zeros(rows), "prediction": errors, "weight": weight / 7}
        figures = measure(TASK, ["median_absolute_error"], columns).figures()
        assert figures["median_absolute_error"].value == np.median(np.repeat(errors, weight))


def test_rows_of_weight_0_take_no_part() -> None:
    target = np.array([0.0, 1.0, 2.0])
    columns = {
        "target": target,
        "prediction": np.array([9.0, 2.0, 4.0]),
        "weight": np.array([0, 1, 1]),
    }
    figures = measure(TASK, ["max_error", "mape"], columns).figures()
    assert (figures["max_error"].value, figures["mape"].value) == (2, 1)


def test_a_large_mean_costs_no_digits_of_the_variance() -> None:
    generator = np.random.default_rng(0)
    target = generator.normal(1e7, 1, 20_000)
    columns = {"target": target, "prediction": target + generator.normal(0, 0.5, 20_000)}
    whole = measure(TASK, ["r2"], columns).figures()["r2"].value
    chunks = measure(TASK, ["r2"], columns, cuts=range(100, 20_000, 100)).figures()["r2"].value
    expected = sk.r2_score(columns["target"], columns["prediction"])
    assert whole == pytest.approx(expected, abs=1e-12)
    assert chunks == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    ("target", "names", "reason"),
    [
        ([3.0, 3.0], {"r2", "explained_variance"}, "the target is constant"),
        ([3.0], {"r2", "explained_variance"}, "it needs two rows"),
        ([0.0, 1.0, 0.0], {"mape"}, "the target is 0 in 2 rows"),
        ([], set(NAMES), None),
    ],
)
def test_what_is_undefined_is_none_with_the_reason(
    target: list[float], names: set[str], reason: str | None
) -> None:
    column = np.array(target)
    figures = measure(TASK, NAMES, {"target": column, "prediction": column + 1}).figures()
    assert {name for name, figure in figures.items() if figure.value is None} == names
    assert all(reason in {None, figures[name].reason} for name in names)


def test_a_value_too_large_for_a_double_is_none() -> None:
    columns = {"target": np.array([1e200, 1.0]), "prediction": np.array([-1e200, 1.0])}
    figures = measure(TASK, ["mse", "r2", "mae"], columns).figures()
    for name in ("mse", "r2"):
        assert figures[name].value is None
        assert figures[name].reason == "it is too large for a double"
    assert figures["mae"].value == 1e200
