"""How fast a model answered, and what it took: from times measured outside of its process."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gitreg.value import Value

_PERCENT = (50, 95, 99)


class Speed(Value):
    """Times in seconds, memory and size in bytes.

    `single` are those of requests of one row, the way there and back between two processes
    included; `batches` that of all `rows` in large batches. `memory` is the peak of the process.
    """

    single: Sequence[float]
    batches: float
    rows: int
    memory: int
    size: int

    def metrics(self) -> dict[str, dict[str, object]]:
        """Return the figures as a report has them, each with its unit and which way is better."""
        found: dict[str, dict[str, object]] = {}
        if self.single:
            for percent in _PERCENT:
                value = float(np.percentile(self.single, percent)) * 1000
                found[f"latency_p{percent}_ms"] = _measured(value, "ms", "lower")
        if self.batches > 0:
            found["throughput"] = _measured(self.rows / self.batches, "rows/s", "higher")
        if self.memory:
            found["memory_mib"] = _measured(self.memory / (1 << 20), "MiB", "lower")
        found["model_size"] = _measured(self.size, "bytes", "lower")
        return found


def _measured(value: float, unit: str, better: str) -> dict[str, object]:
    return {"value": round(value, 6), "unit": unit, "better": better}
