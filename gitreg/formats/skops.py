"""scikit-learn models as skops files: loading runs no code that the file brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitreg.errors import UntrustedError
from gitreg.formats.estimator import predict

__all__ = ["load", "predict"]

NAME = "skops"
SUFFIXES = (".skops",)
RUNS_CODE = False


def load(path: Path) -> Any:
    """Load a skops file whose types are all known to be harmless.

    Raises: UntrustedError naming the others; SetupError where skops is missing.
    """
    from gitreg.formats import require

    skops = require("skops.io", "sklearn")
    unknown = skops.get_untrusted_types(file=path)
    if unknown:
        raise UntrustedError(
            f"{path.name} holds types that skops does not trust: {', '.join(unknown)}",
            next_step="look at them, then load .path() yourself with skops.io.load(trusted=[…])",
        )
    return skops.load(path, trusted=[])
