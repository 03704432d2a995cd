"""The table of gates: every figure, and where the evidence is."""

from __future__ import annotations

from decimal import Decimal

from gitreg.domain.entries import ReportEntry
from gitreg.domain.gates import Gate, check_gates
from gitreg.domain.model import read_metrics
from gitreg.domain.report import Figures, Report
from gitreg.site.gates import gate_table, name_evidence

GATES = (
    Gate(metric="accuracy", min=Decimal("0.95"), data="holdout"),
    Gate(metric="accuracy", min_change=Decimal("-0.01"), max=Decimal(1)),
    Gate(metric="accuracy", slice="site", max_gap=Decimal("0.05")),
    Gate(metric="recall", min=Decimal("0.5")),
)


def figures(version: str = "1.1.0", accuracy: float = 0.96, group: str = "north") -> Figures:
    groups = {group: {"accuracy": 0.9}, "south": {"accuracy": 0.98}, "west": {"accuracy": 0.95}}
    return Figures(
        version=version,
        metrics=read_metrics({"accuracy": accuracy}),
        slices={"site": {name: read_metrics(found) for name, found in groups.items()}},
    )


def evidence() -> ReportEntry:
    report = Report(model="iris", data="ab" * 32, challenger=figures())
    return ReportEntry(
        model="iris", version="1.1.0", digest="c0ffee11" * 8, report=report, person="ci", index=12
    )


def found(challenger: Figures, champion: Figures | None = None) -> list[list[str]]:
    return gate_table(check_gates(GATES, challenger, champion), name_evidence(evidence()))[1]


def test_each_gate_says_what_it_needed_and_found() -> None:
    rows = [row[:4] for row in found(figures(), figures("1.0.0", 0.9400000000000001))]
    assert rows == [
        ["accuracy on holdout", ">= 0.95", "0.96", "holds"],
        ["accuracy", "<= 1 and change >= -0.01", "0.96, +0.02 from 0.94 of 1.0.0", "holds"],
        ["accuracy over site", "gap <= 0.05", "0.08: north has 0.9, south has 0.98", "FAILS"],
        ["recall", ">= 0.5", "1.1.0 has no recall", "FAILS"],
    ]


def test_it_says_where_the_evidence_is() -> None:
    assert found(figures())[0][4] == name_evidence(evidence()) == "record 12 (c0ffee11)"
    assert name_evidence(None) == "claimed in model.yaml"


def test_no_champion_and_one_without_the_figure_are_told_apart() -> None:
    assert found(figures())[1][2:4] == ["0.96, no champion yet", "holds"]
    assert found(figures(), Figures(version="1.0.0"))[1][2:4] == ["0.96, 1.0.0 has none", "FAILS"]


def test_what_just_misses_its_bound_is_shown_in_full() -> None:
    assert found(figures(accuracy=0.9499999999))[0][2:4] == ["0.9499999999", "FAILS"]
