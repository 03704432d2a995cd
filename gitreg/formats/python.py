"""Any function of Python code: the artifact is a module or a folder of them, and brings its code.

The function receives a mapping from column names to numpy arrays, and returns what `read_answer`
takes: an array, or a mapping with `prediction`, `score` and `classes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitreg.formats.answer import read_answer
from gitreg.formats.entrypoint import find_function
from gitreg.formats.file import ModelFile

NAME = "python"
SUFFIXES = (".py",)
RUNS_CODE = True


def load(file: ModelFile) -> Any:
    """Return the function that the entrypoint names.

    Raises: as `find_function`.
    """
    return find_function(file)


def predict(model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the function says of the columns.

    Raises: ValueError for no answer; and what the function raises.
    """
    return read_answer(model(dict(columns)))
