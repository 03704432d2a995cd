"""Weights as safetensors, and the code that builds their module: it comes with the version.

The weights themselves run nothing. The artifact is their file, with the code beside it as an
artifact of its own, or a folder with both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitreg.errors import InvalidError
from gitreg.formats.entrypoint import find_function
from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require
from gitreg.formats.tensors import predict

__all__ = ["load", "predict"]

NAME = "safetensors"
SUFFIXES = (".safetensors",)
RUNS_CODE = True


def load(file: ModelFile) -> Any:
    """Build the `torch.nn.Module` by calling the entrypoint, then fill in all of its weights.

    Raises: as `find_function`; InvalidError for a folder with several files of weights, or none.
    """
    require("torch", "torch")
    weights = require("safetensors.torch", "torch")
    model = find_function(file)()
    weights.load_model(model, str(_find_weights(file.path)), strict=True)
    return model.eval()


def _find_weights(path: Path) -> Path:
    found = sorted(path.glob("*.safetensors")) if path.is_dir() else [path]
    if len(found) != 1:
        raise InvalidError(
            f"{path.name} has {len(found)} files of weights (*.safetensors)",
            next_step="store one file of weights in the folder",
        )
    return found[0]
