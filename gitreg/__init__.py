"""gitreg: a Git-native registry for machine-learning models.

import gitreg

registry = gitreg.open(".")
model = registry["iris@production"].load()
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gitreg.errors import GitregError

if TYPE_CHECKING:
    from gitreg.registry.api import Registry
    from gitreg.registry.search import JointPage

__version__ = "0.1.0"
__all__ = ["GitregError", "open", "search"]


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


def search(
    text: str,
    places: Sequence[str | Path] | None = None,
    *,
    limit: int | None = None,
    offset: int | None = None,
) -> JointPage:
    """Put a query to the registries at these paths and URLs, or to all of the user's catalog.

    `page` has the hits, each with its registry; `answers` says which could not be read, and `ok`
    that all could.

    Raises: GitregError for the query; what is wrong with one registry is in its answer.
    """
    from gitreg.registry.search import search_several

    return search_several(text, places, limit=limit, offset=offset)
