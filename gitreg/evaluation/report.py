"""`report.json`: what was measured of a version, and of its champion in the same run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitreg.domain.report import SCHEMA
from gitreg.evaluation.metrics import Figure, Measurement, find_metric
from gitreg.evaluation.speed import Speed
from gitreg.value import Value


class OwnFigures(Value):
    """Figures of metrics that are the caller's own code; None where one is not defined."""

    metrics: Mapping[str, float | None] = {}
    slices: Mapping[str, Mapping[str, Mapping[str, float]]] = {}

    def defined(self) -> dict[str, float]:
        """Return those that are."""
        return {name: value for name, value in self.metrics.items() if value is not None}


class Measured(Value):
    """One version, measured; its process is over."""

    version: str
    measurement: Measurement
    speed: Speed
    own: OwnFigures = OwnFigures()

    def figures(self) -> dict[str, object]:
        """Return `version`, `metrics` and `slices`, as gates read them."""
        measurement = self.measurement
        metrics = {
            **self._defined(measurement.figures()),
            **_plain(self.own.defined()),
            **self.speed.metrics(),
        }
        slices = {
            name: {
                group: {
                    **self._defined(figures),
                    **_plain(self.own.slices.get(name, {}).get(group, {})),
                }
                for group, figures in groups.items()
            }
            for name, groups in measurement.slice_figures().items()
        }
        return {
            "version": self.version,
            "metrics": metrics,
            **({"slices": slices} if slices else {}),
        }

    def _defined(self, figures: Mapping[str, Figure]) -> dict[str, dict[str, object]]:
        kind = self.measurement.task.kind
        found: dict[str, dict[str, object]] = {}
        for name, figure in figures.items():
            if figure.value is not None:
                metric = find_metric(kind, name)
                ends = {"low": figure.low, "high": figure.high, "unit": metric.unit}
                known = {key: value for key, value in ends.items() if value is not None}
                found[name] = {"value": figure.value, "better": metric.better, **known}
        return found


def _plain(figures: Mapping[str, float]) -> dict[str, dict[str, object]]:
    return {name: {"value": value} for name, value in figures.items()}


def make_report(
    *,
    model: str,
    data: Mapping[str, str],
    challenger: Measured,
    champion: Measured | None,
    environment: Mapping[str, Any],
    manifest: str,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the value of a `report.json` (schemas/report.v1.json).

    `data` has the data set's `sha256` and perhaps its `name`; `manifest` is the sha256 of the
    `model.json` whose artifacts were measured. Under `extra` is what gates do not read: confusion,
    curves, fairness, why a figure is missing, and `more`.
    """
    return {
        "schema": SCHEMA,
        "model": model,
        "data": dict(data),
        **challenger.figures(),
        **({"champion": champion.figures()} if champion else {}),
        "extra": {
            **_details(challenger),
            "changes": _changes(challenger, champion),
            "environment": dict(environment),
            **(more or {}),
            "manifest": manifest,
        },
    }


def _details(challenger: Measured) -> dict[str, object]:
    measurement, own = challenger.measurement, challenger.own.metrics
    figures, confusion = measurement.figures(), measurement.confusion()
    undefined = {name: "it returned no finite number" for name in own if own[name] is None}
    return {
        "task": measurement.task.to_dict(),
        "resampling": measurement.resampling.to_dict(),
        "rows": measurement.rows,
        "undefined": {
            **{n: f.reason for n, f in figures.items() if f.value is None},
            **undefined,
        },
        "errors": {n: f.error for n, f in figures.items() if f.error},
        "confusion": None if confusion is None else confusion.tolist(),
        "curves": {name: curve.to_dict() for name, curve in measurement.curves().items()},
        "fairness": {name: _fairness(measurement, name) for name in measurement.slices},
    }


def _fairness(measurement: Measurement, name: str) -> dict[str, object]:
    gaps = {f"{metric}_gap": figure for metric, figure in measurement.gaps(name).items()}
    figures = {**measurement.fairness(name), **gaps}
    return {key: figure.to_dict() for key, figure in figures.items()}


def _changes(challenger: Measured, champion: Measured | None) -> dict[str, object]:
    if champion is None or champion.measurement.task.kind != challenger.measurement.task.kind:
        return {}
    changes = challenger.measurement.compare(champion.measurement)
    mine, theirs = challenger.own.defined(), champion.own.defined()
    return {
        **{name: figure.to_dict() for name, figure in changes.items()},
        **{name: {"value": mine[name] - theirs[name]} for name in mine if name in theirs},
    }
