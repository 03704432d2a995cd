"""Figures of several versions beside each other: how far apart, and which way is better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, Protocol, Self

from gitreg.domain.model import decimal_of
from gitreg.domain.report import OPERATIONAL
from gitreg.value import Value

Better = Literal["higher", "lower"]
Evidence = Literal["claimed", "measured"]
Verdict = Literal["better", "worse", "same", "unknown"]
Directions = Callable[[str], Better | None]

_OF_A_MACHINE = OPERATIONAL - {"model_size"}


class Figure(Value):
    """One value of a metric; `low` and `high` are the ends of its interval where it has one.

    `data` is the sha256 or the name of the data it is of, `record` the report's index; a claim has
    none. `better` is what the source says of the metric.
    """

    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    better: Better | None = None
    data: str | None = None
    record: int | None = None

    @classmethod
    def read(cls, entry: object, *, data: str | None = None, record: int | None = None) -> Self:
        """Read an entry of `metrics:`, a number or `{value: number, …}`.

        Raises: ValueError where the value is not a finite number; the rest is passed over then.
        """
        known = entry if isinstance(entry, Mapping) else {"value": entry}
        ends = [_number(known.get(end)) for end in ("low", "high")]
        present = sorted(end for end in ends if end is not None)
        unit, better = known.get("unit"), known.get("better")
        return cls(
            value=decimal_of("value", known.get("value")),
            low=present[0] if len(present) == 2 else None,
            high=present[1] if len(present) == 2 else None,
            unit=unit if isinstance(unit, str) else None,
            better="higher" if better == "higher" else "lower" if better == "lower" else None,
            data=data,
            record=record,
        )

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """Both ends of the interval, or None."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "value": plain(self.value),
            "low": plain(self.low),
            "high": plain(self.high),
            "unit": self.unit,
            "data": self.data,
            "record": self.record,
        }


class Change(Value):
    """How a figure differs from the first version's.

    `relative` is a share of the first, None where that is zero. `apart` says whether the intervals
    do not overlap, None where not both have one. `why` says what keeps a verdict from being known.
    """

    absolute: Decimal
    relative: Decimal | None
    verdict: Verdict
    apart: bool | None = None
    why: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "absolute": plain(self.absolute),
            "relative": plain(self.relative),
            "verdict": self.verdict,
            "apart": self.apart,
            "why": self.why,
        }


class MetricRow(Value):
    """A metric of several versions; `changes` are against the first, whose own is None."""

    name: str
    better: Better | None
    figures: tuple[Figure | None, ...]
    changes: tuple[Change | None, ...]

    @property
    def unit(self) -> str | None:
        """The unit that is stated first."""
        return next((item.unit for item in self.figures if item and item.unit), None)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "name": self.name,
            "better": self.better,
            "unit": self.unit,
            "figures": [item.to_dict() if item else None for item in self.figures],
            "changes": [item.to_dict() if item else None for item in self.changes],
        }


class Measurement(Value):
    """What a signed report measured of one version: `metrics` as written, on the data `data`."""

    data: str
    record: int
    metrics: Mapping[str, Any]


class Recorded(Protocol):
    """Something measured, and by which record."""

    @property
    def data(self) -> str:
        """The sha256 of what it was measured on."""

    @property
    def record(self) -> int:
        """The index of the record."""


def compare_metrics(
    sides: Sequence[Mapping[str, Figure]], directions: Directions
) -> tuple[MetricRow, ...]:
    """Return a row for each metric that any side has, in the order in which they are met.

    `directions` knows the metrics of gitreg by name; its word goes before that of a claim, so that
    nobody turns accuracy round.
    """
    names = dict.fromkeys(name for side in sides for name in side)
    rows = []
    for name in names:
        figures = tuple(side.get(name) for side in sides)
        better = find_direction(name, figures, directions)
        first = figures[0]
        changes = [
            compare_figures(name, first, item, better) if first and item else None
            for item in figures[1:]
        ]
        rows.append(MetricRow(name=name, better=better, figures=figures, changes=(None, *changes)))
    return tuple(rows)


