"""Which version a registration is: as asked, counted on, or as `model.yaml` has it."""

from __future__ import annotations

from collections.abc import Callable

from gitreg.domain.entries import VersionEntry
from gitreg.domain.state import State
from gitreg.domain.version import Part, Version
from gitreg.errors import UsageError

UNSET = "0.0.0"  # what a first model.yaml has before its version is known


def choose_version(
    *,
    model: str,
    asked: str | None,
    bump: Part | None,
    written: str,
    state: State,
    is_same: Callable[[VersionEntry], bool],
) -> str:
    """Return the version to register; that of the highest one where `is_same` says it is that.

    So a command that was interrupted after it had published does not count on once more.

    Raises: UsageError where it is not clear which version is meant.
    """
    if asked and bump:
        raise UsageError("--version and --bump exclude each other")
    if asked:
        return str(Version.parse(asked))
    newest = highest(state, model)
    if bump is None and written != UNSET and state.version(model, written) is None:
        return written
    if newest is None:
        raise UsageError(
            f"{model} has no version yet to count on from",
            next_step="give it its first: --version 1.0.0",
        )
    if is_same(newest):
        return newest.version
    if bump is None:
        raise UsageError(
            f"{model} {newest.version} is registered: which version is this?",
            next_step="--bump patch, --bump minor, --bump major, or --version X.Y.Z",
        )
    return str(Version.parse(newest.version).bump(bump))


def highest(state: State, model: str) -> VersionEntry | None:
    """Return the highest version of all, yanked ones too: no number is given twice."""
    return max(state.versions(model), key=lambda entry: Version.parse(entry.version), default=None)
