"""What signed reports measured of versions: as the challenger, or as the champion beside one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitreg.domain.canonical import read_json
from gitreg.domain.entries import ReportEntry, VersionEntry
from gitreg.domain.metric import Measurement
from gitreg.domain.report import Figures
from gitreg.domain.state import State
from gitreg.registry.metadata import read_signed
from gitreg.registry.open import Registry
from gitreg.value import Value

Versions = Mapping[tuple[str, str], Sequence["Measured"]]


class Measured(Value):
    """A part of a report: that on the version itself, or on the champion beside it."""

    report: ReportEntry
    is_champion: bool

    @property
    def data(self) -> str:
        """The sha256 of what it was measured on."""
        return self.report.report.data

    @property
    def record(self) -> int:
        """The record of the report."""
        return self.report.index

    @property
    def figures(self) -> Figures:
        """The figures, as far as gates read them."""
        champion = self.report.report.champion
        return champion if self.is_champion and champion else self.report.report.challenger


def find_measured(state: State, entries: Iterable[VersionEntry]) -> Versions:
    """Return what was measured of each version in the reports on any of them, oldest first."""
    found: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for entry in entries:
        for report in state.reports(entry.model, entry.version):
            found[entry.model, entry.version].append(Measured(report=report, is_champion=False))
            if champion := report.report.champion:
                of_champion = Measured(report=report, is_champion=True)
                found[entry.model, champion.version].append(of_champion)
    return {
        version: sorted(items, key=lambda item: item.record) for version, items in found.items()
    }


def read_measurements(registry: Registry, wanted: Sequence[Measured]) -> list[Measurement]:
    """Return the figures of reports in full, with their intervals and units.

    Raises: UntrustedError.
    """
    signed = {item.record: item.report.digest for item in wanted}
    files = read_signed(registry.repository, registry.ledger, "report.json", signed)
    values: dict[int, Any] = {index: read_json(data) for index, data in files.items()}
    return [_measurement(values[item.record], item) for item in wanted]


def _measurement(value: Mapping[str, Any], item: Measured) -> Measurement:
    part = value["champion"] if item.is_champion else value
    return Measurement(data=item.data, record=item.record, metrics=part.get("metrics") or {})
