"""Ranking: each row is a query whose candidates are ordered by score; the state and readings.

Candidates of equal score stand in no order. NDCG and precision@k take the mean over their orders
(McSherry and Najork, ECIR 2008); reciprocal rank and average precision give each the last of their
ranks, as scikit-learn's label_ranking_average_precision_score does. A query without a relevant
candidate counts 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics.arrays import Array, Floats, divide
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.confusion import NO_ROWS
from gitreg.evaluation.metrics.figure import Reading
from gitreg.evaluation.metrics.state import Sums, weigh
from gitreg.evaluation.metrics.task import Task
from gitreg.value import Value

NAMES = ("ndcg", "precision_at_k", "mrr", "mean_average_precision")


class QuerySums(Value, eq=False):
    """Summed figures of queries, (1 + replicates, 5): weight, then those of NAMES."""

    NAME: ClassVar[str] = "queries"
    RESAMPLED: ClassVar[bool] = True

    sums: Sums
    cutoff: int

    @classmethod
    def start(cls, task: Task, replicates: int) -> Self:
        """Return the sums of no queries."""
        return cls(sums=Sums.zeros(1 + replicates, 1 + len(NAMES)), cutoff=task.cutoff)

    def update(self, batch: Batch) -> Self:
        """Add queries; target and score are (queries, candidates), relevances from 0 up.

        Raises: InvalidError where they are not.
        """
        score, target = batch.score, batch.target
        if score is None or target.ndim != 2 or score.shape != target.shape:
            raise InvalidError(
                "target and score are not both (queries, candidates)",
                next_step="give one row a query and one column a candidate",
            )
        if not target.size:
            return self
        if target.dtype.kind not in "biuf" or target.min() < 0:
            raise InvalidError("a relevance is negative or text", next_step="count from 0")
        gains = target.astype(np.float64, copy=False)
        columns = [np.ones(len(batch)), *_measure(gains, score, self.cutoff)]
        return type(self)(sums=self.sums.add(weigh(columns, batch)), cutoff=self.cutoff)

    def merge(self, other: Self) -> Self:
        """Return the sums of both."""
        return type(self)(sums=self.sums.merge(other.sums), cutoff=self.cutoff)

    def to_dict(self) -> dict[str, object]:
        """The state as JSON has it."""
        return {**self.sums.to_dict(), "cutoff": self.cutoff}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        return cls(sums=Sums.from_dict(data), cutoff=int(data["cutoff"]))


def _measure(gains: Floats, score: Array, cutoff: int) -> list[Floats]:
    """Return each query's figures, in the order of NAMES."""
    queries, candidates = gains.shape
    order = np.argsort(-score, axis=1, kind="stable")
    ordered = np.take_along_axis(score, order, axis=1)
    ranked = np.take_along_axis(gains, order, axis=1)
    ranks = np.arange(candidates)
    starts = np.ones(gains.shape, dtype=bool)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    groups = np.cumsum(starts.ravel()) - 1  # candidates of one query with one score
    sizes = np.bincount(groups)
    last = np.cumsum(sizes)[groups].reshape(gains.shape) - np.arange(queries)[:, None] * candidates
    relevant = (ranked > 0).astype(np.float64)
    shared_gain, shared_relevance = (
        (np.bincount(groups, table.ravel()) / sizes)[groups].reshape(gains.shape)
        for table in (ranked, relevant)
    )
    discount = np.where(ranks < cutoff, 1 / np.log2(ranks + 2), 0.0)
    ideal = (-np.sort(-gains, axis=1) * discount).sum(1)
    ndcg = np.nan_to_num(divide((shared_gain * discount).sum(1), ideal))
    precision = shared_relevance[:, :cutoff].sum(1) / cutoff
    above = np.cumsum(relevant, axis=1)
    by_rank = np.take_along_axis(above, last.astype(np.intp) - 1, axis=1) / last
    reciprocal = (relevant / last).max(1)
    average = np.nan_to_num(divide((relevant * by_rank).sum(1), relevant.sum(1)))
    return [ndcg, precision, reciprocal, average]


def _read(name: str, state: QuerySums) -> Reading:
    total = state.sums.total
    values = divide(total[:, 1 + NAMES.index(name)], total[:, 0])
    return Reading(values=values, why=NO_ROWS)


OF_QUERIES = {name: partial(_read, name) for name in NAMES}
