"""From what versions state to figures that can be compared."""

from __future__ import annotations

import numpy as np

from gitreg.similarity.matrix import Floats, Matrix


def weigh_words(counts: Matrix) -> Floats:
    """Return the weight of each word, (columns,): the rarer, the heavier.

    idf(t) = ln((1 + n) / (1 + df(t))) + 1 for n versions of which df(t) say t: scikit-learn's user
    guide, section "Tf-idf term weighting", with `smooth_idf=True`.
    """
    return np.asarray(np.log((1 + counts.height) / (1 + counts.count_by_column())) + 1)


def scale_words(counts: Matrix) -> Matrix:
    """Return tf * idf, each row of length 1, as scikit-learn's TfidfVectorizer does."""
    return scale_rows(counts.with_values(counts.values * weigh_words(counts)[counts.columns]))


def scale_rows(matrix: Matrix) -> Matrix:
    """Return the rows divided by their Euclidean lengths; empty ones stay empty."""
    lengths = np.sqrt(matrix.sum_by_row(matrix.values**2))
    return matrix.with_values(matrix.values / lengths[matrix.rows])


def standardise(matrix: Matrix) -> Matrix:
    """Return figures as z-scores, and the whole with rows of mean square length 1.

    z = (x - mean) / s, with s the standard deviation (ddof 0) among those that state the figure: as
    scikit-learn's StandardScaler, which leaves out missing values too. What all state alike is 0.
    """
    scores = np.where(matrix.figures[matrix.columns], _z_scores(matrix), matrix.values)
    squares = matrix.sum_by_row(scores**2)
    stating = np.count_nonzero(np.diff(matrix.starts))
    mean = squares.sum() / stating if stating else 0.0
    return matrix.with_values(scores / np.sqrt(mean) if mean else scores)


def _z_scores(matrix: Matrix) -> Floats:
    # Figures may be as large as a double, so that their squares are not: z-scores do not depend
    # on the unit, and the largest figure of each column is a unit in which none exceeds 1.
    largest = np.zeros(len(matrix.names))
    np.maximum.at(largest, matrix.columns, np.abs(matrix.values))
    unit = np.where(largest > 0, largest, 1.0)
    figures = matrix.values / unit[matrix.columns]
    count = np.maximum(matrix.count_by_column(), 1)
    mean = matrix.sum_by_column(figures) / count
    away = figures - mean[matrix.columns]
    spread = np.sqrt(matrix.sum_by_column(away**2) / count)
    # Equal figures have a mean that rounding may move away from them by a few of its last digits.
    told_apart = spread > 1e-14
    return np.where(
        told_apart[matrix.columns], away / np.where(told_apart, spread, 1.0)[matrix.columns], 0.0
    )
