"""Ten million rows of binary predictions: python benchmarks/evaluate.py.

Prints a Markdown table of medians, of ratios to numpy's single pass, and of memory.

The single pass is what somebody would write by hand for these figures and no more: in chunks,
predictions by a threshold, the confusion matrix by one `bincount`, log loss by one clipped
logarithm, Brier score by one square, and ROC AUC by one histogram of 131,072 bins, again a
`bincount`. It checks nothing: no missing values, no labels, no exact mode for small data, no
compensated sums, no average precision. Each way runs in a process of its own, which generates the
rows chunk by chunk and times only what comes after; the ways take turns, so that a machine that
slows down slows all of them down.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

CHUNK = 1 << 20
BINS = 1 << 17
METRICS = ("accuracy", "f1", "log_loss", "brier", "roc_auc")

Target = npt.NDArray[np.int64]
Score = npt.NDArray[np.float64]
Figures = dict[str, float]
Way = Callable[[int], tuple[Figures, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5, help="runs of each way")
    parser.add_argument("--way", choices=WAYS, help="run one way, print its figures as JSON")
    options = parser.parse_args()
    if options.way:
        figures, seconds = WAYS[options.way](options.rows)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"figures": figures, "seconds": seconds, "memory": memory}))
        return
    _compare(options.rows, options.runs)


def _compare(rows: int, runs: int) -> None:
    measured: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    figures: dict[str, Figures] = {}
    for _ in range(runs):
        for way, taken in measured.items():
            command = [sys.executable, __file__, "--rows", str(rows), "--way", way]
            done = subprocess.run(command, capture_output=True, check=True, text=True)
            result = json.loads(done.stdout)
            figures[way] = result.pop("figures")
            taken.append(result)
    base = statistics.median(run["seconds"] for run in measured["numpy, a single pass"])
    print(f"| {rows:,} rows | seconds | ratio | peak memory, MB | {' | '.join(METRICS)} |")
    print("|---" * (4 + len(METRICS)) + "|")
    for way, taken in measured.items():
        seconds, memory = (
            statistics.median(run[name] for run in taken) for name in ("seconds", "memory")
        )
        found = " | ".join(f"{figures[way][name]:.9f}" for name in METRICS)
        print(f"| {way} | {seconds:.3f} | {seconds / base:.2f} | {memory:.0f} | {found} |")


def _generate(rows: int) -> Iterator[tuple[Target, Score]]:
    generator = np.random.default_rng(0)
    for start in range(0, rows, CHUNK):
        size = min(CHUNK, rows - start)
        target = generator.integers(0, 2, size)
        noise = generator.normal(size=size)
        yield target, 1 / (1 + np.exp(-(noise + 1.5 * target - 0.75)))


def _run_single_pass(rows: int) -> tuple[Figures, float]:
    confusion, histogram = np.zeros(4), np.zeros(2 * BINS)
    loss = brier = taken = 0.0
    for target, score in _generate(rows):
        start = time.perf_counter()
        confusion += np.bincount(2 * target + (score > 0.5), minlength=4)
        likely = np.where(target, score, 1 - score)
        loss -= np.log(np.clip(likely, 1e-15, 1 - 1e-15)).sum()
        brier += ((1 - likely) ** 2).sum()
        places = np.minimum((score * BINS).astype(np.intp), BINS - 1)
        histogram += np.bincount(places + target * BINS, minlength=2 * BINS)
        taken += time.perf_counter() - start
    start = time.perf_counter()
    negative, positive = histogram.reshape(2, BINS)
    below = np.cumsum(negative) - negative / 2
    _, false, missed, true = confusion
    figures = {
        "accuracy": 1 - (false + missed) / rows,
        "f1": 2 * true / (2 * true + false + missed),
        "log_loss": loss / rows,
        "brier": brier / rows,
        "roc_auc": float(positive @ below / positive.sum() / negative.sum()),
    }
    return figures, taken + time.perf_counter() - start


def _run_gitreg(rows: int, replicates: int = 0) -> tuple[Figures, float]:
    from gitreg.evaluation.metrics import Measurement, Resampling, Task, read_batch

    resampling = Resampling(replicates=replicates)
    measurement = Measurement.start(Task(kind="binary"), METRICS, resampling)
    taken, row = 0.0, 0
    for target, score in _generate(rows):
        start = time.perf_counter()
        measurement = measurement.update(read_batch(target, score=score, first_row=row))
        taken += time.perf_counter() - start
        row += len(target)
    start = time.perf_counter()
    figures = {name: figure.value or 0.0 for name, figure in measurement.figures().items()}
    return figures, taken + time.perf_counter() - start


def _run_intervals(rows: int) -> tuple[Figures, float]:
    return _run_gitreg(rows, replicates=100)


def _run_sklearn(rows: int) -> tuple[Figures, float]:
    from sklearn import metrics

    chunks = list(_generate(rows))  # it takes all rows at once
    target, score = (np.concatenate(column) for column in zip(*chunks, strict=True))
    del chunks
    start = time.perf_counter()
    prediction = score > 0.5
    metrics.confusion_matrix(target, prediction)
    figures = {
        "accuracy": float(metrics.accuracy_score(target, prediction)),
        "f1": float(metrics.f1_score(target, prediction)),
        "log_loss": float(metrics.log_loss(target, score)),
        "brier": float(metrics.brier_score_loss(target, score)),
        "roc_auc": float(metrics.roc_auc_score(target, score)),
    }
    return figures, time.perf_counter() - start


WAYS: dict[str, Way] = {
    "numpy, a single pass": _run_single_pass,
    "gitreg": _run_gitreg,
    "gitreg, with intervals of 100 resamples": _run_intervals,
    "scikit-learn": _run_sklearn,
}

if __name__ == "__main__":
    main()
