"""One model, measured on one data set."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable
from importlib import metadata

from gitreg.artifacts.hashing import hash_file
from gitreg.evaluation.engines import Engine
from gitreg.evaluation.metrics import Batch
from gitreg.evaluation.report import Measured
from gitreg.evaluation.speed import Speed
from gitreg.formats.isolated import IsolatedModel
from gitreg.registry.own_metrics import OwnMetrics
from gitreg.registry.scaling import Task, measure_apart
from gitreg.registry.shards import Plan, Shard, measure_shard
from gitreg.registry.version import ModelVersion
from gitreg.value import replace

_PACKAGES = (
    *("gitreg", "numpy", "pandas", "scikit-learn", "skops", "joblib", "onnxruntime"),
    *("xgboost", "xgboost-cpu", "lightgbm", "torch", "safetensors", "tensorflow", "mlflow-skinny"),
)


def measure(
    version: ModelVersion,
    plan: Plan,
    *,
    engine: Engine | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Measured:
    """Return what a version does on the data of the plan, which is read once more.

    Raises: InvalidError where the data, the model or a metric fails; RefusedError; SetupError;
    TransferError where a cluster fails; UsageError for metrics that cannot be merged there.
    """
    file = version.loadable()
    size = sum(artifact.size for artifact in version.artifacts if artifact.role == "model")
    own = OwnMetrics(plan)
    if engine is None or engine.SHARES_MEMORY:

        def see(batch: Batch) -> None:
            own.see(batch)
            advance(len(batch))

        part = measure_shard(plan, IsolatedModel(file, plan.limits), Shard(), see=see)
    else:
        own.refuse_shards()
        plan = replace(plan, data=plan.data.absolute())
        files = {plan.data: hash_file(plan.data), **version.files()}
        task = Task(plan=plan, model=file, files=files)
        part = measure_apart(engine, task, advance)
    speed = Speed(
        single=part.single,
        batches=part.seconds,
        rows=part.measurement.rows,
        memory=part.memory,
        size=size,
    )
    return Measured(
        version=version.version, measurement=part.measurement, speed=speed, own=own.figures()
    )


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
