"""Look-ups in process, beside MLflow's SQLAlchemy store on SQLite: python benchmarks/lookups.py.

Prints a Markdown table of milliseconds. `process` is a fresh one, from its start to its end: it
imports what it needs, opens the registry or the store, and makes one call; gitreg's index is warm.
`p50` and `p95` are of further calls in one process, each about another version. The two halves take
turns, and the benchmark ends where they answer differently.

What is not the same: a version of MLflow has a number and no metrics, so that a filter by metric
takes two calls, to its runs and to its versions; its store finds no words and nothing similar; a
version that MLflow lists has its tags with it, where gitreg reads them once they are asked for;
gitreg counts all that a filter finds, where MLflow stops after a page of 20; and only gitreg has
verified who signed what it answers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registries import SHAPES, build
from sealed import seal

import gitreg
from gitreg.registry.version import ModelVersion

_HERE = Path(__file__).parent
_OURS = ("resolve a stage", "get a version", "list a model's versions", "filter by tag")
_LOOKUPS = (*_OURS, "filter by metric", "find by words", "similar versions")
_ONLY_OURS = ("find by words", "similar versions")
_QUESTIONS = 400
_WORD = re.compile("[a-z]{4,}")
_HEADINGS = (
    *("registry", "lookup", "gitreg: process", "p50", "p95"),
    *("MLflow: process", "p50", "p95", "process, times", "p50, times"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", default="1000,10000", help="sizes of registries")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--runs", type=int, default=5, help="fresh processes of each lookup")
    parser.add_argument("--cache", type=Path, help="folder to keep registries and MLflow in")
    parser.add_argument("--mlflow", type=Path, help="a Python that has mlflow; else one is made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gitreg-benchmark-") as home:
        seal(Path(home))
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        cache = options.cache or Path(home)
        mlflow = str(options.mlflow or _install_mlflow(cache))
        print(f"| {' | '.join(_HEADINGS)} |\n|{'---|' * len(_HEADINGS)}")
        for size in map(int, options.versions.split(",")):
            for shape in options.shapes.split(","):
                case = _Case(cache, shape, size, mlflow)
                for lookup in _LOOKUPS:
                    print(f"| {' | '.join(case.measure(lookup, options.runs))} |", flush=True)


def _install_mlflow(cache: Path) -> Path:
    """Return the Python of an environment with mlflow, made now if it is not in `cache`."""
    python = cache / "mlflow" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(cache / "mlflow")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "mlflow"], check=True)
    return python


class _Case:
    """One registry, the same in MLflow's tables, and what both are asked."""

    def __init__(self, cache: Path, shape: str, size: int, mlflow: str) -> None:
        self.name = f"{shape}, {size:,}"
        folder, database = cache / f"{shape}-{size}", cache / f"{shape}-{size}.sqlite"
        if not folder.is_dir():
            build(folder, size, shape)
        registry = gitreg.open(folder)
        versions = [version for model in registry for version in registry.versions(model)]
        if not database.exists():
            _fill(mlflow, database, versions)
        alive = [version for version in versions if version.entry.yanked is None]
        self._questions = Path(os.environ["HOME"]) / f"{shape}-{size}.json"
        self._questions.write_text(json.dumps(list(_ask(alive))), encoding="utf-8")
        self._halves = {
            "gitreg": [sys.executable, str(_HERE / "ask_gitreg.py"), str(folder)],
            "MLflow": [mlflow, str(_HERE / "ask_mlflow.py"), str(database)],
        }

    def measure(self, lookup: str, runs: int) -> list[str]:
        """Return a line of the table."""
        ours = self._halves if lookup not in _ONLY_OURS else {"gitreg": self._halves["gitreg"]}
        again = {half: self._run(half, lookup, "again") for half in ours}
        processes: dict[str, list[float]] = {half: [] for half in ours}
        for _ in range(runs):
            for half in ours:
                start = time.perf_counter()
                self._run(half, lookup, "once")
                processes[half].append(time.perf_counter() - start)
        self._compare(lookup, [found["answers"] for found in again.values()])
        figures = {
            half: (statistics.median(processes[half]), *_quantiles(again[half]["seconds"]))
            for half in ours
        }
        shown = [f"{1000 * value:.3g}" for half in figures.values() for value in half]
        if "MLflow" not in figures:
            return [self.name, lookup, *shown, *["—"] * 5]
        pairs = list(zip(figures["MLflow"], figures["gitreg"], strict=True))[:2]
        ratios = [f"{theirs / mine:.1f}" for theirs, mine in pairs]
        return [self.name, lookup, *shown, *ratios]

    def _run(self, half: str, lookup: str, when: str) -> dict[str, Any]:
        command = [*self._halves[half], str(self._questions), lookup, when]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{half}: {lookup} failed:\n{done.stderr}")
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def _compare(self, lookup: str, answers: list[list[object]]) -> None:
        """End the benchmark where the halves do not agree, as far as both have come."""
        for number, given in enumerate(zip(*answers, strict=False)):
            if len(set(given)) > 1:
                sys.exit(f"{self.name}: {lookup}: to question {number} the halves say {given}")


def _quantiles(seconds: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return cuts[9], cuts[18]


def _fill(mlflow: str, database: Path, versions: list[ModelVersion]) -> None:
    lines = "".join(json.dumps(said) + "\n" for said in _export(versions))
    part = database.with_suffix(".part")
    part.unlink(missing_ok=True)
    command = [mlflow, str(_HERE / "fill_mlflow.py"), str(part)]
    subprocess.run(command, input=lines, text=True, check=True, capture_output=True)
    part.rename(database)


def _export(versions: list[ModelVersion]) -> Iterator[dict[str, Any]]:
    """Yield what MLflow's tables can have of each version."""
    for row, version in enumerate(versions):
        metadata = version.metadata
        yield {
            "row": row,
            "model": version.model,
            "version": version.version,
            "ordinal": version.entry.ordinal,
            "time": version.entry.time,
            "stages": list(version.stages),
            **{name: metadata[name] for name in ("description", "tags", "metrics")},
        }


def _ask(versions: list[ModelVersion]) -> Iterator[dict[str, Any]]:
    """Yield questions about versions from all over the registry."""
    holders = [version for version in versions if version.stages]
    for number in range(_QUESTIONS):
        asked, holder = (found[number * 7919 % len(found)] for found in (versions, holders))
        metadata = asked.metadata
        tag, value = sorted(metadata["tags"].items())[number % 2]
        yield {
            "model": asked.model,
            "version": asked.version,
            "ordinal": asked.entry.ordinal,
            "holder": holder.model,
            "stage": holder.stages[0],
            "tag": tag,
            "value": value,
            "metric": "accuracy",
            "floor": metadata["metrics"]["accuracy"],
            "words": " ".join(_WORD.findall(metadata["description"])[1:3]),
        }


if __name__ == "__main__":
    main()
