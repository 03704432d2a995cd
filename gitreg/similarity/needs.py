"""What somebody needs of a figure: `metrics.latency_p95_ms <= 20`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Self

from gitreg.errors import UsageError
from gitreg.similarity.evidence import Evidence, Kind
from gitreg.value import Value

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_NEED = re.compile(
    r"\s*(metrics|measured|claimed)\.([A-Za-z0-9_][A-Za-z0-9_.@/:-]{0,99})\s*"
    rf"({'|'.join(_COMPARISONS)})\s*([+-]?[0-9]{{1,30}}(?:\.[0-9]{{1,30}})?(?:[eE][+-]?[0-9]{{1,3}})?)\s*"
)


class Need(Value):
    """A bound on one figure, measured, claimed or (`metrics`) either."""

    kind: str
    metric: str
    comparison: str
    bound: Decimal

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `metrics.NAME`, `measured.NAME` or `claimed.NAME`, a comparison and a number.

        Raises: UsageError.
        """
        match = _NEED.fullmatch(text)
        if not match:
            raise UsageError(
                f"{text[:100]!r} is not a comparison of a metric with a number",
                next_step="write it as 'metrics.latency_p95_ms <= 20': metrics, measured or "
                "claimed; one of < <= > >= = !=; repeat --needs for more",
            )
        kind, metric, comparison, bound = match.groups()
        return cls(kind=kind, metric=metric, comparison=comparison, bound=Decimal(bound))

    def find(self, evidence: Evidence) -> tuple[Decimal, Kind] | None:
        """Return the figure that meets the need, and which it is; None where none does.

        A version that does not state the metric does not meet it.
        """
        found = evidence.find(self.kind, self.metric)
        return found if found and self.admits(found[0]) else None

    def admits(self, figure: Decimal) -> bool:
        """Whether the figure is within the bound."""
        return _COMPARISONS[self.comparison](figure, self.bound)

    def __str__(self) -> str:
        return f"{self.kind}.{self.metric} {self.comparison} {self.bound}"
