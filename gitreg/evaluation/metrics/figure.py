"""What a metric says: a number with its interval and error bound, or why there is none.

NaN stands for "not defined" inside this room; a Figure holds None and the reason instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from gitreg.evaluation.metrics.arrays import Floats
from gitreg.value import Value

TOO_LARGE = "it is too large for a double"


class Figure(Value):
    """One measured number.

    `low` and `high` are the ends of its confidence interval. `error` bounds the distance to the
    exact value: 0 where nothing was binned. `reason` says why value or interval are missing.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    error: float = 0.0
    reason: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape of a report: what is None is left out, but for the value."""
        parts = {"low": self.low, "high": self.high, "reason": self.reason}
        present = {name: part for name, part in parts.items() if part is not None}
        return {"value": self.value, **present, **({"error": self.error} if self.error else {})}


class Reading(Value, eq=False):
    """A metric read from a state.

    `values` is the value on the data, then one value a resample; `why` says what is undefined if
    the first is NaN. `interval` gives the ends at a level where a formula does and not resamples;
    `no_interval` says why there are none. `error` bounds what binning cost.
    """

    values: Floats
    why: str = ""
    error: float = 0.0
    interval: Callable[[float], tuple[float, float]] | None = None
    no_interval: str | None = None


def undefined(why: str) -> Reading:
    """Return a reading without a value."""
    return Reading(values=np.array([np.nan]), why=why)


def make_figure(reading: Reading, level: float) -> Figure:
    """Return the figure of a reading, with an interval of the given level where there is one."""
    value = float(reading.values[0])
    if not math.isfinite(value):
        return Figure(value=None, reason=TOO_LARGE if math.isinf(value) else reading.why)
    low, high = _find_interval(reading, level)
    if not (math.isfinite(low) and math.isfinite(high)):
        return Figure(value=value, error=reading.error, reason=reading.no_interval)
    return Figure(
        value=value, low=low - reading.error, high=high + reading.error, error=reading.error
    )


def _find_interval(reading: Reading, level: float) -> tuple[float, float]:
    if reading.no_interval is not None:
        return math.nan, math.nan
    if reading.interval is not None:
        return reading.interval(level)
    return find_percentile_interval(reading.values[1:], level)


def find_percentile_interval(resamples: Floats, level: float) -> tuple[float, float]:
    """Return the percentile interval (Efron and Tibshirani 1993, chapter 13), or two NaN.

    Resamples without a value are left out; where they are the greater part, there is none.
    """
    defined = resamples[np.isfinite(resamples)]
    if 2 * len(defined) <= len(resamples):
        return math.nan, math.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def find_normal_quantile(level: float) -> float:
    """Return z such that a standard normal lies in ±z with probability `level`."""
    return NormalDist().inv_cdf((1 + level) / 2)


def find_logit_interval(value: float, deviation: float, level: float) -> tuple[float, float]:
    """Return the interval that is normal on the logit's scale, so that it stays within 0 and 1.

    Boyd, Eng and Page (Area under the precision-recall curve, ECML 2013) compare such intervals.
    Two NaN at 0 and 1, where the standard error says nothing.
    """
    if not 0 < value < 1:
        return math.nan, math.nan
    logit, scale = math.log(value / (1 - value)), value * (1 - value)
    width = find_normal_quantile(level) * deviation / scale
    return _logistic(logit - width), _logistic(logit + width)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0
