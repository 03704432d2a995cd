"""What the numbers that frameworks answer with say of classes, which they number from 0."""

from __future__ import annotations

from typing import Any


def from_probabilities(found: Any) -> dict[str, Any]:
    """Return `prediction`, `score` and `classes` of probabilities.

    `found` has a column for each class, or one dimension with the probability of class 1.
    """
    import numpy as np

    score = np.asarray(found, dtype=np.float64)
    if score.ndim == 1:
        score = np.column_stack([1 - score, score])
    return {
        "prediction": score.argmax(axis=1),
        "score": score,
        "classes": np.arange(score.shape[1]),
    }


def from_margins(found: Any) -> dict[str, Any]:
    """Return the same of values before the softmax, or for two classes before the logistic."""
    import numpy as np

    margins = np.asarray(found, dtype=np.float64)
    if margins.ndim == 1:
        margins = np.column_stack([np.zeros_like(margins), margins])
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return from_probabilities(powers / powers.sum(axis=1, keepdims=True))
