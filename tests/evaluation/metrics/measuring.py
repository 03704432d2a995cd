"""Random cases, and measuring them in random chunks, so that each comparison tests merging too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from gitreg.evaluation.metrics import Figure, Measurement, Resampling, Task, read_batch

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


def measure(
    task: Task,
    metrics: Iterable[str],
    columns: Mapping[str, Array | None],
    *,
    cuts: Iterable[int] = (),
    groups: Mapping[str, Array] | None = None,
    resampling: Resampling | None = None,
) -> Measurement:
    """Measure columns in one go, or cut into chunks."""
    measurement = Measurement.start(task, metrics, resampling)
    target = columns["target"]
    assert target is not None
    edges = [0, *sorted(cuts), len(target)]
    for start, stop in pairwise(edges):
        part = slice(start, stop)
        cut: dict[str, Any] = {
            name: column[part] for name, column in columns.items() if column is not None
        }
        cut["groups"] = {name: column[part] for name, column in (groups or {}).items()}
        measurement = measurement.update(read_batch(**cut, first_row=start))
    return measurement


def draw_cuts(generator: np.random.Generator, rows: int) -> list[int]:
    return [int(cut) for cut in generator.integers(0, rows + 1, generator.integers(0, 4))]


def draw_weight(generator: np.random.Generator, rows: int) -> Floats | None:
    if generator.random() < 0.4:
        return None
    return generator.random(rows) + 0.01


def through_json(measurement: Measurement) -> Measurement:
    return Measurement.from_dict(json.loads(json.dumps(measurement.to_dict())))


def close(figure: Figure, expected: float, scale: float = 1.0) -> bool:
    """Whether a figure is the expected one to 1e-12, of its size or of `scale`."""
    assert figure.value is not None, figure
    return abs(figure.value - expected) <= 1e-12 * max(abs(expected), scale)
