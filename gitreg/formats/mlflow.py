"""MLflow's model folders: `MLmodel` names the flavors by which one can be loaded.

A flavor that this room has a format for is loaded by that, and by its rules on code; any other by
MLflow itself, which runs code of the folder.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gitreg import yaml12
from gitreg.domain.names import is_path
from gitreg.errors import InvalidError, SetupError
from gitreg.formats.answer import read_answer
from gitreg.formats.bytecode import without_bytecode
from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require

NAME = "mlflow"
SUFFIXES = ()  # a folder with MLmodel
RUNS_CODE = True

_FILE = "MLmodel"
_ITSELF = "python_function"


def resolve(file: ModelFile) -> ModelFile:
    """Return the file of the folder that a format of this room loads, else the folder itself.

    Raises: InvalidError for an `MLmodel` that is none, or that leads out of its folder; SetupError
    where neither gitreg nor MLflow can load it.
    """
    try:
        data = (file.path / _FILE).read_bytes()
    except OSError as error:
        raise _wrong(f"{_FILE} cannot be read: {error.strerror}") from error
    value = yaml12.load(data, name=_FILE).value
    flavors = value.get("flavors") if isinstance(value, dict) else None
    if not isinstance(flavors, dict):
        raise _wrong(f"{_FILE} has no flavors")
    for name, read in _FLAVORS.items():
        flavor = flavors.get(name)
        if isinstance(flavor, dict) and (found := read(file.path, flavor)):
            return found
    if _ITSELF not in flavors:
        raise SetupError(
            f"{file.path.name} has flavors of MLflow that gitreg does not load: "
            f"{', '.join(map(str, flavors))[:200]}",
            next_step="load it yourself from .path(), with MLflow",
        )
    return file


def load(file: ModelFile) -> Any:
    """Load a folder by MLflow, as a `PyFuncModel`."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it would report each load
    pyfunc = require("mlflow.pyfunc", "mlflow")
    with without_bytecode():
        return pyfunc.load_model(str(file.path))


def predict(model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the model says of the columns as a data frame.

    Raises: ValueError for no answer; and what MLflow raises where columns are not those of the
    model's signature.
    """
    import pandas as pd

    with without_bytecode():
        return read_answer(model.predict(pd.DataFrame(dict(columns))))


def _wrong(what: str) -> InvalidError:
    return InvalidError(
        f"the MLflow folder cannot be loaded: {what}",
        next_step="save it again with mlflow.<flavor>.save_model",
    )


def _inside(folder: Path, name: object) -> Path:
    """Return what an `MLmodel` names in its folder.

    Raises: InvalidError for what lies elsewhere, or is missing.
    """
    if not isinstance(name, str) or not is_path(name):
        raise _wrong(f"{_FILE} names {str(name)[:80]!r}, which is no file of the folder")
    path = folder / name
    try:
        is_inside = path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # there is none, its name is too long, or links go round
        is_inside = False
    if not is_inside:
        raise _wrong(f"{_FILE} names {name[:80]}, which is no file of the folder")
    return path


def _sklearn(folder: Path, flavor: Mapping[str, Any]) -> ModelFile | None:
    if flavor.get("serialization_format") == "skops":
        return ModelFile(path=_inside(folder, flavor.get("pickled_model")), format="skops")
    if flavor.get("code"):  # modules that the pickle needs, which MLflow finds
        return None
    return ModelFile(path=_inside(folder, flavor.get("pickled_model")), format="pickle")


def _onnx(folder: Path, flavor: Mapping[str, Any]) -> ModelFile:
    return ModelFile(path=_inside(folder, flavor.get("data")), format="onnx")


def _xgboost(folder: Path, flavor: Mapping[str, Any]) -> ModelFile:
    return ModelFile(path=_inside(folder, flavor.get("data")), format="xgboost")


def _lightgbm(folder: Path, flavor: Mapping[str, Any]) -> ModelFile | None:
    """Boosters are stored as LightGBM's own files, its estimators are not."""
    if flavor.get("model_class", "lightgbm.basic.Booster") != "lightgbm.basic.Booster":
        return None
    return ModelFile(path=_inside(folder, flavor.get("data")), format="lightgbm")


def _pytorch(folder: Path, flavor: Mapping[str, Any]) -> ModelFile | None:
    """TorchScript programs and pickled modules have the same name; the first have constants."""
    path = _inside(folder, flavor.get("model_data")) / "model.pth"
    try:
        with zipfile.ZipFile(path) as archive:
            is_program = any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
    return ModelFile(path=path, format="torchscript") if is_program else None


def _tensorflow(folder: Path, flavor: Mapping[str, Any]) -> ModelFile | None:
    if "saved_model_dir" not in flavor:  # Keras' own files
        return None
    return ModelFile(path=_inside(folder, flavor["saved_model_dir"]), format="tensorflow")


_FLAVORS: dict[str, Callable[[Path, Mapping[str, Any]], ModelFile | None]] = {
    "onnx": _onnx,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "sklearn": _sklearn,
    "pytorch": _pytorch,
    "tensorflow": _tensorflow,
}
