"""An evaluation report, as far as gates read it: measured figures of a version and of its champion.

One run measures both on the same data (`schemas/report.v1.json`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self

from gitreg.domain.model import SHA256, read_metrics, read_text
from gitreg.value import Value

SCHEMA = "gitreg/report/v1"
# What is measured of every model, whatever its task: figures of a machine too.
OPERATIONAL = frozenset(
    {
        *("latency_p50_ms", "latency_p95_ms", "latency_p99_ms"),
        *("throughput", "memory_mib", "model_size"),
    }
)


class Figures(Value):
    """What was measured of one version: metric to value, and slice to group to metric to value."""

    version: str
    metrics: Mapping[str, Decimal] = {}
    slices: Mapping[str, Mapping[str, Mapping[str, Decimal]]] = {}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read `version`, `metrics` and `slices`.

        Raises: ValueError.
        """
        slices = data.get("slices", {})
        if not isinstance(slices, dict) or not all(isinstance(g, dict) for g in slices.values()):
            raise ValueError("slices is not a mapping of slice to group to metrics")
        return cls(
            version=read_text(data, "version"),
            metrics=read_metrics(data.get("metrics")),
            slices={
                name: {group: read_metrics(metrics) for group, metrics in groups.items()}
                for name, groups in slices.items()
            },
        )


class Report(Value):
    """One report: `data` is the sha256 of the data that both were measured on."""

    model: str
    data: str
    challenger: Figures
    champion: Figures | None = None

    @classmethod
    def from_dict(cls, value: object) -> Self:
        """Read the value of a `report.json`.

        Raises: ValueError.
        """
        if not isinstance(value, dict) or value.get("schema") != SCHEMA:
            raise ValueError(f"the report's schema is not {SCHEMA}")
        data, champion = value.get("data"), value.get("champion")
        if not isinstance(data, dict) or not SHA256.fullmatch(read_text(data, "sha256")):
            raise ValueError("the report does not name its data by sha256")
        if champion is not None and not isinstance(champion, dict):
            raise ValueError("the report's champion is not a mapping")
        return cls(
            model=read_text(value, "model"),
            data=read_text(data, "sha256"),
            challenger=Figures.from_dict(value),
            champion=Figures.from_dict(champion) if champion is not None else None,
        )
