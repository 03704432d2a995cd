"""XGBoost's own files (UBJSON, or JSON where model.yaml says so): data, so loading runs no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require
from gitreg.formats.matrix import select, to_matrix
from gitreg.formats.scores import from_margins, from_probabilities

NAME = "xgboost"
SUFFIXES = (".ubj",)
RUNS_CODE = False


def load(file: ModelFile) -> Any:
    """Load a file that `save_model` wrote, as an `xgboost.Booster`."""
    return require("xgboost", "xgboost").Booster(model_file=str(file.path))


def predict(model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the objective promises: classes with their scores, or numbers.

    A model with names of features is given the columns of those, another one all in their order.
    After early stopping, only the trees up to the best iteration count, as XGBoost's own estimators
    do it.

    Raises: ValueError where columns are missing, or hold no numbers.
    """
    from xgboost import DMatrix

    names = model.feature_names
    matrix = to_matrix(select(columns, names) if names else columns)
    if matrix.shape[1] != model.num_features():  # XGBoost takes those that are not there as missing
        raise ValueError(f"the model has {model.num_features()} features, not {matrix.shape[1]}")
    learner = json.loads(model.save_config())["learner"]
    kind, _, form = learner["objective"]["name"].partition(":")
    best = model.attr("best_iteration")
    rounds = (0, 0 if best is None else int(best) + 1)
    margins = form in ("softmax", "logitraw")  # these answer without probabilities
    found = model.predict(
        DMatrix(matrix, feature_names=names), iteration_range=rounds, output_margin=margins
    )
    if kind not in ("binary", "multi"):
        return {"prediction": found}
    return from_margins(found) if margins else from_probabilities(found)