def find_direction(
    name: str, figures: Iterable[Figure | None], directions: Directions
) -> Better | None:
    """Return which way a metric is better; None where nobody says, or not all say the same."""
    stated = {item.better for item in figures if item and item.better}
    return directions(name) or (stated.pop() if len(stated) == 1 else None)


def compare_figures(name: str, first: Figure, other: Figure, better: Better | None) -> Change:
    """Return how `other` differs from `first`."""
    absolute = other.value - first.value
    verdict, why = _judge(name, first, other, better)
    return Change(
        absolute=absolute,
        relative=absolute / abs(first.value) if first.value else None,
        verdict=verdict,
        apart=_are_apart(first, other) if verdict in ("better", "worse") else None,
        why=why,
    )


def _judge(
    name: str, first: Figure, other: Figure, better: Better | None
) -> tuple[Verdict, str | None]:
    if first.data and other.data and first.data != other.data:
        return "unknown", "of other data"
    if first.unit and other.unit and first.unit != other.unit:
        return "unknown", "in another unit"
    if first.record != other.record and name in _OF_A_MACHINE:
        return "unknown", "of another run"
    if first.value == other.value:
        return "same", None
    if better is None:
        return "unknown", "which way is better is not said"
    return ("better" if (other.value > first.value) == (better == "higher") else "worse"), None


def _are_apart(first: Figure, other: Figure) -> bool | None:
    if first.interval is None or other.interval is None:
        return None
    return other.interval[0] > first.interval[1] or first.interval[0] > other.interval[1]


def read_claims(metadata: Mapping[str, Any]) -> dict[str, Figure]:
    """Return the metrics that a `model.json` claims, each with the data that it says it is of."""
    about = metadata.get("evaluation")
    of_all = about if isinstance(about, Mapping) else {}
    general = _text(of_all.get("sha256")) or _text(of_all.get("dataset"))
    stated = metadata.get("metrics")
    claims = {}
    for name, entry in stated.items() if isinstance(stated, Mapping) else ():
        own = _text(entry.get("dataset")) if isinstance(entry, Mapping) else None
        claims[name] = Figure.read(entry, data=own or general)
    return claims


def read_measured(
    measurements: Sequence[Sequence[Measurement]],
) -> tuple[dict[str, Figure], ...]:
    """Return what was measured of each version, on the same data wherever that can be.

    A version's measurements are in the order of the ledger. One that was never measured on the
    data that most of them share has its newest figures, which name their data.
    """
    shared = shared_data(measurements)
    sides = []
    for own in measurements:
        newest = next((item for item in reversed(own) if item.data == shared), None)
        chosen = newest or (own[-1] if own else None)
        sides.append(read_measurement(chosen) if chosen else {})
    return tuple(sides)


def read_measurement(measurement: Measurement) -> dict[str, Figure]:
    """Return the figures of a measurement, by metric."""
    return {
        name: Figure.read(entry, data=measurement.data, record=measurement.record)
        for name, entry in measurement.metrics.items()
    }


def shared_data(measurements: Iterable[Sequence[Recorded]]) -> str | None:
    """Return the data that most versions were measured on; of equals, that of the newest record."""
    counts: Counter[str] = Counter()
    newest: dict[str, int] = {}
    for own in measurements:
        counts.update({item.data for item in own})
        for item in own:
            newest[item.data] = max(item.record, newest.get(item.data, -1))
    return max(counts, key=lambda data: (counts[data], newest[data]), default=None)


def plain(value: Decimal | None) -> float | None:
    """Return a figure as JSON has it; None too for one that no double holds."""
    number = None if value is None else float(value)
    return number if number is not None and abs(number) != float("inf") else None


def _number(value: object) -> Decimal | None:
    try:
        return decimal_of("", value)
    except ValueError:
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
