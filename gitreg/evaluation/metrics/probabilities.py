"""How good the scores are as probabilities: log loss, Brier score, top-k accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics.arrays import Array, Codes, Floats, divide
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.confusion import NO_ROWS
from gitreg.evaluation.metrics.figure import Reading
from gitreg.evaluation.metrics.state import Sums, weigh
from gitreg.evaluation.metrics.task import Task
from gitreg.value import Value

_ROWS, _LOG_LOSS, _BRIER, _HITS = range(4)
_SUM_TO_ONE = 1e-4  # what 32-bit probabilities of thousands of classes still keep


class ProbabilitySums(Value, eq=False):
    """Summed losses: (1 + replicates, 4) of weight, log loss, Brier score, top-k hits.

    `strange` counts the rows whose scores are no probabilities.
    """

    NAME: ClassVar[str] = "probabilities"
    RESAMPLED: ClassVar[bool] = True

    sums: Sums
    classes: int
    top_k: int
    strange: int = 0

    @classmethod
    def start(cls, task: Task, replicates: int) -> Self:
        """Return the sums of no rows."""
        sums = Sums.zeros(1 + replicates, 4)
        return cls(sums=sums, classes=len(task.classes), top_k=task.top_k)

    def update(self, batch: Batch) -> Self:
        """Add rows; the target is a position of classes, the score (rows,) or (rows, classes).

        Raises: InvalidError where there are no scores, or they do not fit the classes.
        """
        score = batch.score
        if score is None:
            raise InvalidError("there are no scores", next_step="give the model's probabilities")
        if len(batch) == 0:
            return self
        if self.classes == 2:
            columns, strange = _measure_binary(batch.target, score)
        else:
            columns, strange = _measure_classes(batch.target, score, self.top_k)
        sums = self.sums.add(weigh(columns, batch))
        return self._replace(sums, self.strange + strange)

    def merge(self, other: Self) -> Self:
        """Return the sums of both."""
        return self._replace(self.sums.merge(other.sums), self.strange + other.strange)

    def _replace(self, sums: Sums, strange: int) -> Self:
        return type(self)(sums=sums, classes=self.classes, top_k=self.top_k, strange=strange)

    def to_dict(self) -> dict[str, object]:
        """The state as JSON has it."""
        counts = {"classes": self.classes, "top_k": self.top_k, "strange": self.strange}
        return {**self.sums.to_dict(), **counts}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        counts = {name: int(data[name]) for name in ("classes", "top_k", "strange")}
        return cls(sums=Sums.from_dict(data), **counts)


def _measure_binary(target: Codes, score: Array) -> tuple[list[Floats], int]:
    """Return the columns to sum. Logarithms stay finite by clipping as scikit-learn does."""
    tiny = np.finfo(score.dtype).eps
    likely = np.abs((1 - target) - score.astype(np.float64, copy=False))  # of the true class
    miss = 1.0 - likely
    loss = -np.log(np.clip(likely, tiny, 1 - tiny))
    strange = 0
    if score.min() < 0 or score.max() > 1:
        strange = int(np.count_nonzero((score < 0) | (score > 1)))
    hits = likely
    return [np.ones_like(loss), loss, miss * miss, hits], strange


def _measure_classes(target: Codes, score: Array, top_k: int) -> tuple[list[Floats], int]:
    tiny = np.finfo(score.dtype).eps
    probability = score.astype(np.float64, copy=False)
    likely = probability[np.arange(len(target)), target]
    loss = -np.log(np.clip(likely, tiny, 1 - tiny))
    squares = (probability**2).sum(1) - 2 * likely + 1
    strange = (probability < 0).any(1) | (np.abs(probability.sum(1) - 1) > _SUM_TO_ONE)
    later = np.arange(score.shape[1]) > target[:, np.newaxis]
    ahead = score > score[np.arange(len(target)), target][:, np.newaxis]
    tied = (score == score[np.arange(len(target)), target][:, np.newaxis]) & later
    hits = ((ahead | tied).sum(1) < top_k).astype(np.float64)
    return [np.ones_like(loss), loss, squares, hits], int(np.count_nonzero(strange))


def read_log_loss(state: ProbabilitySums) -> Reading:
    """The mean negative logarithm of the true class's probability, in nats (Good 1952).

    Probabilities are clipped to [ε, 1 - ε] with the ε of the scores' type.
    """
    return _read_loss(state, _LOG_LOSS)


def read_brier(state: ProbabilitySums) -> Reading:
    """The mean squared distance of the probabilities to what happened (Brier 1950).

    With two classes that of the positive one, between 0 and 1; with more, summed over the classes,
    between 0 and 2.
    """
    return _read_loss(state, _BRIER)


def _read_loss(state: ProbabilitySums, column: int) -> Reading:
    total = state.sums.total
    values = divide(total[:, column], total[:, _ROWS])
    if state.strange:
        why = f"{state.strange} rows have scores that are no probabilities"
        return Reading(values=np.full_like(values, np.nan), why=why)
    return Reading(values=values, why=NO_ROWS)


def read_top_k(state: ProbabilitySums) -> Reading:
    """The share of rows whose class has one of the k highest scores.

    Of equal scores the later class counts as higher, as in scikit-learn. Undefined unless k is
    smaller than the number of classes, where every row is a hit.
    """
    total = state.sums.total
    values = divide(total[:, _HITS], total[:, _ROWS])
    if state.top_k >= state.classes:
        why = f"the {state.top_k} highest of {state.classes} classes always hold the true one"
        return Reading(values=np.full_like(values, np.nan), why=why)
    return Reading(values=values, why=NO_ROWS)
