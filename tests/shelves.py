"""Registries with many models for tests that only read: really signed, without artifacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitreg.domain.canonical import sha256
from gitreg.ledger.appending import Draft
from gitreg.registry.policy import apply_policy
from tests.fixtures import Team, forge
from tests.ledgers import HOLDOUT, model_json, report_json

Json = dict[str, Any]

BOTANY: Json = {
    "description": "Predicts the species of a flower from four measurements.",
    "task": "tabular-classification",
    "tags": {"domain": "botany"},
    "architecture": {"family": "LogisticRegression", "hyperparameters": {"C": 1.0}},
    "signature": {
        "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 4]}],
        "outputs": [{"name": "species", "datatype": "INT64", "shape": [-1]}],
    },
}
FRAUD: Json = {
    "description": "Scores card payments for fraud.",
    "task": "tabular-classification",
    "architecture": {"family": "GradientBoosting", "hyperparameters": {"depth": 3}},
    "signature": {
        "inputs": [{"name": "amount", "datatype": "FP32", "shape": [-1]}],
        "outputs": [{"name": "score", "datatype": "FP32", "shape": [-1]}],
    },
}


def register(team: Team, key: Path, model: str, version: str, **document: Any) -> None:
    """Sign the registration of a version that states this, whoever would refuse it."""
    data = model_json(model, version, **document)
    fields = {
        "model": model,
        "version": version,
        "path": f"models/{model}",
        "manifest": sha256(data),
    }
    commit = team.git("rev-parse", "HEAD")
    files = {"model.json": data}
    forge(team.clone, Draft(action="register", object=commit, fields=fields, files=files), key)


def let_evaluate(team: Team) -> None:
    """Let Alice sign evaluations."""
    file = team.clone / "gitreg.yaml"
    file.write_text(file.read_text().replace("    yank:", "    evaluate: [maintainers]\n    yank:"))
    apply_policy(team.open())


def measure(team: Team, key: Path, model: str, version: str, **metrics: float) -> None:
    """Sign an evaluation of a version."""
    data = report_json(model, version, HOLDOUT, metrics=metrics)
    fields = {"model": model, "version": version, "report": sha256(data)}
    entry = team.open().state.version(model, version)
    assert entry is not None
    files = {"report.json": data}
    draft = Draft(action="evaluate", object=entry.commit, fields=fields, files=files)
    forge(team.clone, draft, key)


def fill(team: Team, key: Path) -> None:
    """Register flowers and frauds: iris 1.0.0 and 1.2.0, lily 2.0.0, rose 1.0.0, fraud 0.1.0."""
    register(team, key, "iris", "1.0.0", **BOTANY, metrics={"accuracy": 0.93})
    register(team, key, "iris", "1.2.0", **BOTANY, metrics={"accuracy": 0.96})
    lily = {**BOTANY, "description": "Tells lilies by four measurements.", "tags": {}}
    register(team, key, "lily", "2.0.0", **lily, metrics={"accuracy": 0.91, "latency_p95_ms": 9})
    register(team, key, "rose", "1.0.0", description="Roses.", metrics={"accuracy": 0.5})
    register(team, key, "fraud", "0.1.0", **FRAUD, metrics={"latency_p95_ms": 30})
