"""False claims: figures that `model.yaml` states and the measured ones deny.

A claim is false where it lies outside of the measured confidence interval by more than its own
last digit, or by more than a twentieth of itself if that is less: `accuracy: 1` has no digit that
would excuse a measured 0.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Any

from gitreg.domain.model import decimal_of
from gitreg.domain.printable import shorten
from gitreg.domain.report import OPERATIONAL
from gitreg.value import Value

_EXACT = Context(prec=2000)
_LARGEST = Decimal("0.05")  # of the claim


class FalseClaim(Value):
    """A claim, and what was measured instead: a value between `low` and `high`."""

    metric: str
    claimed: Decimal
    measured: Decimal
    low: Decimal
    high: Decimal

    def __str__(self) -> str:
        return (
            f"false claim: model.yaml says {self.metric} is {self.claimed}, "
            f"measured is {shorten(self.measured)}"
        )

    def to_dict(self) -> dict[str, str]:
        """The shape that `--json` prints."""
        return {
            "metric": self.metric,
            "claimed": str(self.claimed),
            "measured": str(self.measured),
            "low": str(self.low),
            "high": str(self.high),
        }


def find_false_claims(
    model: Mapping[str, Any], claims: Mapping[str, Decimal], report: Mapping[str, Any]
) -> tuple[FalseClaim, ...]:
    """Return the claims of a `model.json` that a `report.json`, fresh or signed, denies.

    Those that `model` says are about other data than the report's are passed over: by the
    `dataset` of the claim itself, else by `evaluation`. Latency, memory and throughput are of a
    machine as well as of a model, and never called false.
    """
    stated = model.get("metrics") or {}

    def is_about(name: str) -> bool:
        entry = stated.get(name)
        own = isinstance(entry, Mapping) and "dataset" in entry
        return _is_same_data(entry if own else model.get("evaluation"), report["data"])

    compared = {name: claimed for name, claimed in claims.items() if is_about(name)}
    return tuple(_judge(compared, report.get("metrics") or {}))


def _is_same_data(named: object, measured: Mapping[str, Any]) -> bool:
    if not isinstance(named, Mapping):
        return True
    if "sha256" in named:
        return bool(named["sha256"] == measured["sha256"])
    dataset = named.get("dataset")
    return not isinstance(dataset, str) or dataset.rpartition("/")[2] == measured.get("name")


def _judge(claims: Mapping[str, Decimal], metrics: Mapping[str, Any]) -> Iterator[FalseClaim]:
    for name, claimed in claims.items():
        entry = metrics.get(name)
        found = entry if isinstance(entry, Mapping) else {"value": entry}
        measured = _number(found.get("value"))
        if measured is None or name in OPERATIONAL:
            continue
        ends = [_number(found.get(end)) for end in ("low", "high")]
        known = [measured, *(end for end in ends if end is not None)]
        low, high = min(known), max(known)
        digit = Decimal((0, (1,), claimed.as_tuple().exponent))  # type: ignore[arg-type]
        slack = min(digit, _EXACT.multiply(abs(claimed), _LARGEST))
        if not _EXACT.subtract(low, slack) <= claimed <= _EXACT.add(high, slack):
            yield FalseClaim(metric=name, claimed=claimed, measured=measured, low=low, high=high)


def _number(value: object) -> Decimal | None:
    try:
        return decimal_of("", value)
    except ValueError:
        return None
