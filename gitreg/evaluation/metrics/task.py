"""What is measured: the kind of task, its classes, and how many resamples give the intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import numpy as np

from gitreg.errors import InvalidError, UsageError
from gitreg.evaluation.metrics.arrays import Floats

Kind = Literal["binary", "multiclass", "multilabel", "regression", "ranking"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Label = str | int | float | bool

# How often each of the 65,536 values of 16 random bits means 0, 1, 2 … copies of a row: Poisson(1)
# to within 2 in 65,536, moved so that mean and variance are both exactly 1.
_COPIES = (24108, 24111, 12055, 4019, 1003, 201, 33, 5, 1)
_DRAWS_A_BLOCK = 16  # Philox gives four words of 64 bits a count


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A kind of task.

    `classes` are the labels in the order of the score's columns; of two, the second is the
    positive one. A multi-label task names its labels there. `threshold`: a binary score above it
    is a positive prediction where no predictions are given. `top_k` counts classes, `cutoff`
    ranks.
    """

    kind: Kind
    classes: tuple[Label, ...] = ()
    threshold: float = 0.5
    top_k: int = 5
    cutoff: int = 10

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"no task is called {self.kind!r}", next_step=f"one of {_list(KINDS)}")
        if self.kind == "binary" and not self.classes:
            object.__setattr__(self, "classes", (0, 1))
        self._check_classes()
        if self.top_k < 1 or self.cutoff < 1:
            raise UsageError("top_k and cutoff count from 1")

    def _check_classes(self) -> None:
        count = len(self.classes)
        if len(set(self.classes)) < count or len({isinstance(c, str) for c in self.classes}) > 1:
            raise UsageError(
                f"the classes {_list(self.classes)} repeat themselves or mix text and numbers",
                next_step="name each class once, as it stands in the data",
            )
        needed = {"binary": count == 2, "multiclass": count >= 2, "multilabel": count >= 1}
        if not needed.get(self.kind, count == 0):
            raise UsageError(
                f"a {self.kind} task does not have {count} classes",
                next_step="name the classes in the order of the score's columns",
            )

    def to_dict(self) -> dict[str, object]:
        """The task as JSON has it."""
        return {
            "kind": self.kind,
            "classes": list(self.classes),
            "threshold": self.threshold,
            "top_k": self.top_k,
            "cutoff": self.cutoff,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises: InvalidError, UsageError.
        """
        try:
            return cls(**{**data, "classes": tuple(data["classes"])})
        except (KeyError, TypeError) as error:
            raise InvalidError(f"a state does not say its task: {error}") from error


def _list(values: tuple[object, ...]) -> str:
    return ", ".join(map(str, values))


@dataclass(frozen=True, kw_only=True, slots=True)
class Resampling:
    """The Poisson bootstrap: in each resample, each row counts Poisson(1) times.

    Chamandy, Muralidharan, Najmi and Naidu: Estimating uncertainty for massive data streams,
    Google 2012. How often a row counts depends on its number and on `seed` alone (a counter-based
    generator, Salmon and others: Parallel random numbers: as easy as 1, 2, 3, SC 2011), so
    neither chunks nor shards change the figures, and two models measured on the same rows are
    resampled alike.
    """

    replicates: int = 0
    seed: int = 0
    level: float = 0.95

    def __post_init__(self) -> None:
        if self.replicates < 0 or self.seed < 0 or not 0 < self.level < 1:
            raise UsageError(
                "resampling needs replicates and seed of at least 0, and a level between 0 and 1"
            )

    def draw(self, first_row: int, rows: int) -> Floats:
        """Return how often each row counts: (rows, replicates)."""
        blocks = -(-self.replicates // _DRAWS_A_BLOCK)
        generator = np.random.Philox(key=self.seed, counter=first_row * blocks)
        words = generator.random_raw(rows * blocks * 4).astype("<u8", copy=False)
        bits = words.view("<u2").reshape(rows, -1)[:, : self.replicates]
        table = np.repeat(np.arange(9, dtype=np.uint8), _COPIES)  # small enough for a cache
        return table.take(bits).astype(np.float64)

    def to_dict(self) -> dict[str, object]:
        """The resampling as JSON has it."""
        return {"replicates": self.replicates, "seed": self.seed, "level": self.level}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises: InvalidError, UsageError.
        """
        try:
            return cls(**data)
        except TypeError as error:
            raise InvalidError(f"a state does not say its resampling: {error}") from error
