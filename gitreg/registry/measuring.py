"""One model, run over one data set in a process of its own, and measured."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.data import read_chunks
from gitreg.evaluation.metrics import Measurement, Resampling, Task, find_classes, read_batch
from gitreg.evaluation.report import Measured
from gitreg.evaluation.speed import Speed
from gitreg.formats.isolated import IsolatedModel, Limits
from gitreg.registry.version import ModelVersion

Columns = Mapping[str, np.ndarray[Any, np.dtype[Any]]]

_DEFAULTS = {
    "binary": ("accuracy", "precision", "recall", "f1"),
    "multiclass": ("accuracy", "balanced_accuracy", "f1_macro"),
    "regression": ("mae", "rmse", "r2"),
}
_PACKAGES = ("gitreg", "numpy", "scikit-learn", "skops", "joblib", "pandas", "onnxruntime")
_SCORED = {"binary": ("roc_auc", "log_loss", "brier"), "multiclass": ("log_loss",)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What each model of a run is measured on.

    `inputs` are the columns that the model is given, where the data has them all; else every
    column but the target and the slices.
    """

    data: Path
    target: str
    slices: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    task: str | None = None
    inputs: tuple[str, ...] = ()
    replicates: int = 0
    seed: int = 0
    limits: Limits = field(default_factory=Limits)

    def features(self, columns: Columns) -> dict[str, Any]:
        """Return what the model is given: never the target."""
        if self.inputs and all(name in columns for name in self.inputs):
            return {name: columns[name] for name in self.inputs if name != self.target}
        kept_out = {self.target, *self.slices}
        return {name: column for name, column in columns.items() if name not in kept_out}


def measure(
    version: ModelVersion, plan: Plan, *, advance: Callable[[int], object] = lambda _: None
) -> Measured:
    """Return what a version does on the data of the plan, which is read once more.

    Raises: InvalidError where the data or the model fails; RefusedError; SetupError.
    """
    path, form = version.loadable()
    size = sum(artifact.size for artifact in version.artifacts if artifact.role == "model")
    measurement: Measurement | None = None
    single: list[float] = []
    with IsolatedModel(path, form, plan.limits) as model:
        for chunk in read_chunks(plan.data):
            columns = _checked(chunk.columns, plan)
            features = plan.features(columns)
            answer = model.predict(features)
            if measurement is None:
                measurement = _start(plan, columns, answer)
                single = model.time_single(features)
            measurement = measurement.update(_batch(plan, columns, answer, measurement))
            advance(len(chunk))
        seconds = model.seconds
        memory = model.close()
    assert measurement is not None  # noqa: S101 data without rows are refused where they are read
    speed = Speed(single=single, batches=seconds, rows=measurement.rows, memory=memory, size=size)
    return Measured(version=version.version, measurement=measurement, speed=speed)


def _start(plan: Plan, columns: Columns, answer: Mapping[str, Any]) -> Measurement:
    task = _find_task(plan, columns, answer)
    names = plan.metrics
    if not names:
        scored = _SCORED.get(task.kind, ()) if "score" in answer else ()
        names = (*_DEFAULTS[task.kind], *scored)
    resampling = Resampling(replicates=plan.replicates, seed=plan.seed)
    return Measurement.start(task, names, resampling)


def _find_task(plan: Plan, columns: Columns, answer: Mapping[str, Any]) -> Task:
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
        chunks = read_chunks(plan.data, [plan.target])
        targets = (np.unique(chunk.columns[plan.target]) for chunk in chunks)
        classes = find_classes(
            *targets, *([answer["prediction"]] if "prediction" in answer else [])
        )
    return Task(kind="binary" if len(classes) == 2 else "multiclass", classes=classes)


def _batch(plan: Plan, columns: Columns, answer: Mapping[str, Any], before: Measurement) -> Any:
    regression = before.task.kind == "regression"
    if "prediction" not in answer and (regression or "score" not in answer):
        raise InvalidError(
            "the model answers without a prediction", next_step="name its task in model.yaml"
        )
    return read_batch(
        columns[plan.target],
        prediction=answer.get("prediction"),
        score=None if regression else answer.get("score"),
        groups={name: columns[name] for name in plan.slices},
        first_row=before.rows,
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


def describe_environment() -> dict[str, object]:
    """Return what the figures were measured with: machine, Python and the packages that matter."""
    packages = {}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            packages[name] = metadata.version(name)
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count() or 1,
        "packages": packages,
    }
