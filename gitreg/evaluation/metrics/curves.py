"""Curves for reports: ROC, precision-recall, calibration; at most 200 points each."""

from __future__ import annotations

import numpy as np

from gitreg.evaluation.metrics.arrays import Codes, Floats, divide
from gitreg.evaluation.metrics.histogram import Cells
from gitreg.value import Value

POINTS = 200
CALIBRATION_BINS = 16  # a power of two: the score's bins then lie within


class Curve(Value):
    """Points to draw: the columns' names, and one tuple a point."""

    columns: tuple[str, ...]
    points: tuple[tuple[float, ...], ...]

    def to_dict(self) -> dict[str, object]:
        """The curve as a report has it."""
        return {"columns": list(self.columns), "points": [list(point) for point in self.points]}


def draw_roc(cells: Cells) -> Curve | None:
    """Return false and true positive rate at falling thresholds, from (0, 0) to (1, 1).

    A row is predicted positive where its score is at least the threshold; the first point's is the
    largest score, which nothing lies above. None where a class is missing.
    """
    negative, positive = cells.weights[:, ::-1]
    if not (negative.sum() > 0 and positive.sum() > 0):
        return None
    false, true = (np.r_[0.0, np.cumsum(side)] / side.sum() for side in (negative, positive))
    thresholds = np.r_[cells.high[-1], cells.low[::-1]]
    kept = _thin(false + true)
    columns = ("false_positive_rate", "true_positive_rate", "threshold")
    return _make(columns, [false[kept], true[kept], _bound(thresholds[kept])])


def draw_precision_recall(cells: Cells) -> Curve | None:
    """Return recall and precision at falling thresholds; None where no row is positive."""
    negative, positive = cells.weights[:, ::-1]
    if not positive.sum() > 0:
        return None
    true, false = np.cumsum(positive), np.cumsum(negative)
    recall, precision = true / positive.sum(), true / (true + false)
    kept = _thin(recall + (true + false) / (true + false)[-1])
    columns = ("recall", "precision", "threshold")
    return _make(columns, [recall[kept], precision[kept], _bound(cells.low[::-1][kept])])


def draw_calibration(cells: Cells) -> Curve | None:
    """Return mean score and share of positives in equal bins of the score, and their weights.

    None where scores are no probabilities. Where scores are binned, the mean score is that of the
    bins' middles, which is off by 2⁻¹⁸ at most.
    """
    if not len(cells.low) or cells.low[0] < 0 or cells.high[-1] > 1:
        return None
    middle = (cells.low + cells.high) / 2
    places = np.minimum((cells.low * CALIBRATION_BINS).astype(np.intp), CALIBRATION_BINS - 1)
    weight = cells.weights.sum(0)
    totals, scores, positives = (
        np.bincount(places, column, CALIBRATION_BINS).astype(np.float64)
        for column in (weight, weight * middle, cells.weights[1])
    )
    kept = np.flatnonzero(totals)
    columns = ("mean_score", "share_positive", "weight")
    shares = [divide(part, totals)[kept] for part in (scores, positives)]
    return _make(columns, [*shares, totals[kept]])


def _thin(way: Floats) -> Codes:
    """Return at most POINTS positions, both ends among them, about evenly along the way."""
    if len(way) <= POINTS:
        return np.arange(len(way))
    wanted = np.linspace(way[0], way[-1], POINTS)
    kept = np.unique(np.clip(np.searchsorted(way, wanted), 0, len(way) - 1))
    kept[0], kept[-1] = 0, len(way) - 1
    return kept


def _bound(thresholds: Floats) -> Floats:
    """Return thresholds that JSON can hold: an outermost bin has no end."""
    return np.clip(thresholds, -np.finfo(np.float64).max, np.finfo(np.float64).max)


def _make(columns: tuple[str, ...], values: list[Floats]) -> Curve:
    points = np.stack(values, axis=1).tolist()
    return Curve(columns=columns, points=tuple(tuple(point) for point in points))
