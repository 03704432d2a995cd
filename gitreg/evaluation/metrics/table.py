"""The table of metrics: what each is called, of which task, read from which state, and how."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal

from gitreg.domain.report import OPERATIONAL
from gitreg.errors import UsageError
from gitreg.evaluation.metrics import (
    confusion,
    multilabel,
    probabilities,
    queries,
    residuals,
    scores,
)
from gitreg.evaluation.metrics.confusion import ConfusionCounts
from gitreg.evaluation.metrics.figure import Reading
from gitreg.evaluation.metrics.multilabel import LabelSums
from gitreg.evaluation.metrics.probabilities import ProbabilitySums
from gitreg.evaluation.metrics.queries import QuerySums
from gitreg.evaluation.metrics.residuals import ErrorCounts, ResidualMoments
from gitreg.evaluation.metrics.scores import ScoreCounts
from gitreg.evaluation.metrics.state import State
from gitreg.evaluation.metrics.task import Kind
from gitreg.value import Value

Better = Literal["higher", "lower"]


class Metric(Value):
    """A metric of one kind of task.

    `low` and `high` are the ends of its range, None where it has no end. `unit` is None for plain
    numbers.
    """

    name: str
    kind: Kind
    state: type[State]
    read: Callable[[Any], Reading]
    better: Better = "higher"
    unit: str | None = None
    low: float | None = 0.0
    high: float | None = 1.0


_CLASSES: tuple[Kind, ...] = ("binary", "multiclass")


def _list_metrics() -> Iterator[Metric]:
    yield from _list_of_classes()
    yield from _list_of_scores()
    yield from _list_of_residuals()
    for name, read_rate in multilabel.OF_LABELS.items():
        yield Metric(name=name, kind="multilabel", state=LabelSums, read=read_rate)
    for name, read, better in _LABELS:
        yield Metric(name=name, kind="multilabel", state=LabelSums, read=read, better=better)
    for name, read_query in queries.OF_QUERIES.items():
        yield Metric(name=name, kind="ranking", state=QuerySums, read=read_query)


_LABELS: tuple[tuple[str, Callable[[LabelSums], Reading], Better], ...] = (
    ("subset_accuracy", multilabel.read_subset_accuracy, "higher"),
    ("hamming_loss", multilabel.read_hamming_loss, "lower"),
    ("jaccard_samples", multilabel.read_jaccard_samples, "higher"),
)


def _list_of_classes() -> Iterator[Metric]:
    shared = {
        "accuracy": confusion.read_accuracy,
        "balanced_accuracy": confusion.read_balanced_accuracy,
        **confusion.OF_CLASSES,
    }
    for kind in _CLASSES:
        for name, read in shared.items():
            yield Metric(name=name, kind=kind, state=ConfusionCounts, read=read)
        yield Metric(
            name="mcc", kind=kind, state=ConfusionCounts, read=confusion.read_mcc, low=-1.0
        )
    for name, read in confusion.OF_POSITIVE.items():
        yield Metric(name=name, kind="binary", state=ConfusionCounts, read=read)


def _list_of_scores() -> Iterator[Metric]:
    top_k, roc, pr = (
        probabilities.read_top_k,
        scores.measure_roc_auc,
        scores.measure_average_precision,
    )
    for kind in _CLASSES:
        yield Metric(
            name="log_loss",
            kind=kind,
            state=ProbabilitySums,
            read=probabilities.read_log_loss,
            better="lower",
            unit="nat",
            high=None,
        )
        yield Metric(
            name="brier",
            kind=kind,
            state=ProbabilitySums,
            read=probabilities.read_brier,
            better="lower",
            high=1.0 if kind == "binary" else 2.0,
        )
    yield Metric(name="top_k_accuracy", kind="multiclass", state=ProbabilitySums, read=top_k)
    yield Metric(name="roc_auc", kind="binary", state=ScoreCounts, read=scores.read_roc_auc)
    yield Metric(name="pr_auc", kind="binary", state=ScoreCounts, read=scores.read_pr_auc)
    for name, measure, weighted in (
        ("roc_auc_macro", roc, False),
        ("roc_auc_weighted", roc, True),
        ("pr_auc_macro", pr, False),
        ("pr_auc_weighted", pr, True),
    ):
        read = partial(_read_average_area, measure, weighted)
        yield Metric(name=name, kind="multiclass", state=ScoreCounts, read=read)


def _read_average_area(measure: scores.Measure, weighted: bool, state: ScoreCounts) -> Reading:  # noqa: FBT001
    return scores.read_average(measure, weighted=weighted, state=state)


_RESIDUALS: tuple[tuple[str, Callable[[ResidualMoments], Reading], str | None], ...] = (
    ("mae", residuals.read_mae, "of the target"),
    ("mse", residuals.read_mse, "of the target, squared"),
    ("rmse", residuals.read_rmse, "of the target"),
    ("mape", residuals.read_mape, None),
    ("max_error", residuals.read_max_error, "of the target"),
)


def _list_of_residuals() -> Iterator[Metric]:
    for name, read, unit in _RESIDUALS:
        yield Metric(
            name=name,
            kind="regression",
            state=ResidualMoments,
            read=read,
            better="lower",
            unit=unit,
            high=None,
        )
    yield Metric(
        name="median_absolute_error",
        kind="regression",
        state=ErrorCounts,
        read=residuals.read_median_absolute_error,
        better="lower",
        unit="of the target",
        high=None,
    )
    explained = {
        "r2": residuals.read_r2,
        "explained_variance": residuals.read_explained_variance,
    }
    for name, read_part in explained.items():
        yield Metric(name=name, kind="regression", state=ResidualMoments, read=read_part, low=None)


METRICS: Mapping[tuple[Kind, str], Metric] = {
    (metric.kind, metric.name): metric for metric in _list_metrics()
}


_DIRECTIONS: Mapping[str, Better] = {
    **{metric.name: metric.better for metric in METRICS.values()},
    **dict.fromkeys(OPERATIONAL, "lower"),
    "throughput": "higher",
}


def find_direction(name: str) -> Better | None:
    """Return which way a metric of any task is better; None for one that is not of gitreg."""
    return _DIRECTIONS.get(name)


def list_names(kind: Kind) -> tuple[str, ...]:
    """Return the names of a task's metrics, sorted."""
    return tuple(sorted(name for of, name in METRICS if of == kind))


def find_metric(kind: Kind, name: str) -> Metric:
    """Return a task's metric.

    Raises: UsageError that names the nearest ones.
    """
    metric = METRICS.get((kind, name))
    if metric is not None:
        return metric
    names = list_names(kind)
    near = difflib.get_close_matches(name, names) or names
    raise UsageError(
        f"no metric of a {kind} task is called {name!r}", next_step=f"one of {', '.join(near)}"
    )
