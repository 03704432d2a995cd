"""The versions that others are compared with: all that are not yanked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from gitreg.domain.entries import VersionEntry
from gitreg.domain.state import State
from gitreg.domain.version import Version
from gitreg.errors import UsageError
from gitreg.similarity.evidence import Evidence

T = TypeVar("T")


def check_top(top: int) -> None:
    """See that `top` is how many versions somebody can want.

    Raises: UsageError.
    """
    if top < 1:
        raise UsageError(f"{top} versions are none to show", next_step="ask for 1 or more")


def list_candidates(state: State) -> list[VersionEntry]:
    """Return the versions that are not yanked, by model; of each the newest first.

    Pre-releases come after all releases, so that the first of a model is its newest.
    """
    return [
        entry
        for model in state.models()
        for entry in sorted(state.versions(model), key=_by_newness, reverse=True)
        if entry.yanked is None
    ]


def _by_newness(entry: VersionEntry) -> tuple[bool, Version]:
    version = Version.parse(entry.version)
    return version.is_release, version


def first_of_each(entries: Iterable[tuple[VersionEntry, T]]) -> Iterator[T]:
    """Yield what comes with the first version of each model."""
    seen = set()
    for entry, item in entries:
        if entry.model not in seen:
            seen.add(entry.model)
            yield item


def read_evidence(state: State, entry: VersionEntry) -> Evidence:
    """Return a version's claimed metrics, and those of its newest signed report."""
    report = state.newest_report(entry.model, entry.version, None)
    measured = report.report.challenger.metrics if report else {}
    return Evidence(measured=measured, claimed=entry.metrics)
