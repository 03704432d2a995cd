"""How alike a binary model treats groups: differences and ratios as fairlearn defines them.

Rates are the selection rate P(predicted positive), the true positive rate and the false positive
rate of each group. A difference is the largest minus the smallest, a ratio the smallest over the
largest. A group whose rate is 0/0 (no positive row, say) makes the figure undefined, and is named;
fairlearn counts its rate as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gitreg.evaluation.metrics.arrays import Floats, divide
from gitreg.evaluation.metrics.confusion import ConfusionCounts
from gitreg.evaluation.metrics.figure import Reading, undefined
from gitreg.evaluation.metrics.margins import Margins, recall

Groups = Mapping[str, ConfusionCounts]
Compare = Callable[[Floats], Floats]  # (groups, 1 + resamples) to (1 + resamples,)


def selection_rate(margins: Margins) -> Floats:
    """The share of rows predicted positive: (1 + resamples,)."""
    return divide(margins.predicted[:, 1], margins.true.sum(1))


def true_positive_rate(margins: Margins) -> Floats:
    """The share of positive rows predicted positive: (1 + resamples,)."""
    return recall(margins)[:, 1]


def false_positive_rate(margins: Margins) -> Floats:
    """The share of negative rows predicted positive: (1 + resamples,)."""
    return divide(margins.predicted[:, 1] - margins.right[:, 1], margins.true[:, 0])


def difference(rates: Floats) -> Floats:
    """Return the largest rate minus the smallest."""
    gap: Floats = rates.max(0) - rates.min(0)
    return gap


def ratio(rates: Floats) -> Floats:
    """Return the smallest rate over the largest."""
    return divide(rates.min(0), rates.max(0))


RATES: dict[str, Callable[[Margins], Floats]] = {
    "selection rate": selection_rate,
    "true positive rate": true_positive_rate,
    "false positive rate": false_positive_rate,
}


def _compare(
    groups: Groups, compare: Compare, *names: str, worst: Callable[..., Floats]
) -> Reading:
    if len(groups) < 2:
        return undefined("there are fewer than two groups")
    found = []
    for name in names:
        rates = np.stack([RATES[name](state.margins) for state in groups.values()])
        lacking = [group for group, rate in zip(groups, rates, strict=True) if np.isnan(rate[0])]
        if lacking:
            return undefined(f"the {name} of {', '.join(lacking)} is not defined")
        found.append(compare(rates))
    why = f"the {' or '.join(names)} is 0 in every group"
    return Reading(values=worst(np.stack(found), axis=0), why=why)


def demographic_parity_difference(groups: Groups) -> Reading:
    """The difference of selection rates (Dwork and others 2012)."""
    return _compare(groups, difference, "selection rate", worst=np.max)


def demographic_parity_ratio(groups: Groups) -> Reading:
    """The ratio of selection rates; the four-fifths rule of the EEOC asks for 0.8."""
    return _compare(groups, ratio, "selection rate", worst=np.min)


def equal_opportunity_difference(groups: Groups) -> Reading:
    """The difference of true positive rates (Hardt, Price and Srebro 2016)."""
    return _compare(groups, difference, "true positive rate", worst=np.max)


def equal_opportunity_ratio(groups: Groups) -> Reading:
    """The ratio of true positive rates."""
    return _compare(groups, ratio, "true positive rate", worst=np.min)


def equalized_odds_difference(groups: Groups) -> Reading:
    """The greater difference, of true or of false positive rates (Hardt and others 2016)."""
    both = ("true positive rate", "false positive rate")
    return _compare(groups, difference, *both, worst=np.max)


def equalized_odds_ratio(groups: Groups) -> Reading:
    """The smaller ratio, of true or of false positive rates."""
    return _compare(groups, ratio, "true positive rate", "false positive rate", worst=np.min)


FAIRNESS: dict[str, Callable[[Groups], Reading]] = {
    read.__name__: read
    for read in (
        demographic_parity_difference,
        demographic_parity_ratio,
        equal_opportunity_difference,
        equal_opportunity_ratio,
        equalized_odds_difference,
        equalized_odds_ratio,
    )
}


def read_gap(readings: Mapping[str, Reading]) -> Reading:
    """Return the largest difference of a metric between any two groups."""
    if len(readings) < 2:
        return undefined("there are fewer than two groups")
    lacking = [group for group, reading in readings.items() if np.isnan(reading.values[0])]
    if lacking:
        return undefined(f"it is not defined for {', '.join(lacking)}")
    values = [reading.values for reading in readings.values()]
    error = sum(sorted(reading.error for reading in readings.values())[-2:])
    resampled = all(len(row) == len(values[0]) > 1 for row in values)
    none = None if resampled else "this metric's groups are not resampled"
    shared = np.stack([row if resampled else row[:1] for row in values])
    return Reading(values=difference(shared), error=error, no_interval=none)
