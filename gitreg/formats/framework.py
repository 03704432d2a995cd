"""The frameworks that load models, imported when one is loaded."""

from __future__ import annotations

import importlib
from typing import Any

from gitreg.errors import SetupError


def require(module: str, extra: str) -> Any:
    """Import a framework.

    Raises: SetupError that names the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SetupError(
            f"loading this model needs {module}", next_step=f"pip install 'gitreg[{extra}]'"
        ) from error
