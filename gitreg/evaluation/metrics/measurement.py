"""A measurement: the states that some metrics need, over all rows and over each group of slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics.arrays import Array
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.classes import encode_batch
from gitreg.evaluation.metrics.confusion import ConfusionCounts
from gitreg.evaluation.metrics.curves import (
    Curve,
    draw_calibration,
    draw_precision_recall,
    draw_roc,
)
from gitreg.evaluation.metrics.fairness import FAIRNESS, read_gap
from gitreg.evaluation.metrics.figure import Figure, Reading, make_figure
from gitreg.evaluation.metrics.scores import ScoreCounts
from gitreg.evaluation.metrics.state import State
from gitreg.evaluation.metrics.table import METRICS, find_metric
from gitreg.evaluation.metrics.task import Resampling, Task
from gitreg.value import Value, replace

MAX_GROUPS = 1000
_BLOCK, _RESAMPLED_BLOCK = 1 << 16, 1 << 13  # rows at a time: what the processor's caches hold
_STATES = {metric.state.NAME: metric.state for metric in METRICS.values()}

States = Mapping[str, State]
Figures = Mapping[str, Figure]


class Measurement(Value, eq=False):
    """What is known after some rows. Nothing in it grows with the rows; `update` returns a new one.

    Measurements of shards, merged in any order, are the measurement of the whole, as long as each
    batch told its `first_row`. Rows of weight 0 take no part.
    """

    task: Task
    metrics: tuple[str, ...]
    resampling: Resampling
    states: States
    slices: Mapping[str, Mapping[str, States]] = {}
    rows: int = 0

    @classmethod
    def start(
        cls, task: Task, metrics: Iterable[str], resampling: Resampling | None = None
    ) -> Self:
        """Return the measurement of no rows.

        Raises: UsageError for a metric that the task does not have.
        """
        names, resampling = tuple(metrics), resampling or Resampling()
        states = _start(task, names, resampling.replicates)
        return cls(task=task, metrics=names, resampling=resampling, states=states)

    def update(self, batch: Batch) -> Self:
        """Return the measurement of these rows too.

        Raises: InvalidError for labels, shapes or groups that do not fit, with their row.
        """
        coded = encode_batch(batch, self.task)
        slices = {name: dict(groups) for name, groups in self.slices.items()}
        kept = _weighty(coded)
        states = _update_whole(self.states, kept)
        for name, labels in kept.groups.items():
            groups = slices.setdefault(name, {})
            for group, rows in _split(labels):
                state = groups.get(group) or self._start()
                groups[group] = _update_whole(state, kept.take(rows))
            _check_groups(name, groups)
        for block in _cut(coded, self.resampling):
            states = _update_blocks(states, block)
            for name, labels in block.groups.items():
                for group, rows in _split(labels):
                    slices[name][group] = _update_blocks(slices[name][group], block.take(rows))
        return replace(self, states=states, slices=slices, rows=self.rows + len(batch))

    def _start(self) -> States:
        return _start(self.task, self.metrics, self.resampling.replicates)

    def merge(self, other: Self) -> Self:
        """Return the measurement of the rows of both.

        Raises: InvalidError where they do not measure the same.
        """
        if (self.task, self.metrics, self.resampling) != (
            other.task,
            other.metrics,
            other.resampling,
        ):
            raise InvalidError(
                "these measurements are not of the same task, metrics and resampling",
                next_step="measure all shards alike",
            )
        slices = {name: dict(groups) for name, groups in self.slices.items()}
        for name, groups in other.slices.items():
            mine = slices.setdefault(name, {})
            for group, states in groups.items():
                mine[group] = _merge(mine[group], states) if group in mine else states
            _check_groups(name, mine)
        states = _merge(self.states, other.states)
        return replace(self, states=states, slices=slices, rows=self.rows + other.rows)

    def read(self, metric: str) -> Reading:
        """Return a metric's value on the data and on each resample."""
        found = find_metric(self.task.kind, metric)
        return found.read(self.states[found.state.NAME])

    def figures(self) -> Figures:
        """Return each metric's figure, in the order asked for."""
        return {name: self._figure(self.read(name)) for name in self.metrics}

    def slice_figures(self) -> Mapping[str, Mapping[str, Figures]]:
        """Return slice to group to figures, groups sorted."""
        return {
            name: {
                group: {
                    metric: self._figure(reading[group]) for metric, reading in readings.items()
                }
                for group in sorted(self.slices[name])
            }
            for name in self.slices
            for readings in [self._read_groups(name)]
        }

    def gaps(self, name: str) -> Figures:
        """Return, of each metric, the largest difference between two groups of a slice."""
        return {
            metric: self._figure(read_gap(readings))
            for metric, readings in self._read_groups(name).items()
        }

    def fairness(self, name: str) -> Figures:
        """Return the fairness figures of a slice; none where the task is not binary."""
        groups: dict[str, ConfusionCounts] = {}
        for group, states in sorted(self.slices.get(name, {}).items()):
            state = states.get(ConfusionCounts.NAME)
            if self.task.kind == "binary" and isinstance(state, ConfusionCounts):
                groups[group] = state
        return {key: self._figure(read(groups)) for key, read in FAIRNESS.items() if groups}

    def confusion(self) -> Array | None:
        """Return the confusion matrix, (true, predicted) in the order of the task's classes."""
        state = self.states.get(ConfusionCounts.NAME)
        return state.counts.total if isinstance(state, ConfusionCounts) else None

    def curves(self) -> Mapping[str, Curve]:
        """Return the ROC, precision-recall and calibration curves of a binary task's scores."""
        state = self.states.get(ScoreCounts.NAME)
        if not isinstance(state, ScoreCounts) or self.task.kind != "binary":
            return {}
        cells = state.classes[0].cells()
        drawn = {
            "roc": draw_roc(cells),
            "precision_recall": draw_precision_recall(cells),
            "calibration": draw_calibration(cells),
        }
        return {name: curve for name, curve in drawn.items() if curve is not None}

    def compare(self, champion: Self) -> Figures:
        """Return the change of each metric from the champion's, measured on the same rows.

        Both were resampled alike, so the interval is that of paired rows. Metrics that are not
        resampled have none.
        """
        changes = {}
        for name in self.metrics:
            mine, theirs = self.read(name), champion.read(name)
            same = len(mine.values) == len(theirs.values)
            values = mine.values - theirs.values if same else mine.values[:1] - theirs.values[:1]
            changes[name] = self._figure(
                Reading(
                    values=values,
                    why=mine.why if np.isnan(mine.values[0]) else theirs.why,
                    error=mine.error + theirs.error,
                    no_interval=mine.no_interval,
                )
            )
        return changes

    def _read_groups(self, name: str) -> Mapping[str, Mapping[str, Reading]]:
        found = [find_metric(self.task.kind, metric) for metric in self.metrics]
        groups = sorted(self.slices.get(name, {}).items())
        return {
            metric.name: {group: metric.read(states[metric.state.NAME]) for group, states in groups}
            for metric in found
        }

    def _figure(self, reading: Reading) -> Figure:
        return make_figure(reading, self.resampling.level)

    def to_dict(self) -> dict[str, object]:
        """The measurement as JSON has it, to be merged elsewhere."""
        return {
            "task": self.task.to_dict(),
            "metrics": list(self.metrics),
            "resampling": self.resampling.to_dict(),
            "rows": self.rows,
            "states": _to_dict(self.states),
            "slices": {
                name: {group: _to_dict(states) for group, states in groups.items()}
                for name, groups in self.slices.items()
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises: InvalidError.
        """
        try:
            return cls(
                task=Task.from_dict(data["task"]),
                metrics=tuple(data["metrics"]),
                resampling=Resampling.from_dict(data["resampling"]),
                rows=int(data["rows"]),
                states=_from_dict(data["states"]),
                slices={
                    name: {group: _from_dict(states) for group, states in groups.items()}
                    for name, groups in data["slices"].items()
                },
            )
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise InvalidError(
                f"this is not a measurement: {error}",
                next_step="measure the shard again with the same version of gitreg",
            ) from error


def _start(task: Task, metrics: Iterable[str], replicates: int) -> States:
    kinds = {find_metric(task.kind, name).state for name in metrics}
    return {kind.NAME: kind.start(task, replicates) for kind in sorted(kinds, key=_name)}


def _name(kind: type[State]) -> str:
    return kind.NAME


def _merge(one: States, two: States) -> States:
    return {name: state.merge(two[name]) for name, state in one.items()}


def _to_dict(states: States) -> dict[str, object]:
    return {name: state.to_dict() for name, state in states.items()}


def _from_dict(data: Mapping[str, Any]) -> States:
    return {name: _STATES[name].from_dict(state) for name, state in data.items()}


def _update_whole(states: States, batch: Batch) -> States:
    """Update what is not resampled, with all rows at once: distributions cost least so."""
    return {n: s if s.RESAMPLED else s.update(batch) for n, s in states.items()}


def _update_blocks(states: States, batch: Batch) -> States:
    return {n: s.update(batch) if s.RESAMPLED else s for n, s in states.items()}


def _cut(batch: Batch, resampling: Resampling) -> Iterator[Batch]:
    size = _RESAMPLED_BLOCK if resampling.replicates else _BLOCK
    for start in range(0, len(batch), size):
        block = batch.take(slice(start, start + size))
        if resampling.replicates:
            block = replace(block, draws=resampling.draw(block.first_row, len(block)))
        yield _weighty(block)


def _weighty(batch: Batch) -> Batch:
    if batch.weight is None or batch.weight.all():
        return batch
    return batch.take(batch.weight > 0)


def _split(labels: Array) -> Iterator[tuple[str, Array]]:
    """Yield each group, by its text, and its rows."""
    groups, places = np.unique(labels, return_inverse=True)
    for place, group in enumerate(groups.tolist()):
        yield str(group), np.flatnonzero(places == place)


def _check_groups(name: str, groups: Mapping[str, object]) -> None:
    if len(groups) > MAX_GROUPS:
        raise InvalidError(
            f"slice {name} has more than {MAX_GROUPS} groups",
            next_step="slice by a column with few values, or put its values into ranges",
        )
