"""gitreg: a Git-native registry for machine-learning models.

import gitreg

registry = gitreg.open(".")
model = registry["iris@production"].load()
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gitreg.errors import GitregError

if TYPE_CHECKING:
    from gitreg.registry.api import Registry

__version__ = "0.1.0"
__all__ = ["GitregError", "open"]


def open(where: str | Path = ".") -> Registry:  # noqa: A001 read as gitreg.open
    """Open the registry at a path or a URL.

    Raises: GitregError, with what happened and what to do next.
    """
    from gitreg.registry.api import Registry

    return Registry.at(where)
