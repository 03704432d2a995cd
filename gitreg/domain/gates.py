"""Gates: conditions on evidence that a version must meet to enter a stage.

The vocabulary is that of MLflow's thresholds and TFMA's value and change thresholds. Numbers are
compared as decimals, the way they were written; a missing number fails its gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal

from gitreg.domain.report import Figures
from gitreg.value import Value, replace

# Wide enough for the difference of any two doubles, and never the caller's own context.
_EXACT = Context(prec=2000)
_SIGNS = {"min": ">=", "max": "<=", "min_change": "change >=", "max_change": "change <="}


class Gate(Value):
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

    @property
    def bounds(self) -> Mapping[str, Decimal]:
        """The bounds that it has, by their names in the policy."""
        named = {
            "min": self.min,
            "max": self.max,
            "min_change": self.min_change,
            "max_change": self.max_change,
            "max_gap": self.max_gap,
        }
        return {name: value for name, value in named.items() if value is not None}

    def __str__(self) -> str:
        signs = {**_SIGNS, "max_gap": f"gap over {self.slice} <="}
        wanted = " and ".join(f"{signs[name]} {value}" for name, value in self.bounds.items())
        return f"{self.metric} {wanted}" + (f" on {self.data}" if self.data else "")


class GateResult(Value):
    """What a gate found: `note` says the figures, or why it could not be decided.

    `value` is the version's own figure, `baseline` that of `champion`, and `change` their
    difference. Of a slice, `lowest` and `highest` name the two groups with the widest `gap`, each
    with its figure.
    """

    gate: Gate
    passed: bool
    note: str
    value: Decimal | None = None
    champion: str | None = None
    baseline: Decimal | None = None
    change: Decimal | None = None
    gap: Decimal | None = None
    lowest: tuple[str, Decimal] | None = None
    highest: tuple[str, Decimal] | None = None

    def __str__(self) -> str:
        return f"{self.gate}: {self.note}"

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints; figures are text, as exact as they were compared."""
        gate = self.gate
        found = {"value": self.value, "change": self.change, "gap": self.gap}
        groups = {"lowest": self.lowest, "highest": self.highest}
        return {
            "gate": str(gate),
            "metric": gate.metric,
            "slice": gate.slice,
            "data": gate.data,
            "needed": {name: str(value) for name, value in gate.bounds.items()},
            "found": {name: str(value) for name, value in found.items() if value is not None},
            "baseline": None
            if self.champion is None
            else {"version": self.champion, "value": _text(self.baseline)},
            "groups": {
                end: {"group": group[0], "value": str(group[1])}
                for end, group in groups.items()
                if group is not None
            },
            "passed": self.passed,
            "note": self.note,
        }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


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
    result = GateResult(gate=gate, passed=True, note=f"it is {value}", value=value)
    if gate.is_relative:
        result = _check_change(result, value, champion)
    if (gate.min is not None and value < gate.min) or (gate.max is not None and value > gate.max):
        return replace(result, passed=False)
    return result


def _check_change(result: GateResult, value: Decimal, champion: Figures | None) -> GateResult:
    gate = result.gate
    if champion is None:
        return replace(result, note=f"it is {value}, no baseline")
    result = replace(result, champion=champion.version)
    baseline = champion.metrics.get(gate.metric)
    if baseline is None:
        note = f"the champion {champion.version} has no {gate.metric}"
        return replace(result, passed=False, note=note)
    change = _EXACT.subtract(value, baseline)
    low = gate.min_change is None or change >= gate.min_change
    high = gate.max_change is None or change <= gate.max_change
    note = f"it is {value}, a change of {change} from {champion.version}"
    return replace(result, passed=low and high, note=note, baseline=baseline, change=change)


def _check_gap(gate: Gate, max_gap: Decimal, challenger: Figures) -> GateResult:
    groups = challenger.slices.get(gate.slice or "", {})
    values = {name: found[gate.metric] for name, found in groups.items() if gate.metric in found}
    if len(values) < 2 or len(values) != len(groups):
        note = f"{challenger.version} lacks {gate.metric} for two or more groups of {gate.slice}"
        return GateResult(gate=gate, passed=False, note=note)
    lowest = min(values.items(), key=lambda group: group[1])
    highest = max(values.items(), key=lambda group: group[1])
    gap = _EXACT.subtract(highest[1], lowest[1])
    return GateResult(
        gate=gate,
        passed=gap <= max_gap,
        note=f"the gap is {gap}",
        gap=gap,
        lowest=lowest,
        highest=highest,
    )
