"""Metrics of ranking, beside scikit-learn and beside all orders of equal scores."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from sklearn import metrics as sk

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics import Task, list_names
from tests.evaluation.metrics.measuring import Array, close, draw_cuts, draw_weight, measure

NAMES = list_names("ranking")


def draw(generator: np.random.Generator, *, relevances: int) -> tuple[Array, Array]:
    rows, candidates = int(generator.integers(1, 20)), int(generator.integers(2, 8))
    target = generator.integers(0, relevances, (rows, candidates))
    return target, generator.random((rows, candidates)).round(int(generator.integers(1, 4)))


@pytest.mark.parametrize("seed", range(0, 200, 50))
def test_ndcg_equals_scikit_learns_with_ties(seed: int) -> None:
    for case in range(seed, seed + 50):
        generator = np.random.default_rng(case)
        target, score = draw(generator, relevances=4)
        weight = draw_weight(generator, len(target))
        cutoff = int(generator.integers(1, 9))
        columns = {"target": target, "score": score, "weight": weight}
        task = Task(kind="ranking", cutoff=cutoff)
        cuts = draw_cuts(generator, len(target))
        measured = measure(task, NAMES, columns, cuts=cuts)
        expected = sk.ndcg_score(target, score, k=cutoff, sample_weight=weight)
        assert close(measured.figures()["ndcg"], expected)


def test_average_precision_equals_scikit_learns_where_some_are_relevant() -> None:
    for case in range(200):
        generator = np.random.default_rng(case)
        target, score = draw(generator, relevances=2)
        target[:, 0], target[:, 1] = 1, 0
        weight = draw_weight(generator, len(target))
        columns = {"target": target, "score": score, "weight": weight}
        figures = measure(Task(kind="ranking"), NAMES, columns).figures()
        expected = sk.label_ranking_average_precision_score(target, score, sample_weight=weight)
        assert close(figures["mean_average_precision"], expected)


def test_of_one_relevant_candidate_reciprocal_rank_is_average_precision() -> None:
    generator = np.random.default_rng(0)
    target = np.eye(6, dtype=int)[generator.integers(0, 6, 300)]
    score = generator.random((300, 6)).round(1)
    figures = measure(Task(kind="ranking"), NAMES, {"target": target, "score": score}).figures()
    assert figures["mrr"].value == figures["mean_average_precision"].value


def test_precision_at_k_is_the_mean_over_all_orders_of_equal_scores() -> None:
    for case in range(50):
        generator = np.random.default_rng(case)
        target, score = generator.integers(0, 2, (1, 5)), generator.integers(0, 3, (1, 5))
        figures = measure(
            Task(kind="ranking", cutoff=2), NAMES, {"target": target, "score": score}
        ).figures()
        orders = [p for p in permutations(range(5)) if (np.diff(score[0, list(p)]) <= 0).all()]
        assert close(
            figures["precision_at_k"], float(np.mean([target[0, list(p[:2])] for p in orders]))
        )


def test_a_query_without_a_relevant_candidate_counts_0() -> None:
    columns = {"target": np.array([[0, 0], [1, 0]]), "score": np.array([[0.1, 0.2], [0.9, 0.1]])}
    figures = measure(Task(kind="ranking", cutoff=1), NAMES, columns).figures()
    assert {figure.value for figure in figures.values()} == {0.5}


@pytest.mark.parametrize("target", [[[0, -1]], [[0, 1, 0]], [["a", "b"]]])
def test_what_does_not_fit_is_refused(target: list[list[object]]) -> None:
    with pytest.raises(InvalidError, match=r"candidates|relevance"):
        measure(Task(kind="ranking"), NAMES, {"target": np.array(target), "score": np.ones((1, 2))})
