"""Prediction minus target: the states of the regression metrics, and the readings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics.arrays import Floats, divide
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.confusion import NO_ROWS
from gitreg.evaluation.metrics.figure import (
    TOO_LARGE,
    Reading,
    find_normal_quantile,
    undefined,
)
from gitreg.evaluation.metrics.histogram import ERRORS, Cells, ValueCounts
from gitreg.evaluation.metrics.state import Moments, Sums, weigh
from gitreg.evaluation.metrics.task import Task
from gitreg.value import Value

_ROWS, _ABSOLUTE, _SQUARED, _RELATIVE = range(4)


class ResidualMoments(Value, eq=False):
    """Summed errors, (1 + replicates, 4) of weight, |r|, r² and |r / y|, and two variances.

    `zeros` counts targets of 0, `rows` all rows, `largest` is the largest |r|.
    """

    NAME: ClassVar[str] = "residuals"
    RESAMPLED: ClassVar[bool] = True

    sums: Sums
    target: Moments
    residual: Moments
    rows: int = 0
    zeros: int = 0
    largest: float = 0.0

    @classmethod
    def start(cls, task: Task, replicates: int) -> Self:  # noqa: ARG003 one protocol for all
        """Return the moments of no rows."""
        size = 1 + replicates
        moments = Moments.zeros(size)
        return cls(sums=Sums.zeros(size, 4), target=moments, residual=moments)

    @np.errstate(over="ignore", invalid="ignore")
    def update(self, batch: Batch) -> Self:
        """Add rows; what is too large for a double becomes infinite.

        Raises: InvalidError where there are no predictions.
        """
        if len(batch) == 0:
            return self
        target, residual = _subtract(batch)
        absolute, magnitude = np.abs(residual), np.abs(target)
        relative = absolute / np.where(magnitude == 0, 1.0, magnitude)
        columns = [np.ones_like(target), absolute, residual * residual, relative]
        return self.merge(
            type(self)(
                sums=Sums.zeros(*self.sums.sums.shape).add(weigh(columns, batch)),
                target=Moments.measure(target, batch),
                residual=Moments.measure(residual, batch),
                rows=len(batch),
                zeros=int(np.count_nonzero(magnitude == 0)),
                largest=float(absolute.max()),
            )
        )

    @np.errstate(over="ignore", invalid="ignore")
    def merge(self, other: Self) -> Self:
        """Return the moments of both."""
        return type(self)(
            sums=self.sums.merge(other.sums),
            target=self.target.merge(other.target),
            residual=self.residual.merge(other.residual),
            rows=self.rows + other.rows,
            zeros=self.zeros + other.zeros,
            largest=max(self.largest, other.largest),
        )

    def to_dict(self) -> dict[str, object]:
        """The state as JSON has it."""
        return {
            **self.sums.to_dict(),
            "target": self.target.to_dict(),
            "residual": self.residual.to_dict(),
            "rows": self.rows,
            "zeros": self.zeros,
            "largest": self.largest,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        return cls(
            sums=Sums.from_dict(data),
            target=Moments.from_dict(data["target"]),
            residual=Moments.from_dict(data["residual"]),
            rows=int(data["rows"]),
            zeros=int(data["zeros"]),
            largest=float(data["largest"]),
        )


class ErrorCounts(Value, eq=False):
    """The distribution of |r|, exact while it has few values, then binned."""

    NAME: ClassVar[str] = "errors"
    RESAMPLED: ClassVar[bool] = False

    errors: ValueCounts

    @classmethod
    def start(cls, task: Task, replicates: int) -> Self:  # noqa: ARG003 one protocol for all
        """Return the distribution of no rows."""
        return cls(errors=ValueCounts.start(ERRORS, 1))

    def update(self, batch: Batch) -> Self:
        """Add rows; raises InvalidError where there are no predictions."""
        _, residual = _subtract(batch)
        column = np.zeros(len(batch), dtype=np.intp)
        return type(self)(errors=self.errors.add(np.abs(residual), column, batch.weight))

    def merge(self, other: Self) -> Self:
        """Return the distribution of both."""
        return type(self)(errors=self.errors.merge(other.errors))

    def to_dict(self) -> dict[str, object]:
        """The state as JSON has it."""
        return self.errors.to_dict()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        return cls(errors=ValueCounts.from_dict(ERRORS, data))


def _subtract(batch: Batch) -> tuple[Floats, Floats]:
    if batch.prediction is None:
        raise InvalidError("there are no predictions", next_step="give prediction")
    target = batch.target.astype(np.float64, copy=False)
    return target, batch.prediction.astype(np.float64, copy=False) - target


def read_mae(state: ResidualMoments) -> Reading:
    """The mean absolute error, in the target's unit."""
    return _read_mean(state, _ABSOLUTE)


