"""Several labels a row: the state and the readings of multi-label metrics."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics import margins as rates
from gitreg.evaluation.metrics.arrays import Array, Floats, divide
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.confusion import NO_ROWS
from gitreg.evaluation.metrics.figure import Reading
from gitreg.evaluation.metrics.margins import Margins
from gitreg.evaluation.metrics.state import Sums, weigh
from gitreg.evaluation.metrics.task import Task
from gitreg.value import Value

_ROWS, _SAME, _WRONG, _OVERLAP, _LABELS = range(5)


class LabelSums(Value, eq=False):
    """Sums over rows, (1 + replicates, 4 + 3 a label).

    Weight, rows with all labels right, wrong labels, Jaccard; then of each label: rightly
    predicted, predicted, true.
    """

    NAME: ClassVar[str] = "labels"
    RESAMPLED: ClassVar[bool] = True

    sums: Sums

    @classmethod
    def start(cls, task: Task, replicates: int) -> Self:
        """Return the sums of no rows."""
        return cls(sums=Sums.zeros(1 + replicates, _LABELS + 3 * len(task.classes)))

    def update(self, batch: Batch) -> Self:
        """Add rows; target and prediction are (rows, labels) of 0 and 1.

        Raises: InvalidError where they are not.
        """
        labels = (self.sums.sums.shape[1] - _LABELS) // 3
        target = _read_labels("target", batch.target, labels)
        prediction = _read_labels("prediction", batch.prediction, labels)
        both = target * prediction
        union = np.maximum(target, prediction).sum(1)
        overlap = np.nan_to_num(divide(both.sum(1), union))
        wrong = (target != prediction).sum(1, dtype=np.float64)
        columns = [np.ones(len(batch)), (wrong == 0).astype(np.float64), wrong, overlap]
        columns += [*both.T, *prediction.T, *target.T]
        return type(self)(sums=self.sums.add(weigh(columns, batch)))

    def merge(self, other: Self) -> Self:
        """Return the sums of both."""
        return type(self)(sums=self.sums.merge(other.sums))

    def to_dict(self) -> dict[str, object]:
        """The state as JSON has it."""
        return self.sums.to_dict()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        return cls(sums=Sums.from_dict(data))

    @property
    def margins(self) -> Margins:
        """The margins of each label, on the data and on each resample."""
        right, predicted, true = np.split(self.sums.total[:, _LABELS:], 3, axis=1)
        return Margins(right, predicted, true)


def _read_labels(name: str, values: Array | None, labels: int) -> Floats:
    if values is None or values.ndim != 2 or values.shape[1] != labels:
        shape = None if values is None else values.shape
        raise InvalidError(
            f"{name} has the shape {shape}, not (rows, {labels})",
            next_step="give one column of 0 and 1 a label",
        )
    if values.dtype.kind not in "biuf" or not np.isin(values, (0, 1)).all():
        raise InvalidError(f"{name} holds more than 0 and 1", next_step="give 0 or 1 a label")
    return values.astype(np.float64)


def read_subset_accuracy(state: LabelSums) -> Reading:
    """The share of rows with every label right."""
    return _read_share(state, _SAME, 1)


def read_hamming_loss(state: LabelSums) -> Reading:
    """The share of labels that are wrong (Schapire and Singer 2000)."""
    return _read_share(state, _WRONG, len(state.margins.true[0]))


def read_jaccard_samples(state: LabelSums) -> Reading:
    """The mean over rows of intersection / union; 0 where a row has no label in either."""
    return _read_share(state, _OVERLAP, 1)


def _read_share(state: LabelSums, column: int, labels: int) -> Reading:
    total = state.sums.total
    return Reading(values=divide(total[:, column], total[:, _ROWS] * labels), why=NO_ROWS)


def _read_average(rate: rates.Rate, how: rates.Average, state: LabelSums) -> Reading:
    margins, rows = state.margins, state.sums.total[:, _ROWS]
    if how == "macro":  # every label takes part, as it is named by the task
        values = divide(np.nan_to_num(rate(margins)).mean(1) * rows, rows)
        return Reading(values=values, why=NO_ROWS)
    values = rates.average(margins, rate, how)
    return Reading(values=values, why="no row has a label, and none is predicted to")


RATES: dict[str, rates.Rate] = {
    "precision": rates.precision,
    "recall": rates.recall,
    "f1": rates.f1,
    "jaccard": rates.jaccard,
}
AVERAGES: tuple[rates.Average, ...] = ("micro", "macro")
OF_LABELS = {
    f"{name}_{how}": partial(_read_average, rate, how)
    for name, rate in RATES.items()
    for how in AVERAGES
}
