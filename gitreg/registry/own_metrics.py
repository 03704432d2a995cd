"""Metrics of the caller's own, `module:function`, on whole columns.

Their code is the caller's and never the version's: who registers a model would grade it. A name
that a gate or `model.yaml` gives is enough where the policy lets code of the repository run. They
cannot be merged, so the columns are kept, and their size is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gitreg.artifacts.hashing import hash_file
from gitreg.errors import SetupError, UsageError
from gitreg.evaluation.metrics import Batch
from gitreg.evaluation.metrics.arrays import Array
from gitreg.evaluation.report import OwnFigures
from gitreg.formats.team_metric import IsolatedMetric, find_source, is_team_metric
from gitreg.registry.shards import Plan

MAX_COLUMNS = 1 << 30  # bytes of target, prediction and score together


class OwnMetrics:
    """Keeps the columns of a run for the metrics that are the caller's own, if there are any."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._parts: list[dict[str, Array]] = []
        self._groups: list[Mapping[str, Array]] = []
        self._size = 0

    def see(self, batch: Batch) -> None:
        """Keep the columns of a batch.

        Raises: UsageError where they become too large.
        """
        if not self._plan.own:
            return
        columns = {
            "target": batch.target,
            "prediction": batch.prediction,
            "score": batch.score,
        }
        self._parts.append({name: found for name, found in columns.items() if found is not None})
        self._groups.append(batch.groups)
        kept = [*self._parts[-1].values(), *batch.groups.values()]
        self._size += sum(column.nbytes for column in kept)
        if self._size > MAX_COLUMNS:
            raise UsageError(
                f"{self._plan.own[0]} is computed on whole columns, which are larger than "
                f"{MAX_COLUMNS >> 20} MiB",
                next_step="measure it on fewer rows",
            )

    def refuse_shards(self) -> None:
        """See that there are none where nobody sees whole columns.

        Raises: UsageError.
        """
        if self._plan.own:
            raise UsageError(
                f"{self._plan.own[0]} is computed on whole columns, which shards cannot be merged "
                "into",
                next_step="measure it with --engine local",
            )

    def figures(self) -> OwnFigures:
        """Return the figures on all rows, and on each group of each slice.

        Raises: InvalidError where a metric fails.
        """
        if not self._plan.own:
            return OwnFigures()
        columns = {name: _join(self._parts, name) for name in self._parts[0]}
        groups = list(self._split())
        metrics: dict[str, float | None] = {}
        slices: dict[str, dict[str, dict[str, float]]] = {}
        for name in self._plan.own:
            with IsolatedMetric(name, self._plan.code, self._plan.limits) as metric:
                metrics[name] = _finite(metric.measure(columns))
                for of, group, rows in groups:
                    value = metric.measure({key: column[rows] for key, column in columns.items()})
                    if math.isfinite(value):
                        slices.setdefault(of, {}).setdefault(group, {})[name] = value
        return OwnFigures(metrics=metrics, slices=slices)

    def _split(self) -> Iterator[tuple[str, str, Array]]:
        for name in self._groups[0]:
            labels = _join(self._groups, name)
            for group in np.unique(labels).tolist():
                yield name, str(group), np.flatnonzero(labels == group)


def choose_own_metrics(
    asked: Iterable[str], permitted: Iterable[str], folder: Path
) -> tuple[str, ...]:
    """Return the team's metrics among those asked for, and the permitted ones that are here."""
    own = [name for name in asked if is_team_metric(name)]
    here = [name for name in permitted if is_team_metric(name) and find_source(name, folder)]
    return tuple(dict.fromkeys([*own, *here]))


def describe_own_metrics(plan: Plan) -> dict[str, Any]:
    """Return what a report says of them: on what they were computed, and by which bytes.

    Raises: SetupError where there is no such module.
    """
    if not plan.own:
        return {}
    described = {}
    for name in plan.own:
        source = find_source(name, plan.code)
        if source is None:
            raise SetupError(
                f"there is no module for the metric {name} in {plan.code.absolute()}",
                next_step="run it in the folder that has it",
            )
        described[name] = {
            "computed_on": "whole columns, by code of who evaluated",
            "module_sha256": hash_file(source),
        }
    return {"own_metrics": described}


def _join(parts: list[dict[str, Array]] | list[Mapping[str, Array]], name: str) -> Array:
    return np.concatenate([part[name] for part in parts])


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
