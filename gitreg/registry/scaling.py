"""An evaluation in shards: cut, sent to where they run, held to the same bytes, and merged."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from gitreg import __version__
from gitreg.artifacts.hashing import hash_file
from gitreg.errors import SetupError
from gitreg.evaluation.data import read_chunks
from gitreg.evaluation.engines import Engine
from gitreg.evaluation.metrics import Measurement
from gitreg.formats import ModelFile
from gitreg.formats.isolated import IsolatedModel
from gitreg.registry.shards import Part, Plan, Shard, measure_shard

_SHARDS_A_SLOT = 4  # so that a slow worker is not waited for by all


def _describe_software() -> str:
    python = ".".join(platform.python_version_tuple()[:2])
    return f"gitreg {__version__}, numpy {np.__version__}, Python {python}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A shard of a plan for a model, wherever it runs.

    `files` has the sha256 of all that is read; `software` is what the others run with.
    """

    plan: Plan
    model: ModelFile
    files: Mapping[Path, str]
    shard: Shard = field(default_factory=Shard)
    start: Measurement | None = None
    software: str = field(default_factory=_describe_software)

    def run(self) -> Part:
        """Measure the shard.

        Raises: SetupError where files or software here are not the same; and as `measure_shard`.
        """
        if self.software != _describe_software():
            raise SetupError(
                f"{platform.node()} runs {_describe_software()}, and not {self.software}",
                next_step="install the same versions on all workers",
            )
        for path, sha256 in self.files.items():
            if _digest(path) != sha256:
                raise SetupError(
                    f"{platform.node()} has not the same file at {path}",
                    next_step="keep data and ~/.cache/gitreg (XDG_CACHE_HOME) in a folder that "
                    "all workers share",
                )
        model = IsolatedModel(self.model, self.plan.limits)
        return measure_shard(self.plan, model, self.shard, start=self.start)


def _digest(path: Path) -> str | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _hash_once(path, found.st_ino, found.st_size, found.st_mtime_ns)


@cache
def _hash_once(path: Path, *seen: int) -> str:
    """Return a file's sha256; a worker asks for each of its shards."""
    del seen
    return hash_file(path)


def measure_apart(engine: Engine, task: Task, advance: Callable[[int], object]) -> Part:
    """Return what the shards of a task come to, run by an engine.

    The first one finds out what all measure; merged in their order, they are the whole.

    Raises: as `Task.run`; InvalidError for data without rows; TransferError.
    """
    first, *others = cut_rows(task.plan, engine.slots)
    (whole,) = engine.run(Task.run, [replace(task, shard=first)])
    advance(whole.measurement.rows)
    begun = whole.measurement
    start = Measurement.start(begun.task, begun.metrics, begun.resampling)
    for part in engine.run(Task.run, [replace(task, shard=s, start=start) for s in others]):
        whole = whole.merge(part)
        advance(part.measurement.rows)
    return whole


def cut_rows(plan: Plan, slots: int) -> Iterator[Shard]:
    """Yield shards of whole chunks: the first chunk, then some for each slot.

    Raises: InvalidError where the data cannot be read.
    """
    rows = sum(map(len, read_chunks(plan.data, [plan.target], rows=plan.rows)))
    chunks = -(-rows // plan.rows)
    count = min(max(1, chunks - 1), slots * _SHARDS_A_SLOT)
    ends = [plan.rows * (1 + (chunks - 1) * n // count) for n in range(count + 1)]
    yield Shard(stop=ends[0])
    for start, stop in pairwise(ends):
        if start < rows:
            yield Shard(start=start, stop=stop)
