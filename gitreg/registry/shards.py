"""A shard of a data set: some of its rows, through one model in a process of its own.

Measurements of shards merge to that of the whole, so a shard may be measured anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.data import CHUNK, Chunk, read_chunks
from gitreg.evaluation.metrics import (
    Batch,
    Measurement,
    Resampling,
    Task,
    find_classes,
    read_batch,
)
from gitreg.formats.isolated import IsolatedModel, Limits
from gitreg.value import Value, replace

Columns = Mapping[str, np.ndarray[Any, np.dtype[Any]]]
Answer = Mapping[str, Any]

_DEFAULTS = {
    "binary": ("accuracy", "precision", "recall", "f1"),
    "multiclass": ("accuracy", "balanced_accuracy", "f1_macro"),
    "regression": ("mae", "rmse", "r2"),
}
_SCORED = {"binary": ("roc_auc", "log_loss", "brier"), "multiclass": ("log_loss",)}


class Plan(Value):
    """What each model of a run is measured on, `rows` at a time.

    `inputs` are the columns that the model is given, where the data has them all; else every
    column but the target and the slices. `own` are metrics of the caller's, whose modules are in
    `code`.
    """

    data: Path
    target: str
    slices: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    code: Path = Path()
    task: str | None = None
    inputs: tuple[str, ...] = ()
    replicates: int = 0
    seed: int = 0
    limits: Limits = Limits()
    rows: int = CHUNK

    def features(self, columns: Columns) -> dict[str, Any]:
        """Return what the model is given: never the target."""
        if self.inputs and all(name in columns for name in self.inputs):
            return {name: columns[name] for name in self.inputs if name != self.target}
        kept_out = {self.target, *self.slices}
        return {name: column for name, column in columns.items() if name not in kept_out}


class Shard(Value):
    """The rows from `start` to before `stop`, or to the end."""

    start: int = 0
    stop: int | None = None

    def cut(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Yield what chunks of the whole data have of these rows."""
        for chunk in chunks:
            if self.stop is not None and chunk.first_row >= self.stop:
                return
            low = max(0, self.start - chunk.first_row)
            high = len(chunk) if self.stop is None else min(len(chunk), self.stop - chunk.first_row)
            if (low, high) == (0, len(chunk)):
                yield chunk
            elif low < high:
                columns = {name: column[low:high] for name, column in chunk.columns.items()}
                yield Chunk(first_row=chunk.first_row + low, columns=columns)


class Part(Value):
    """A shard, measured: times in seconds, memory in bytes.

    `single` are those of requests of one row, which a shard that begins a run times.
    """

    measurement: Measurement
    single: tuple[float, ...]
    seconds: float
    memory: int

    def merge(self, other: Part) -> Part:
        """Return both as one."""
        return replace(
            self,
            measurement=self.measurement.merge(other.measurement),
            seconds=self.seconds + other.seconds,
            memory=max(self.memory, other.memory),
        )


def measure_shard(
    plan: Plan,
    model: IsolatedModel,
    shard: Shard,
    *,
    start: Measurement | None = None,
    see: Callable[[Batch], object] = lambda _: None,
) -> Part:
    """Return what a model does on a shard, and end its process.

    `start` is the measurement of no rows; without one the task is found out from the first answer,
    and single requests are timed. `see` is shown each batch.

    Raises: InvalidError where the data or the model fails; SetupError.
    """
    measurement, single = start, []
    with model:
        for chunk in shard.cut(read_chunks(plan.data, rows=plan.rows)):
            columns = _checked(chunk.columns, plan)
            features = plan.features(columns)
            answer = model.predict(features)
            if measurement is None:
                measurement = _start(plan, columns, answer)
                single = model.time_single(features)
            batch = _batch(plan, chunk, answer, measurement.task)
            measurement = measurement.update(batch)
            see(batch)
        seconds = model.seconds
        memory = model.close()
    assert measurement is not None  # noqa: S101 data without rows are refused where they are read
    return Part(measurement=measurement, single=tuple(single), seconds=seconds, memory=memory)


def _start(plan: Plan, columns: Columns, answer: Answer) -> Measurement:
    task = _find_task(plan, columns, answer)
    names = plan.metrics
    if not names:
        scored = _SCORED.get(task.kind, ()) if "score" in answer else ()
        names = (*_DEFAULTS[task.kind], *scored)
    resampling = Resampling(replicates=plan.replicates, seed=plan.seed)
    return Measurement.start(task, names, resampling)


def _find_task(plan: Plan, columns: Columns, answer: Answer) -> Task:
    """Return the task: as `model.yaml` says, else as the answers and the target look.

    The classes are the model's; where it names none, those of the data.
    """
    named = plan.task or ""
    numbers = "classes" not in answer and columns[plan.target].dtype.kind == "f"
    if "regression" in named or ("classification" not in named and numbers):
        return Task(kind="regression")
    if "classes" in answer:
        classes = tuple(answer["classes"].ravel().tolist())
    else:
        chunks = read_chunks(plan.data, [plan.target], rows=plan.rows)
        targets = (np.unique(chunk.columns[plan.target]) for chunk in chunks)
        classes = find_classes(
            *targets, *([answer["prediction"]] if "prediction" in answer else [])
        )
    return Task(kind="binary" if len(classes) == 2 else "multiclass", classes=classes)


def _batch(plan: Plan, chunk: Chunk, answer: Answer, task: Task) -> Batch:
    regression, columns = task.kind == "regression", chunk.columns
    if "prediction" not in answer and (regression or "score" not in answer):
        raise InvalidError(
            "the model answers without a prediction", next_step="name its task in model.yaml"
        )
    return read_batch(
        columns[plan.target],
        prediction=answer.get("prediction"),
        score=None if regression else answer.get("score"),
        groups={name: columns[name] for name in plan.slices},
        first_row=chunk.first_row,
    )


def _checked(columns: Columns, plan: Plan) -> Columns:
    """Return the columns, where those that the plan names are among them.

    Raises: InvalidError.
    """
    for name in (plan.target, *plan.slices):
        if name not in columns:
            raise InvalidError(
                f"{plan.data} has no column {name}", next_step=f"it has {', '.join(columns)}"[:200]
            )
    return columns
