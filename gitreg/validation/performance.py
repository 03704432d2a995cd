"""The check `performance`: time and memory, against the bounds that `model.yaml` sets."""

from __future__ import annotations

from collections.abc import Iterator

from gitreg.errors import SetupError
from gitreg.evaluation.speed import Speed
from gitreg.validation.outcome import Item, Seen
from gitreg.validation.trial import Trial

NAME = "performance"


def check_latency(trial: Trial) -> Iterator[Item]:
    """Time requests of one row.

    Raises: InvalidError where the model fails; SetupError where there are no inputs.
    """
    inputs, _ = trial.plain()
    if trial.subject.fixes_rows:
        raise SetupError("the signature fixes the number of rows", next_step="write -1 for it")
    times = trial.open().time_single(inputs)
    figures = _values(Speed(single=times, batches=0.0, rows=0, memory=0, size=0))
    yield from _judge(trial, figures, "latency_p95_ms", "ms", "latency of one row, p95")


def check_memory(trial: Trial) -> Iterator[Item]:
    """End the model, which is what tells how much it took.

    Raises: InvalidError where the model fails; SetupError where there are no inputs.
    """
    if not trial.answers:
        trial.plain()
    memory = trial.close()
    figures = _values(Speed(single=(), batches=0.0, rows=0, memory=memory, size=0))
    yield from _judge(trial, figures, "memory_mib", "MiB", "memory")


def _values(speed: Speed) -> dict[str, float]:
    found = {name: figure["value"] for name, figure in speed.metrics().items()}
    return {n: v for n, v in found.items() if isinstance(v, float) and n != "model_size"}


def _judge(
    trial: Trial, figures: dict[str, float], name: str, unit: str, what: str
) -> Iterator[Item]:
    """Yield what was measured, and whether it is within its bound."""
    subject, bound = trial.subject, f"max_{name}"
    limit, found = subject.wanted.get(bound), figures[name]
    yield Seen(what=f"{what}: {found:.4g} {unit}", figures=figures)
    if limit is None:
        yield subject.find(
            "note",
            "performance.unchecked",
            f"{what}: not checked, because model.yaml sets no bound",
            next_step=f"add validation: {{{bound}: …}}",
        )
    elif found > limit:
        yield subject.find(
            "error",
            f"performance.{name}",
            f"{what}: {found:.4g} {unit}, and model.yaml allows {limit:g} {unit}",
            next_step=f"make it smaller, or change validation.{bound}",
        )


PARTS = (("latency", check_latency), ("memory", check_memory))
