"""What the versions of a benchmark's registry say of themselves: much, as a team's do, and varied.

Every value comes from a hash of the model and the version, so that each run makes the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from gitreg.domain.canonical import sha256
from gitreg.domain.model import SCHEMA

T = TypeVar("T")
DOMAINS = ("botany", "fraud", "weather", "credit", "churn", "text", "traffic", "energy", "health")
_WORDS = {
    "adjective": ("robust", "compact", "calibrated", "early", "seasonal", "regional", "quick"),
    "subject": ("flower species", "card payments", "rainfall", "late invoices", "customers who go"),
    "source": ("four measurements", "a year of events", "sensor readings", "free text", "images"),
    "use": ("nightly reports", "alerts", "a mobile app", "triage by people", "planning"),
}
_TASKS = ("tabular-classification", "tabular-regression", "text-classification", "other")
_FRAMEWORKS = (("scikit-learn", "1.9.1"), ("xgboost", "3.0.2"), ("pytorch", "2.8.0"))
_FAMILIES = ("LogisticRegression", "RandomForest", "GradientBoosting", "MLP", "Transformer")
_LICENSES = ("Apache-2.0", "MIT", "BSD-3-Clause")
_AUTHORS = ("Alice", "Bob", "Carol", "Dave", "Erin")


class Chance:
    """Choices that look like chance and are always the same for one `seed`."""

    def __init__(self, seed: str) -> None:
        self.digest = sha256(seed.encode())

    def below(self, limit: int, of: str) -> int:
        """Return a number from 0 to `limit` - 1."""
        return int(sha256(f"{self.digest} {of}".encode())[:8], 16) % limit

    def pick(self, options: Sequence[T], of: str) -> T:
        """Return one of `options`."""
        return options[self.below(len(options), of)]

    def number(self, low: float, high: float, of: str) -> float:
        """Return a number of four digits between `low` and `high`."""
        return round(low + (high - low) * self.below(10_001, of) / 10_000, 4)


def make_document(model: str, version: str, parent: str | None) -> dict[str, Any]:
    """Return the value of a version's `model.json`; `parent` is the version before, if any."""
    of_model, own = Chance(model), Chance(f"{model} {version}")
    framework, release = of_model.pick(_FRAMEWORKS, "framework")
    seed, commit = own.digest, own.digest[:40]
    return {
        "schema": SCHEMA,
        "name": model,
        "version": version,
        "description": _describe(of_model),
        "task": of_model.pick(_TASKS, "task"),
        "license": of_model.pick(_LICENSES, "license"),
        "authors": [{"name": own.pick(_AUTHORS, "author"), "email": "team@example.org"}],
        "tags": {"domain": model.partition("-")[0], "team": f"team-{of_model.below(20, 'team')}"},
        "framework": {"name": framework, "version": release},
        "architecture": {
            "family": of_model.pick(_FAMILIES, "family"),
            "parameters": 10 ** (1 + of_model.below(6, "parameters")) + own.below(1000, "more"),
            "hyperparameters": {"C": own.number(0.01, 10, "C"), "depth": own.below(16, "depth")},
        },
        "signature": {
            "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, own.below(40, "x") + 1]}],
            "outputs": [{"name": "y", "datatype": "INT64", "shape": [-1]}],
        },
        "training": {
            "dataset": {"name": "train", "uri": "data/train.csv", "sha256": seed, "rows": 120},
            "code": {"commit": commit, "entrypoint": "python train.py"},
            "environment": {"python": "3.11.7", "requirements": "requirements.txt"},
            **({"parents": [f"{model}@{parent}"]} if parent else {}),
        },
        "metrics": make_metrics(model, version),
        "card": {
            "intended_use": f"For {of_model.pick(_WORDS['use'], 'card')}.",
            "limitations": f"Nothing but {of_model.pick(_WORDS['subject'], 'limits')} was tried.",
        },
        "artifacts": [make_artifact(model, version)],
    }


def make_artifact(model: str, version: str) -> dict[str, Any]:
    """Return a version's one artifact, which nobody has."""
    own = Chance(f"{model} {version}")
    digests = {"sha256": own.digest, "md5": own.digest[:32]}
    file = {"path": "model.skops", "role": "model", "format": "skops"}
    return {**file, "size": 1000 + own.below(100_000, "size"), **digests}


def make_metrics(model: str, version: str) -> dict[str, float]:
    """Return what a version claims, and what an evaluation finds."""
    own = Chance(f"{model} {version}")
    accuracy = own.number(0.8, 0.999, "accuracy")
    return {
        "accuracy": accuracy,
        "f1_macro": round(accuracy - own.number(0, 0.05, "f1"), 4),
        "latency_p95_ms": own.number(1, 60, "latency"),
    }


def _describe(chance: Chance) -> str:
    words = {name: chance.pick(options, name) for name, options in _WORDS.items()}
    return "A {adjective} model of {subject}, made from {source}, for {use}.".format(**words)
