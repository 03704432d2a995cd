"""What a target is handed, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gitreg.value import Value


class Release(Value):
    """A version to deploy, and what only a registry can do with it.

    `order` has the versions that held the stage and may be used, newest first; `known` all that
    are registered. `place` puts the verified files into an empty folder. `find_change` tells what
    of a folder is not as the version of that number was signed. `try_out` raises where what is in
    a folder does not do what it should.
    """

    model: str
    version: str
    order: Sequence[str]
    known: frozenset[str]
    place: Callable[[Path], object]
    find_change: Callable[[str, Path], str | None]
    try_out: Callable[[Path], object]


class Standing(Value):
    """What a target has: `version` is None for nothing, `change` what of it is not as signed."""

    where: str
    version: str | None = None
    change: str | None = None


class Placed(Value):
    """What a target did: `before` is the version that was there, None for none."""

    where: str
    changed: bool
    before: str | None
    notes: tuple[str, ...] = ()
