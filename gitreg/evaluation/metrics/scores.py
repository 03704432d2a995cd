"""How well scores rank: ROC AUC and average precision, from the distribution of the scores.

Their standard errors are infinitesimal jackknives: the squared influence of each row, summed
(Efron: The jackknife, the bootstrap and other resampling plans, 1982). For ROC AUC that is the
estimate of DeLong, DeLong and Clarke-Pearson (Biometrics 1988).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics.arrays import Array, Floats
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.figure import Reading, find_logit_interval, undefined
from gitreg.evaluation.metrics.histogram import SCORES, Cells, ValueCounts
from gitreg.evaluation.metrics.task import Task
from gitreg.value import Value


class ScoreCounts(Value, eq=False):
    """Of each class, the distribution of its score: column 0 of other classes' rows, 1 of its own.

    A binary task has one, of the positive class.
    """

    NAME: ClassVar[str] = "scores"
    RESAMPLED: ClassVar[bool] = False

    classes: tuple[ValueCounts, ...]

    @classmethod
    def start(cls, task: Task, replicates: int) -> Self:  # noqa: ARG003 one protocol for all
        """Return the distributions of no rows."""
        count = 1 if task.kind == "binary" else len(task.classes)
        return cls(classes=(ValueCounts.start(SCORES, 2),) * count)

    def update(self, batch: Batch) -> Self:
        """Add rows; raises InvalidError where there are no scores."""
        if batch.score is None:
            raise InvalidError("there are no scores", next_step="give the model's scores")
        score = batch.score.astype(np.float64, copy=False)
        if len(self.classes) == 1:
            return type(self)(classes=(self.classes[0].add(score, batch.target, batch.weight),))
        return type(self)(
            classes=tuple(
                counts.add(score[:, code], (batch.target == code).astype(np.intp), batch.weight)
                for code, counts in enumerate(self.classes)
            )
        )

    def merge(self, other: Self) -> Self:
        """Return the distributions of both."""
        pairs = zip(self.classes, other.classes, strict=True)
        return type(self)(classes=tuple(one.merge(two) for one, two in pairs))

    def to_dict(self) -> dict[str, object]:
        """The state as JSON has it."""
        return {"classes": [counts.to_dict() for counts in self.classes]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        return cls(classes=tuple(ValueCounts.from_dict(SCORES, one) for one in data["classes"]))


class Area(NamedTuple):
    """An area under a curve, what binning may have cost, its standard error, positives' weight."""

    value: float
    error: float
    deviation: float
    positives: float


def measure_roc_auc(cells: Cells) -> Area | None:
    """Return the chance that a positive scores above a negative, ties counting half.

    None where a class is missing. Pairs within a bin count as ties, so it is off by half of
    their share at most.
    """
    negative, positive = cells.weights
    negatives, positives = negative.sum(), positive.sum()
    if not (negatives > 0 and positives > 0):
        return None
    below = (np.cumsum(negative) - negative / 2) / negatives
    above = (np.cumsum(positive[::-1])[::-1] - positive / 2) / positives
    value = float((positive * below).sum() / positives)
    tied = positive * negative * cells.wide
    error = float(tied.sum() / positives / negatives / 2)
    variance = _sum_influence(cells.squares[1], below - value, positives)
    variance += _sum_influence(cells.squares[0], above - value, negatives)
    return Area(value, error, float(np.sqrt(variance)), float(positives))


def _sum_influence(squares: Floats, influence: Floats, total: float) -> float:
    """Sum squared influences, with n / (n - 1) for the mean that was estimated too."""
    inverse = squares.sum() / total**2  # 1 / n, Kish's effective n where there are weights
    summed = float((squares * influence**2).sum() / total**2)
    return summed / (1 - inverse) if inverse < 1 else 0.0


def measure_average_precision(cells: Cells) -> Area | None:
    """Return Σ (rise of recall) times precision over falling thresholds, without interpolation.

    None where no row is positive. Each bin is one threshold.
    """
    negative, positive = cells.weights[:, ::-1]
    squares = cells.squares[:, ::-1]
    positives = positive.sum()
    if not positives > 0:
        return None
    true, false = np.cumsum(positive), np.cumsum(negative)
    taken = true + false
    precision = true / taken
    value = float((positive * precision).sum() / positives)
    alone = squares[1] >= positive**2 * (1 - 1e-9)
    wide = cells.wide[::-1]
    error = _bound_average_precision(negative, positive, wide, alone) if wide.any() else 0.0
    # What a row's weight moves: the precision of every threshold at or below its score.
    fall = np.cumsum((positive * true / taken**2)[::-1])[::-1]
    rise = np.cumsum((positive * false / taken**2)[::-1])[::-1]
    moved = (squares[1] * (precision - value + rise) ** 2 + squares[0] * fall**2).sum()
    return Area(value, error, float(np.sqrt(moved) / positives), float(positives))


def _bound_average_precision(
    negative: Floats, positive: Floats, wide: Array, alone: Array
) -> float:
    """Return how far bins may take average precision from that of the rows one by one.

    In a bin it is least if all negatives come first, and then no less than the integral of
    precision over infinitely small positives, or the bin's own where a single positive is in it;
    and greatest if all positives come first.
    """
    true, false = np.cumsum(positive), np.cumsum(negative)
    tied = positive * true / (true + false)
    with np.errstate(divide="ignore", invalid="ignore"):
        worst = positive - false * np.log((true + false) / (true - positive + false))
        best = positive * true / (true + false - negative)
    worst = np.where(false > 0, worst, positive)
    below = np.where(alone, 0, tied - worst)[wide].sum()
    above = np.where(positive > 0, best - tied, 0)[wide].sum()
    return float(max(below, above) / positive.sum())


Measure = Callable[[Cells], Area | None]


def read_roc_auc(state: ScoreCounts) -> Reading:
    """The area under the ROC curve (Hanley and McNeil 1982)."""
    return _read_area(measure_roc_auc, "the target has one class only", state)


def read_pr_auc(state: ScoreCounts) -> Reading:
    """Average precision, the area under the steps of the precision-recall curve."""
    return _read_area(measure_average_precision, "no row is positive", state)


def _read_area(measure: Measure, why: str, state: ScoreCounts) -> Reading:
    area = measure(state.classes[0].cells())
    return undefined(why) if area is None else _make_reading(area)


def read_average(measure: Measure, *, weighted: bool, state: ScoreCounts) -> Reading:
    """Return the mean over classes, each against the rest; weighted: by the classes' rows.

    Undefined where a class has no rows. The standard error is the mean of the classes', which is
    at least that of the mean.
    """
    areas = [measure(counts.cells()) for counts in state.classes]
    known = [area for area in areas if area is not None]
    if len(known) < len(areas):
        return undefined("a class has no rows, or all of them")
    shares = np.array([area.positives if weighted else 1.0 for area in known])
    shares /= shares.sum()
    value, error, deviation = (float(shares @ [area[i] for area in known]) for i in range(3))
    return _make_reading(Area(value, error, deviation, 1.0))


def _make_reading(area: Area) -> Reading:
    return Reading(
        values=np.array([area.value]),
        error=area.error,
        interval=partial(find_logit_interval, area.value, area.deviation),
    )
