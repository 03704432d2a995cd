"""The figures of a version, and how sure each is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from gitreg.value import Value

Kind = Literal["measured", "claimed"]


class Evidence(Value):
    """A version's metrics: those of its newest signed report, and those of its `model.yaml`."""

    measured: Mapping[str, Decimal]
    claimed: Mapping[str, Decimal]

    @property
    def metrics(self) -> dict[str, Decimal]:
        """Each metric as it was measured, else as it is claimed."""
        return {**self.claimed, **self.measured}

    def find(self, kind: str, metric: str) -> tuple[Decimal, Kind] | None:
        """Return a figure and which it is; `kind` is measured, claimed or metrics for either."""
        if kind != "claimed" and metric in self.measured:
            return self.measured[metric], "measured"
        if kind != "measured" and metric in self.claimed:
            return self.claimed[metric], "claimed"
        return None
