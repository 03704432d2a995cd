"""Metrics of classes and probabilities, beside scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import pytest
from sklearn import metrics as sk

from gitreg.evaluation.metrics import Figure, Task, list_names
from tests.evaluation.metrics.measuring import Array, close, draw_cuts, draw_weight, measure

AVERAGES = ("micro", "macro", "weighted")


def expect_of_classes(target: Array, prediction: Array, weight: Array | None) -> dict[str, float]:
    """What scikit-learn says of predicted classes."""
    with warnings.catch_warnings():  # a class that is predicted, and never true
        warnings.simplefilter("ignore")
        expected = {
            "accuracy": sk.accuracy_score(target, prediction, sample_weight=weight),
            "balanced_accuracy": sk.balanced_accuracy_score(
                target, prediction, sample_weight=weight
            ),
        }
        if len(set(target.tolist())) > 1:
            expected["mcc"] = sk.matthews_corrcoef(target, prediction, sample_weight=weight)
    for average in AVERAGES:
        found = sk.precision_recall_fscore_support(
            target, prediction, average=average, sample_weight=weight, zero_division=0
        )
        for name, value in zip(("precision", "recall", "f1"), found, strict=False):
            expected[f"{name}_{average}"] = value
    return expected


def expect_of_positive(target: Array, prediction: Array, weight: Array | None) -> dict[str, float]:
    found = sk.precision_recall_fscore_support(
        target, prediction, average="binary", sample_weight=weight, zero_division=np.nan
    )
    named = zip(("precision", "recall", "f1"), found, strict=False)
    return {name: value for name, value in named if not np.isnan(value)}


def check(figures: Mapping[str, Figure], expected: Mapping[str, float]) -> None:
    for name, value in expected.items():
        assert close(figures[name], value), (name, figures[name], value)


@pytest.mark.parametrize("seed", range(0, 300, 50))
def test_binary_figures_equal_scikit_learns(seed: int) -> None:
    for case in range(seed, seed + 50):
        generator = np.random.default_rng(case)
        rows = int(generator.integers(1, 60))
        target = (generator.random(rows) < generator.random()).astype(int)
        score = generator.random(rows).round(int(generator.integers(1, 5)))
        weight = draw_weight(generator, rows)
        columns = {"target": target, "score": score, "weight": weight}
        names = list_names("binary")
        cuts = draw_cuts(generator, rows)
        figures = measure(Task(kind="binary"), names, columns, cuts=cuts).figures()
        prediction = (score > 0.5).astype(int)
        expected = expect_of_classes(target, prediction, weight)
        expected |= expect_of_positive(target, prediction, weight)
        expected["log_loss"] = sk.log_loss(target, score, sample_weight=weight, labels=[0, 1])
        expected["brier"] = np.average((score - target) ** 2, weights=weight)
        if target.any():
            expected["pr_auc"] = sk.average_precision_score(target, score, sample_weight=weight)
        if len(set(target.tolist())) > 1:
            expected["roc_auc"] = sk.roc_auc_score(target, score, sample_weight=weight)
        check(figures, expected)
        assert {name for name, figure in figures.items() if figure.value is None} == {
            *names
        } - expected.keys()


@pytest.mark.parametrize("seed", range(0, 200, 50))
def test_figures_of_many_classes_equal_scikit_learns(seed: int) -> None:
    for case in range(seed, seed + 50):
        generator = np.random.default_rng(case)
        rows, count = int(generator.integers(1, 60)), int(generator.integers(3, 6))
        classes = ("ant", "bee", "cat", "dog", "eel")[:count]
        target = generator.choice(classes[: generator.integers(1, count + 1)], rows)
        score = generator.dirichlet(np.ones(count), rows)
        weight = draw_weight(generator, rows)
        columns = {"target": target, "score": score, "weight": weight}
        task = Task(kind="multiclass", classes=classes, top_k=int(generator.integers(1, count)))
        cuts = draw_cuts(generator, rows)
        figures = measure(task, list_names("multiclass"), columns, cuts=cuts).figures()
        prediction = np.array(classes)[score.argmax(1)]
        expected = expect_of_classes(target, prediction, weight)
        expected["log_loss"] = sk.log_loss(target, score, sample_weight=weight, labels=classes)
        onehot = target[:, np.newaxis] == np.array(classes)
        expected["brier"] = np.average(((score - onehot) ** 2).sum(1), weights=weight)
        expected["top_k_accuracy"] = sk.top_k_accuracy_score(
            target, score, k=task.top_k, sample_weight=weight, labels=classes
        )
        if len(set(target.tolist())) == count:
            expected |= expect_areas(onehot, score, weight)
        else:
            assert figures["roc_auc_macro"].value is figures["pr_auc_weighted"].value is None
        check(figures, expected)


def expect_areas(onehot: Array, score: Array, weight: Array | None) -> dict[str, float]:
    return {
        f"{name}_{average}": area(onehot, score, average=average, sample_weight=weight)
        for name, area in (("roc_auc", sk.roc_auc_score), ("pr_auc", sk.average_precision_score))
        for average in ("macro", "weighted")
    }


def test_probabilities_of_32_bits_are_clipped_as_scikit_learn_clips_them() -> None:
    target, score = np.array([0, 1, 1, 0]), np.array([1, 0, 0.25, 0.5], dtype=np.float32)
    figures = measure(
        Task(kind="binary"), ["log_loss"], {"target": target, "score": score}
    ).figures()
    expected = sk.log_loss(target, score.astype(np.float64), labels=[0, 1])
    assert figures["log_loss"].value == pytest.approx(
        sk.log_loss(target, score, labels=[0, 1]), rel=1e-6
    )
    assert abs((figures["log_loss"].value or 0) - expected) > 1  # 64 bits allow a larger loss


def test_the_last_of_equal_scores_is_the_highest_as_in_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    target = generator.integers(0, 4, 500)
    score = generator.integers(0, 3, (500, 4)).astype(float)
    task = Task(kind="multiclass", classes=(0, 1, 2, 3), top_k=2)
    measured = measure(task, ["top_k_accuracy"], {"target": target, "score": score})
    expected = sk.top_k_accuracy_score(target, score, k=2, labels=[0, 1, 2, 3])
    assert close(measured.figures()["top_k_accuracy"], expected)


def test_the_confusion_matrix_equals_scikit_learns() -> None:
    generator = np.random.default_rng(0)
    target, prediction = generator.choice([3, 5, 9], (2, 1000))
    task = Task(kind="multiclass", classes=(9, 3, 5))
    columns = {"target": target, "prediction": prediction}
    measured = measure(task, ["accuracy"], columns, cuts=(10, 500))
    expected = sk.confusion_matrix(target, prediction, labels=[9, 3, 5])
    np.testing.assert_array_equal(measured.confusion(), expected)


def test_rows_of_weight_0_take_no_part() -> None:
    generator = np.random.default_rng(3)
    target, score = generator.integers(0, 2, 50), generator.random(50)
    weight = generator.integers(0, 3, 50).astype(float)
    task, names = Task(kind="binary"), list_names("binary")
    all_rows = measure(task, names, {"target": target, "score": score, "weight": weight})
    kept = weight > 0
    some = {"target": target[kept], "score": score[kept], "weight": weight[kept]}
    assert all_rows.figures() == measure(task, names, some).figures()


UNDEFINED = {
    "nothing positive": ([0, 0], [0.2, 0.7], {"recall", "mcc", "roc_auc", "pr_auc"}),
    "nothing predicted": ([0, 1], [0.2, 0.3], {"precision"}),
    "neither": ([0, 0], [0.2, 0.3], {"precision", "recall", "f1", "mcc", "roc_auc", "pr_auc"}),
    "all positive": ([1, 1], [0.2, 0.7], {"mcc", "roc_auc"}),
    "no probabilities": ([0, 1], [-1.0, 7.0], {"log_loss", "brier"}),
    "no rows": ([], [], set(list_names("binary"))),
}


@pytest.mark.parametrize("case", UNDEFINED)
def test_what_is_undefined_is_none_with_the_reason(case: str) -> None:
    target, score, undefined = UNDEFINED[case]
    columns = {"target": np.array(target, dtype=int), "score": np.array(score, dtype=float)}
    figures = measure(Task(kind="binary"), list_names("binary"), columns).figures()
    assert {name for name, figure in figures.items() if figure.value is None} == undefined
    assert all(figures[name].reason for name in undefined)


def test_predictions_of_one_class_correlate_with_nothing() -> None:
    columns = {"target": np.array([0, 1, 1]), "prediction": np.array([1, 1, 1])}
    assert measure(Task(kind="binary"), ["mcc"], columns).figures()["mcc"].value == 0


def test_top_k_says_nothing_where_every_row_is_a_hit() -> None:
    columns = {"target": np.array([0, 1]), "score": np.full((2, 3), 1 / 3)}
    task = Task(kind="multiclass", classes=(0, 1, 2), top_k=3)
    figure = measure(task, ["top_k_accuracy"], columns).figures()["top_k_accuracy"]
    assert figure.value is None
    assert figure.reason == "the 3 highest of 3 classes always hold the true one"
