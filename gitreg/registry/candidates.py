"""The versions that others are compared with: how many are wanted, and what speaks for one."""

from __future__ import annotations

from gitreg.domain.entries import VersionEntry
from gitreg.domain.state import State
from gitreg.errors import UsageError
from gitreg.similarity.evidence import Evidence


def check_top(top: int) -> None:
    """See that `top` is how many versions somebody can want.

    Raises: UsageError.
    """
    if top < 1:
        raise UsageError(f"{top} versions are none to show", next_step="ask for 1 or more")


def read_evidence(state: State, entry: VersionEntry) -> Evidence:
    """Return a version's claimed metrics, and those of its newest signed report."""
    report = state.newest_report(entry.model, entry.version, None)
    measured = report.report.challenger.metrics if report else {}
    return Evidence(measured=measured, claimed=entry.metrics)
