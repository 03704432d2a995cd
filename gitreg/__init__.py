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


def open(  # noqa: A001 read as gitreg.open
    where: str | Path = ".", *, root: str | None = None, checkpoint: str | None = None
) -> Registry:
    """Open the registry at a path or a URL.

    `root` (`sha256:…`) and `checkpoint` (`57:sha256:…`), as `gitreg verify` prints them, must be
    this registry's: that is how a program pins what it trusts.

    Raises: GitregError, with what happened and what to do next.
    """
    from gitreg.registry.api import Registry

    return Registry.at(where, root=root, checkpoint=checkpoint)
