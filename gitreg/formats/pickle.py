"""Pickles: loading runs code of the file."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from gitreg.formats.estimator import predict

__all__ = ["load", "predict"]

NAME = "pickle"
SUFFIXES = (".pkl", ".pickle")
RUNS_CODE = True


def load(path: Path) -> Any:
    """Load a pickle."""
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 the policy allows it (registry/version.py)
