"""scikit-learn models as skops files: loading runs no code that the file brings."""

from __future__ import annotations

from typing import Any

from gitreg.errors import UntrustedError
from gitreg.formats.estimator import predict
from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require

__all__ = ["load", "predict"]

NAME = "skops"
SUFFIXES = (".skops",)
RUNS_CODE = False


def load(file: ModelFile) -> Any:
    """Load a skops file whose types are all known to be harmless.

    Raises: UntrustedError naming the others; SetupError where skops is missing.
    """
    skops = require("skops.io", "sklearn")
    unknown = skops.get_untrusted_types(file=file.path)
    if unknown:
        raise UntrustedError(
            f"{file.path.name} holds types that skops does not trust: {', '.join(unknown)}",
            next_step="look at them, then load .path() yourself with skops.io.load(trusted=[…])",
        )
    return skops.load(file.path, trusted=[])
