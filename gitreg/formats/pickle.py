"""Pickles: loading runs code of the file."""

from __future__ import annotations

import pickle
from typing import Any

from gitreg.formats.estimator import predict
from gitreg.formats.file import ModelFile

__all__ = ["load", "predict"]

NAME = "pickle"
SUFFIXES = (".pkl", ".pickle")
RUNS_CODE = True


def load(file: ModelFile) -> Any:
    """Load a pickle."""
    with file.path.open("rb") as stream:
        return pickle.load(stream)  # noqa: S301 the policy allows it (registry/version.py)
