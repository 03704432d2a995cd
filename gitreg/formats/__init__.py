"""How models are stored and loaded: a module per format, one table, each a Format.

Frameworks are imported when a model is loaded; an error names the extra to install.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast

from gitreg.errors import SetupError
from gitreg.formats import (
    joblib,
    lightgbm,
    mlflow,
    onnx,
    pickle,
    python,
    safetensors,
    skops,
    tensorflow,
    torchscript,
    xgboost,
)
from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require

__all__ = ["FORMATS", "Format", "ModelFile", "find", "guess", "require", "resolve"]

_MODULES: tuple[ModuleType, ...] = (
    *(skops, onnx, xgboost, lightgbm),
    *(torchscript, safetensors, tensorflow, mlflow, joblib, pickle, python),
)
_FOLDERS = {"MLmodel": mlflow.NAME, "saved_model.pb": tensorflow.NAME}


class Format(Protocol):
    """What a module of this room offers.

    `SUFFIXES` are file name endings; `RUNS_CODE` says that loading runs code of the file, so that
    the policy must allow it.
    """

    NAME: str
    SUFFIXES: tuple[str, ...]
    RUNS_CODE: bool

    def load(self, file: ModelFile) -> Any:
        """Load a model, whose bytes are verified."""

    def predict(self, model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return `prediction`, and `score` with `classes` where the model has them."""


FORMATS: dict[str, Format] = {module.NAME: cast("Format", module) for module in _MODULES}


def guess(path: Path) -> str | None:
    """Return the format that a file's name suggests, or the files that a folder has."""
    for name, form in _FOLDERS.items():
        if (path / name).is_file():
            return form
    suffix = path.suffix.lower()
    return next((name for name, form in FORMATS.items() if suffix in form.SUFFIXES), None)


def find(name: str | None, path: str) -> Format:
    """Return the format called `name`.

    Raises: SetupError where gitreg cannot load it.
    """
    form = FORMATS.get(name or "")
    if form is None:
        raise SetupError(
            f"{path} is of the format {name or 'unknown'}, which gitreg does not load",
            next_step=f"load it yourself from .path(); gitreg loads {', '.join(FORMATS)}",
        )
    return form


def resolve(file: ModelFile) -> ModelFile:
    """Return what is to be loaded: of an MLflow folder the model in it, with the format of that.

    Raises: InvalidError and SetupError for an MLflow folder that holds nothing to load.
    """
    return mlflow.resolve(file) if file.format == mlflow.NAME else file
