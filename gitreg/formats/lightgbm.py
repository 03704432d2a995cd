"""LightGBM's own text files, where model.yaml says so: data, so loading runs no code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require
from gitreg.formats.matrix import select, to_matrix
from gitreg.formats.scores import from_probabilities

NAME = "lightgbm"
SUFFIXES = ()  # the files are called model.txt
RUNS_CODE = False

_CLASSES = {"binary", "multiclass", "multiclassova"}


def load(file: ModelFile) -> Any:
    """Load a file that `save_model` wrote, as a `lightgbm.Booster`."""
    return require("lightgbm", "lightgbm").Booster(model_file=str(file.path))


def predict(model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the objective promises: classes with their scores, or numbers.

    A model with names of features is given the columns of those, another one all in their order.

    Raises: ValueError where columns are missing, or hold no numbers.
    """
    names = model.feature_name()
    if names != [f"Column_{place}" for place in range(len(names))]:  # what the nameless are called
        spelt = {name.replace(" ", "_"): column for name, column in columns.items()}
        columns = select(spelt, names)
    found = model.predict(to_matrix(columns))
    if model.params.get("objective") not in _CLASSES:
        return {"prediction": found}
    return from_probabilities(found)
