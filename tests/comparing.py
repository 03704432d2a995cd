"""A registry worth comparing in: two models, signatures that change, and signed measurements."""

from __future__ import annotations

from typing import Any

from gitreg.domain.canonical import dumps
from gitreg.registry.api import Registry
from gitreg.registry.evaluate import draft_evaluation
from gitreg.registry.policy import apply_policy
from gitreg.registry.writing import record_drafts
from tests.fixtures import Team, write

HOLDOUT, OTHER = "ab" * 32, "cd" * 32

_HEAD = """\
schema: gitreg/model/v1
name: {name}
version: 0.0.0
"""
FIRST = """\
description: Species from four flower measurements.
framework: {name: scikit-learn, version: 1.5.0}
architecture: {family: LogisticRegression, hyperparameters: {C: 1.0, penalty: l2}}
signature:
  inputs:  [{name: x, datatype: FP64, shape: [-1, 4]}]
  outputs: [{name: species, datatype: INT64, shape: [-1]}]
training:
  dataset: {name: iris, rows: 120}
  environment: {python: 3.11.7}
metrics: {accuracy: 0.9, latency_p95_ms: {value: 2.5, unit: ms}}
"""
SECOND = """\
description: Species from four flower measurements, and the site.
framework: {name: scikit-learn, version: 1.6.0}
architecture: {family: LogisticRegression, hyperparameters: {C: 0.5, solver: lbfgs}}
signature:
  inputs:
    - {name: x, datatype: FP32, shape: [-1, 4]}
    - {name: site, datatype: BYTES, shape: [-1]}
  outputs:
    - {name: species, datatype: INT64, shape: [-1]}
    - {name: score, datatype: FP64, shape: [-1, 3]}
training:
  dataset: {name: iris, rows: 150}
  environment: {python: 3.12.1}
metrics: {accuracy: 0.95, latency_p95_ms: {value: 2.0, unit: ms}}
"""


def figure(value: float, spread: float = 0.02, **more: Any) -> dict[str, Any]:
    """A measured figure with an interval."""
    return {"value": value, "low": value - spread, "high": value + spread, **more}


def put_model(team: Team, name: str, version: str, text: str, size: int = 100) -> None:
    """Register a version that says `text` of itself."""
    folder = team.clone / "models" / name
    write(folder / "model.skops", f"{name} {version}\n" * size)
    write(folder / "model.yaml", _HEAD.format(name=name) + text)
    team.open().register(folder, files=[folder / "model.skops"], version=version)


def measure(
    registry: Registry,
    reference: str,
    metrics: dict[str, Any],
    *,
    champion: tuple[str, dict[str, Any]] | None = None,
    data: str = HOLDOUT,
) -> None:
    """Sign a report."""
    entry = registry[reference].entry
    report: dict[str, Any] = {
        "schema": "gitreg/report/v1",
        "model": entry.model,
        "version": entry.version,
        "data": {"sha256": data},
        "metrics": metrics,
    }
    if champion:
        report["champion"] = {"version": champion[0], "metrics": champion[1]}
    draft = draft_evaluation(entry, dumps(report))
    record_drafts(registry, lambda _: [draft])


def release_versions(team: Team) -> None:
    """Register iris 1.0.0 and 1.1.0, measured in one run, and rose 1.0.0; iris 1.0.0 is live."""
    file = team.clone / "gitreg.yaml"
    text = file.read_text().replace("    yank:", "    evaluate: [maintainers]\n    yank:")
    write(file, text.replace("models:", f"datasets: {{holdout: {{sha256: {HOLDOUT}}}}}\nmodels:"))
    apply_policy(team.open())
    put_model(team, "iris", "1.0.0", FIRST)
    put_model(team, "iris", "1.1.0", SECOND, size=200)
    put_model(team, "rose", "1.0.0", FIRST.replace("0.9,", "0.8,"))
    registry = team.open()
    registry.promote("iris@1.0.0", stage="staging")
    registry.promote("iris@1.0.0", stage="production")
    measure(
        registry,
        "iris@1.1.0",
        {
            "accuracy": figure(0.96, better="higher"),
            "f1_macro": figure(0.91),
            "latency_p95_ms": {"value": 2.0, "unit": "ms", "better": "lower"},
        },
        champion=(
            "1.0.0",
            {
                "accuracy": figure(0.89, better="higher"),
                "f1_macro": figure(0.9),
                "latency_p95_ms": {"value": 2.4, "unit": "ms", "better": "lower"},
            },
        ),
    )
