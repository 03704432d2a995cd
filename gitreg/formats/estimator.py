"""How estimators in the manner of scikit-learn predict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitreg.formats.matrix import select


def predict(model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return `prediction`, and `score` by class with `classes` where the model has them.

    Columns become one matrix in their order, or, where the model was fitted on named ones, a data
    frame of those (a matrix where pandas is not installed).

    Raises: ValueError where columns are missing that the model was fitted on.
    """
    import numpy as np

    table = _table(model, columns)
    answer = {"prediction": np.asarray(model.predict(table))}
    if hasattr(model, "predict_proba") and hasattr(model, "classes_"):
        answer["score"] = np.asarray(model.predict_proba(table))
        answer["classes"] = np.asarray(model.classes_)
    return answer


def _table(model: Any, columns: Mapping[str, Any]) -> Any:
    import numpy as np

    names = getattr(model, "feature_names_in_", None)
    if names is None:
        return np.column_stack(list(columns.values()))
    named = select(columns, list(names))
    try:
        import pandas as pd
    except ImportError:
        return np.column_stack(list(named.values()))
    return pd.DataFrame(named)
