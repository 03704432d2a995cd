"""How models are stored and loaded: a module per format, one table, each a Format.

Frameworks are imported when a model is loaded; an error names the extra to install.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast

from gitreg.errors import SetupError
from gitreg.formats import joblib, lightgbm, onnx, pickle, skops, xgboost
from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require

__all__ = ["FORMATS", "Format", "ModelFile", "find", "guess", "require"]

_MODULES: tuple[ModuleType, ...] = (skops, onnx, xgboost, lightgbm, joblib, pickle)


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
    """Return the format that a file name suggests."""
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
