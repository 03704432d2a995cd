"""Metrics as states that merge: measure batches, merge shards, read figures.

    measurement = Measurement.start(Task(kind="binary"), ["accuracy", "roc_auc"])
    for ... : measurement = measurement.update(read_batch(target, score=score, first_row=row))
    measurement.figures()["accuracy"].value

`table.METRICS` names the metrics; the state that each is read from has a module of its own.
"""

from gitreg.evaluation.metrics.batch import Batch, read_batch
from gitreg.evaluation.metrics.classes import find_classes
from gitreg.evaluation.metrics.curves import Curve
from gitreg.evaluation.metrics.figure import Figure
from gitreg.evaluation.metrics.measurement import Measurement
from gitreg.evaluation.metrics.table import METRICS, Metric, find_metric, list_names
from gitreg.evaluation.metrics.task import Resampling, Task

__all__ = [
    "METRICS",
    "Batch",
    "Curve",
    "Figure",
    "Measurement",
    "Metric",
    "Resampling",
    "Task",
    "find_classes",
    "find_metric",
    "list_names",
    "read_batch",
]
