"""TorchScript programs: loading runs code of the file.

PyTorch's security notes say to treat them as executable code. Shown in our tests: `__setstate__` of
a program runs while it is loaded, and can write to any file of the user.
"""

from __future__ import annotations

from typing import Any

from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require
from gitreg.formats.tensors import predict

__all__ = ["load", "predict"]

NAME = "torchscript"
SUFFIXES = (".pt", ".torchscript")
RUNS_CODE = True


def load(file: ModelFile) -> Any:
    """Load a program that `torch.jit.save` wrote, onto the processor."""
    return require("torch", "torch").jit.load(str(file.path), map_location="cpu").eval()
