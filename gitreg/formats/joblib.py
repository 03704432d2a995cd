"""joblib files: pickles, so loading runs code of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitreg.formats.estimator import predict

__all__ = ["load", "predict"]

NAME = "joblib"
SUFFIXES = (".joblib",)
RUNS_CODE = True


def load(path: Path) -> Any:
    """Load a joblib file."""
    from gitreg.formats import require

    return require("joblib", "sklearn").load(path)
