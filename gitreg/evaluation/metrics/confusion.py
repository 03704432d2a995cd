"""Which class was predicted for which: the state of accuracy and its kin, and the readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics import margins as rates
from gitreg.evaluation.metrics.arrays import Codes, Floats, divide, pack, unpack
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.figure import Reading
from gitreg.evaluation.metrics.margins import Margins
from gitreg.evaluation.metrics.state import Sums
from gitreg.evaluation.metrics.task import Task
from gitreg.value import Value

NO_ROWS = "there are no rows, or their weights are all 0"


class ConfusionCounts(Value, eq=False):
    """Weights by true and predicted class: (classes, classes), true first.

    Without weights they are whole numbers, and exact. Of each resample only the margins are kept:
    (replicates, 3, classes) of rightly predicted, predicted, true.
    """

    NAME: ClassVar[str] = "confusion"
    RESAMPLED: ClassVar[bool] = True

    counts: Sums
    resampled: Floats

    @classmethod
    def start(cls, task: Task, replicates: int) -> Self:
        """Return the counts of no rows."""
        size = len(task.classes)
        return cls(counts=Sums.zeros(size, size), resampled=np.zeros((replicates, 3, size)))

    def update(self, batch: Batch) -> Self:
        """Count rows; target and prediction are positions of classes.

        Raises: InvalidError where there are no predictions.
        """
        if batch.prediction is None:
            raise InvalidError("there are no predictions", next_step="give prediction or score")
        size = len(self.counts.sums)
        cells = batch.target * size + batch.prediction
        counts = np.bincount(cells, batch.weight, size * size).astype(np.float64)
        resampled = self.resampled
        if batch.draws is not None and len(batch):
            resampled = resampled + _count_resamples(cells, size, batch.draws, batch.weight)
        return type(self)(counts=self.counts.add(counts.reshape(size, size)), resampled=resampled)

    def merge(self, other: Self) -> Self:
        """Return the counts of both."""
        resampled = self.resampled + other.resampled
        return type(self)(counts=self.counts.merge(other.counts), resampled=resampled)

    def to_dict(self) -> dict[str, object]:
        """The state as JSON has it."""
        return {**self.counts.to_dict(), "resampled": pack(self.resampled)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        return cls(counts=Sums.from_dict(data), resampled=unpack(data.get("resampled")))

    @property
    def margins(self) -> Margins:
        """The margins on the data, then on each resample."""
        counts = self.counts.total
        exact = np.stack([np.diag(counts), counts.sum(0), counts.sum(1)])
        stacked = np.concatenate([exact[np.newaxis], self.resampled])
        return Margins(stacked[:, 0], stacked[:, 1], stacked[:, 2])


def _count_resamples(cells: Codes, size: int, draws: Floats, weight: Floats | None) -> Floats:
    """Return (replicates, 3, classes): rows are sorted by cell, so that one sum a cell does."""
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    copies = draws[order] if weight is None else draws[order] * weight[order, np.newaxis]
    sums = np.add.reduceat(copies, starts, axis=0)
    true, predicted = np.divmod(ordered[starts], size)
    margins = np.zeros((3, size, draws.shape[1]))
    right = true == predicted
    margins[0, true[right]] = sums[right]
    np.add.at(margins[1], predicted, sums)
    np.add.at(margins[2], true, sums)
    return np.moveaxis(margins, 2, 0)


Read = Callable[[ConfusionCounts], Reading]


def read_accuracy(state: ConfusionCounts) -> Reading:
    """The share of rows whose class was predicted."""
    margins = state.margins
    return Reading(values=divide(margins.right.sum(1), margins.true.sum(1)), why=NO_ROWS)


def read_balanced_accuracy(state: ConfusionCounts) -> Reading:
    """The mean recall of the classes that occur in the target (Brodersen and others 2010)."""
    margins = state.margins
    recalls = np.nan_to_num(rates.recall(margins))
    return Reading(values=divide(recalls.sum(1), (margins.true > 0).sum(1)), why=NO_ROWS)


def read_mcc(state: ConfusionCounts) -> Reading:
    """Matthews' correlation, for any number of classes (Gorodkin 2004).

    Undefined where the target has one class only. 0, its limit, where the predictions have one
    only; scikit-learn takes 0 for both.
    """
    margins = state.margins
    total = margins.true.sum(1)
    covariance = margins.right.sum(1) * total - (margins.true * margins.predicted).sum(1)
    predicted = total**2 - (margins.predicted**2).sum(1)
    true = total**2 - (margins.true**2).sum(1)
    values = divide(covariance, np.sqrt(np.maximum(predicted * true, 0)))
    values[(margins.predicted > 0).sum(1) < 2] = 0.0
    values[(margins.true > 0).sum(1) < 2] = np.nan
    return Reading(values=values, why="the target has fewer than two classes")


def _read_positive(rate: rates.Rate, why: str, state: ConfusionCounts) -> Reading:
    return Reading(values=rate(state.margins)[:, 1], why=why)


def _read_average(rate: rates.Rate, how: rates.Average, state: ConfusionCounts) -> Reading:
    return Reading(values=rates.average(state.margins, rate, how), why=NO_ROWS)


RATES: dict[str, tuple[rates.Rate, str]] = {
    "precision": (rates.precision, "no row is predicted positive"),
    "recall": (rates.recall, "no row is positive"),
    "f1": (rates.f1, "no row is positive, and none is predicted so"),
}
AVERAGES: tuple[rates.Average, ...] = ("micro", "macro", "weighted")
OF_POSITIVE: dict[str, Read] = {
    name: partial(_read_positive, rate, why) for name, (rate, why) in RATES.items()
}
OF_CLASSES: dict[str, Read] = {
    f"{name}_{how}": partial(_read_average, rate, how)
    for name, (rate, _) in RATES.items()
    for how in AVERAGES
}
