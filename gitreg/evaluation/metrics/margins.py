"""Precision, recall, F1 and Jaccard of classes or labels, and their averages.

What is 0/0 for the whole figure is undefined. What is 0/0 for one class inside an average counts
as 0, so that averages equal scikit-learn's (`zero_division=0`). Classes neither in the target nor
predicted take no part, as where scikit-learn is not told the labels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from gitreg.evaluation.metrics.arrays import Floats, divide
from gitreg.value import Value

Average = Literal["micro", "macro", "weighted"]


class Margins(Value, eq=False, kw_only=False):
    """Weights of each class, (1 + resamples, classes): rightly predicted, predicted, true."""

    right: Floats
    predicted: Floats
    true: Floats

    @property
    def present(self) -> Floats:
        """1 where a class occurs in target or predictions."""
        return ((self.predicted > 0) | (self.true > 0)).astype(np.float64)

    def sum_classes(self) -> Margins:
        """Return all classes as one, which gives micro averages."""
        parts = (self.right, self.predicted, self.true)
        return Margins(*(part.sum(1, keepdims=True) for part in parts))


Rate = Callable[[Margins], Floats]


def precision(margins: Margins) -> Floats:
    """Rightly predicted / predicted."""
    return divide(margins.right, margins.predicted)


def recall(margins: Margins) -> Floats:
    """Rightly predicted / true."""
    return divide(margins.right, margins.true)


def f1(margins: Margins) -> Floats:
    """The harmonic mean of precision and recall (van Rijsbergen 1979)."""
    return divide(2 * margins.right, margins.predicted + margins.true)


def jaccard(margins: Margins) -> Floats:
    """Intersection / union of predicted and true."""
    return divide(margins.right, margins.predicted + margins.true - margins.right)


def average(margins: Margins, rate: Rate, how: Average) -> Floats:
    """Return the average of a rate over classes: (1 + resamples,)."""
    if how == "micro":
        return rate(margins.sum_classes())[:, 0]
    weight = margins.present if how == "macro" else margins.true
    return divide((np.nan_to_num(rate(margins)) * weight).sum(1), weight.sum(1))