def read_mse(state: ResidualMoments) -> Reading:
    """The mean squared error, in the target's unit squared."""
    return _read_mean(state, _SQUARED)


def read_rmse(state: ResidualMoments) -> Reading:
    """The root of the mean squared error, in the target's unit."""
    return Reading(values=np.sqrt(_read_mean(state, _SQUARED).values), why=NO_ROWS)


def read_mape(state: ResidualMoments) -> Reading:
    """The mean of |r / y|, as a fraction.

    Undefined where a target is 0; scikit-learn divides by 2.2e-16 there.
    """
    reading = _read_mean(state, _RELATIVE)
    if state.zeros:
        why = f"the target is 0 in {state.zeros} rows"
        return Reading(values=np.full_like(reading.values, np.nan), why=why)
    return reading


def _read_mean(state: ResidualMoments, column: int) -> Reading:
    total = state.sums.total
    return Reading(values=divide(total[:, column], total[:, _ROWS]), why=NO_ROWS)


def read_r2(state: ResidualMoments) -> Reading:
    """1 - Σ r² / Σ (y - mean y)².

    Undefined with fewer than two rows or a constant target; there scikit-learn gives 1 to
    predictions without error and 0 to others.
    """
    return _read_explained(state, state.sums.total[:, _SQUARED])


def read_explained_variance(state: ResidualMoments) -> Reading:
    """1 - variance of r / variance of y. Undefined as R² is."""
    return _read_explained(state, state.residual.squares)


def _read_explained(state: ResidualMoments, left: Floats) -> Reading:
    if state.rows < 2:
        return undefined("it needs two rows")
    values = 1 - divide(left, state.target.squares)
    constant = state.target.squares[0] == 0
    return Reading(values=values, why="the target is constant" if constant else TOO_LARGE)


def read_max_error(state: ResidualMoments) -> Reading:
    """The largest |r|; weights do not change it. Resampling says nothing about a maximum."""
    if not state.rows:
        return undefined(NO_ROWS)
    none = "a maximum has no bootstrap interval"
    return Reading(values=np.array([state.largest]), no_interval=none)


def read_median_absolute_error(state: ErrorCounts) -> Reading:
    """The weighted median of |r|: the mean of the two middle values where the half lies between.

    The interval lies between order statistics, as Woodruff (JASA 1952) has it for quantiles of
    weighted rows. Binned, the value is the middle of its bin.
    """
    cells = state.errors.cells()
    if not len(cells.low):
        return undefined(NO_ROWS)
    weights = np.cumsum(cells.weights[0])
    first, last = _find_quantile(weights, 0.5)
    low, high = (cells.low[first] + cells.low[last]) / 2, (cells.high[first] + cells.high[last]) / 2
    return Reading(
        values=np.array([(low + high) / 2]),
        error=float(high - low) / 2,
        interval=partial(_find_median_interval, cells),
    )


def _find_quantile(weights: Floats, part: float) -> tuple[int, int]:
    """Return the values that a part of the cumulated weights ends at, and that the rest begins."""
    wanted, fuzz = part * weights[-1], 1e-14 * weights[-1]
    first = np.searchsorted(weights, wanted - fuzz)
    last = np.searchsorted(weights, wanted + fuzz, side="right")
    return min(int(first), len(weights) - 1), min(int(last), len(weights) - 1)


def _find_median_interval(cells: Cells, level: float) -> tuple[float, float]:
    weights = np.cumsum(cells.weights[0])
    deviation = math.sqrt(cells.squares[0].sum()) / weights[-1] / 2
    width = find_normal_quantile(level) * deviation
    first, _ = _find_quantile(weights, max(0.5 - width, 0.0))
    _, last = _find_quantile(weights, min(0.5 + width, 1.0))
    return float(cells.low[first]), float(cells.high[last])
