"""Metrics of several labels a row, beside scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics import Task, list_names
from tests.evaluation.metrics.measuring import close, draw_cuts, draw_weight, measure

RATES = {
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "f1": sk.f1_score,
    "jaccard": sk.jaccard_score,
}


@pytest.mark.parametrize("seed", range(0, 120, 30))
def test_figures_equal_scikit_learns(seed: int) -> None:
    for case in range(seed, seed + 30):
        generator = np.random.default_rng(case)
        rows, labels = int(generator.integers(2, 40)), int(generator.integers(2, 6))
        target, prediction = (generator.random((2, rows, labels)) < 0.4).astype(int)
        weight = draw_weight(generator, rows)
        task = Task(kind="multilabel", classes=tuple("abcdef"[:labels]))
        columns = {"target": target, "prediction": prediction, "weight": weight}
        cuts = draw_cuts(generator, rows)
        figures = measure(task, list_names("multilabel"), columns, cuts=cuts).figures()
        how = {"sample_weight": weight}
        expected = {
            "subset_accuracy": sk.accuracy_score(target, prediction, **how),
            "hamming_loss": sk.hamming_loss(target, prediction, **how),
            "jaccard_samples": sk.jaccard_score(
                target, prediction, average="samples", zero_division=0, **how
            ),
        }
        for name, rate in RATES.items():
            for average in ("micro", "macro"):
                expected[f"{name}_{average}"] = rate(
                    target, prediction, average=average, zero_division=0, **how
                )
        for name, value in expected.items():
            assert close(figures[name], value), (name, figures[name], value)


def test_no_label_anywhere_leaves_micro_averages_undefined() -> None:
    none = np.zeros((3, 2))
    task = Task(kind="multilabel", classes=("a", "b"))
    figures = measure(
        task, ["f1_micro", "subset_accuracy"], {"target": none, "prediction": none}
    ).figures()
    assert figures["f1_micro"].reason == "no row has a label, and none is predicted to"
    assert figures["subset_accuracy"].value == 1


@pytest.mark.parametrize("prediction", [None, [[1, 0, 0]], [[1, 2]], [["a", "b"]], [1]])
def test_what_is_not_a_table_of_0_and_1_is_refused(prediction: object) -> None:
    task = Task(kind="multilabel", classes=("a", "b"))
    column = None if prediction is None else np.array(prediction)
    with pytest.raises(InvalidError, match="prediction"):
        measure(task, ["f1_micro"], {"target": np.array([[1, 0]]), "prediction": column})
