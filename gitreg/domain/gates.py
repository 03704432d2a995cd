"""Gates: conditions on evidence that a version must meet to enter a stage.

The vocabulary is that of MLflow's thresholds and TFMA's value and change thresholds. Numbers are
compared as decimals, the way they were written; a missing number fails its gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from gitreg.domain.report import Figures

# Wide enough for the difference of any two doubles, and never the caller's own context.
_EXACT = Context(prec=2000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """One condition on `metric`; bounds are inclusive.

    `min` and `max` bound the version's own value; `min_change` and `max_change` its difference to
    the champion's; `max_gap` the largest difference between groups of `slice`. `data` names the
    data set that it must have been measured on.
    """

    metric: str
    min: Decimal | None = None
    max: Decimal | None = None
    min_change: Decimal | None = None
    max_change: Decimal | None = None
    slice: str | None = None
    max_gap: Decimal | None = None
    data: str | None = None

    @property
    def is_relative(self) -> bool:
        """Whether the gate compares with the champion."""
        return self.min_change is not None or self.max_change is not None

    def __str__(self) -> str:
        bounds = [
            f"{label} {value}"
            for label, value in (
                (">=", self.min),
                ("<=", self.max),
                ("change >=", self.min_change),
                ("change <=", self.max_change),
                (f"gap over {self.slice} <=", self.max_gap),
            )
            if value is not None
        ]
        return f"{self.metric} {' and '.join(bounds)}" + (f" on {self.data}" if self.data else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class GateResult:
    """What a gate found: `note` says the figures, or why it could not be decided."""

    gate: Gate
    passed: bool
    note: str

    def __str__(self) -> str:
        return f"{self.gate}: {self.note}"


def check_gates(
    gates: Sequence[Gate], challenger: Figures, champion: Figures | None
) -> tuple[GateResult, ...]:
    """Return what each gate finds; `champion` is None where no version ever held the stage."""
    return tuple(_check(gate, challenger, champion) for gate in gates)


def _check(gate: Gate, challenger: Figures, champion: Figures | None) -> GateResult:
    if gate.max_gap is not None:
        return _check_gap(gate, gate.max_gap, challenger)
    value = challenger.metrics.get(gate.metric)
    if value is None:
        return GateResult(
            gate=gate, passed=False, note=f"{challenger.version} has no {gate.metric}"
        )
    if (gate.min is not None and value < gate.min) or (gate.max is not None and value > gate.max):
        return GateResult(gate=gate, passed=False, note=f"it is {value}")
    if gate.is_relative:
        return _check_change(gate, value, champion)
    return GateResult(gate=gate, passed=True, note=f"it is {value}")


def _check_change(gate: Gate, value: Decimal, champion: Figures | None) -> GateResult:
    if champion is None:
        return GateResult(gate=gate, passed=True, note=f"it is {value}, no baseline")
    baseline = champion.metrics.get(gate.metric)
    if baseline is None:
        note = f"the champion {champion.version} has no {gate.metric}"
        return GateResult(gate=gate, passed=False, note=note)
    change = _EXACT.subtract(value, baseline)
    low = gate.min_change is None or change >= gate.min_change
    high = gate.max_change is None or change <= gate.max_change
    note = f"it is {value}, a change of {change} from {champion.version}"
    return GateResult(gate=gate, passed=low and high, note=note)


def _check_gap(gate: Gate, max_gap: Decimal, challenger: Figures) -> GateResult:
    groups = challenger.slices.get(gate.slice or "", {})
    values = [metrics[gate.metric] for metrics in groups.values() if gate.metric in metrics]
    if len(values) < 2 or len(values) != len(groups):
        note = f"{challenger.version} lacks {gate.metric} for two or more groups of {gate.slice}"
        return GateResult(gate=gate, passed=False, note=note)
    gap = _EXACT.subtract(max(values), min(values))
    return GateResult(gate=gate, passed=gap <= max_gap, note=f"the gap is {gap}")
