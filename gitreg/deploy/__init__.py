"""Where versions are deployed to: a module per kind of target, one table, each a Target.

This room owns how a version gets into its place, and how the one before comes back. Fetching,
verifying and trying a version is handed in with the `Release`; outcomes are signed elsewhere.
"""

from __future__ import annotations

from types import ModuleType
from typing import Protocol, cast

from gitreg.deploy import folder
from gitreg.deploy.release import Placed, Release, Standing
from gitreg.domain.target import TargetSettings

__all__ = ["TARGETS", "Placed", "Release", "Standing", "Target"]

_MODULES: tuple[ModuleType, ...] = (folder,)


class Target(Protocol):
    """What a module of this room offers; every function raises GitregError where it fails."""

    NAME: str

    def look(self, settings: TargetSettings, release: Release) -> Standing:
        """Return what is deployed there now; nothing is changed."""

    def deploy(self, settings: TargetSettings, release: Release) -> Placed:
        """Put a version there, tried before it is used and after; where it fails, as before."""

    def withdraw(self, settings: TargetSettings, model: str) -> Placed:
        """Let no version of the model be used there any more."""


TARGETS: dict[str, Target] = {module.NAME: cast("Target", module) for module in _MODULES}
