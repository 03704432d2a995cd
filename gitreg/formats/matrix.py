"""Columns as the frameworks want them: those of the names they were trained on, or one matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def select(columns: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the columns of these names, in their order.

    Raises: ValueError naming those that are missing.
    """
    missing = [name for name in names if name not in columns]
    if missing:
        raise ValueError(f"the model was trained on columns that are missing: {', '.join(missing)}")
    return {name: columns[name] for name in names}


def to_matrix(columns: Mapping[str, Any], *, dtype: str = "float64") -> Any:
    """Return columns of numbers as a matrix with a row for each, `(rows, columns)`.

    Raises: ValueError naming a column that holds no numbers.
    """
    import numpy as np

    for name, column in columns.items():
        if np.asarray(column).dtype.kind not in "biuf":
            raise ValueError(f"the column {name} holds no numbers, which the model takes")
    return np.column_stack(list(columns.values())).astype(dtype)
