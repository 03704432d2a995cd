"""joblib files: pickles, so loading runs code of the file."""

from __future__ import annotations

from typing import Any

from gitreg.formats.estimator import predict
from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require

__all__ = ["load", "predict"]

NAME = "joblib"
SUFFIXES = (".joblib",)
RUNS_CODE = True


def load(file: ModelFile) -> Any:
    """Load a joblib file."""
    return require("joblib", "sklearn").load(file.path)
