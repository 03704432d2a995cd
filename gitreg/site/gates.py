"""Gates as a table: what each needed and found, its verdict, and where the evidence is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from gitreg.domain.entries import ReportEntry
from gitreg.domain.gates import GateResult
from gitreg.domain.printable import shorten

_COLUMNS = ["gate", "needed", "found", "verdict", "evidence"]
_SHORT = 8  # digits of a report's sha256
_SIGNS = {
    "min": ">=",
    "max": "<=",
    "min_change": "change >=",
    "max_change": "change <=",
    "max_gap": "gap <=",
}


def gate_table(results: Sequence[GateResult], evidence: str) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows; `evidence` says where the figures are from."""
    rows = [
        [_subject(item), _needed(item), _found(item), "holds" if item.passed else "FAILS", evidence]
        for item in results
    ]
    return list(_COLUMNS), rows


def name_evidence(report: ReportEntry | None) -> str:
    """Return where a report is in the ledger; None stands for claims."""
    return (
        f"record {report.index} ({report.digest[:_SHORT]})" if report else "claimed in model.yaml"
    )


def _subject(item: GateResult) -> str:
    gate = item.gate
    over = f" over {gate.slice}" if gate.slice else ""
    return f"{gate.metric}{over}" + (f" on {gate.data}" if gate.data else "")


def _needed(item: GateResult) -> str:
    return " and ".join(f"{_SIGNS[name]} {bound}" for name, bound in item.gate.bounds.items())


def _found(item: GateResult) -> str:
    return ", ".join(_figures(item)) or item.note


def _figures(item: GateResult) -> Iterator[str]:
    if item.value is not None:
        yield _short(item, item.value)
    if item.change is not None and item.baseline is not None:
        sign = "+" if item.change > 0 else ""
        change, baseline = _short(item, item.change), _short(item, item.baseline)
        yield f"{sign}{change} from {baseline} of {item.champion}"
    elif item.value is not None and item.gate.is_relative:
        yield f"{item.champion} has none" if item.champion else "no champion yet"
    if item.gap is not None and item.lowest and item.highest:
        (low, least), (high, most) = item.lowest, item.highest
        yield f"{_short(item, item.gap)}: {low} has {_short(item, least)}"
        yield f"{high} has {_short(item, most)}"


def _short(item: GateResult, figure: Decimal) -> str:
    """Return a figure to six digits, unless it would then seem to be the bound that it misses."""
    text = shorten(figure)
    rounded = Decimal(text)
    hides = rounded != figure and rounded in item.gate.bounds.values()
    return str(figure) if hides else text
