"""What every state of this room can do, and sums that do not depend on how they were split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from gitreg.evaluation.metrics.arrays import Floats, divide, pack, unpack
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.task import Task
from gitreg.value import Value


class State(Protocol):
    """All that metrics need to know of the rows so far, in memory that does not grow with them.

    `update` and `merge` return a new state: states of parts of the data, merged in any order, are
    the state of the whole. Labels in a batch are positions in the task's classes. `NAME` is the
    state's in a file. Where `RESAMPLED` is true, the first axis of the sums has the data and then
    each resample.
    """

    NAME: ClassVar[str]
    RESAMPLED: ClassVar[bool]

    @classmethod
    def start(cls, task: Task, replicates: int) -> Self:
        """Return the state of no rows."""

    def update(self, batch: Batch) -> Self:
        """Return the state of these rows too."""

    def merge(self, other: Self) -> Self:
        """Return the state of the rows of both."""

    def to_dict(self) -> dict[str, object]:
        """Return the state as JSON has it, bit for bit."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""


def weigh(columns: list[Floats], batch: Batch) -> Floats:
    """Return the weighted sums of columns: (1 + replicates, columns).

    numpy adds pairwise, so that the rounding error grows with the logarithm of the rows.
    """
    if batch.weight is not None:
        columns = [column * batch.weight for column in columns]
    sums = np.array([[column.sum() for column in columns]], dtype=np.float64)
    if batch.draws is None:
        return sums
    # No matrix product: its threads wait for each other on a busy machine, and round differently.
    resampled = [np.einsum("r,rd->d", column, batch.draws) for column in columns]
    return np.vstack([sums, np.stack(resampled, axis=1)])


class Sums(Value, eq=False, kw_only=False):
    """Sums with what rounding took from them, so that merging costs no digits.

    Two-sum of Knuth, as Ogita, Rump and Oishi use it (Accurate sum and dot product, SISC 2005).
    """

    sums: Floats
    lost: Floats

    @classmethod
    def zeros(cls, *shape: int) -> Self:
        """Return sums of nothing."""
        return cls(np.zeros(shape), np.zeros(shape))

    @property
    def total(self) -> Floats:
        """The sums, rounded once; infinite where they left a double's range."""
        return np.where(np.isfinite(self.sums), self.sums + self.lost, self.sums)

    def add(self, sums: Floats) -> Self:
        """Return the sums with these added."""
        total = self.sums + sums
        rounded = total - self.sums
        error = (self.sums - (total - rounded)) + (sums - rounded)
        return type(self)(total, self.lost + error)

    def merge(self, other: Self) -> Self:
        """Return the sums of both."""
        joined = self.add(other.sums)
        return type(self)(joined.sums, joined.lost + other.lost)

    def to_dict(self) -> dict[str, object]:
        """The sums as JSON has them."""
        return {"sums": pack(self.sums), "lost": pack(self.lost)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        return cls(unpack(data.get("sums")), unpack(data.get("lost")))


class Moments(Value, eq=False, kw_only=False):
    """Weight, mean and summed squared deviation of a column, on the data and on each resample.

    Merged by Chan, Golub and LeVeque (Updating formulae and a pairwise algorithm for computing
    sample variances, 1979), which does not subtract large numbers.
    """

    weight: Floats
    mean: Floats
    squares: Floats

    @classmethod
    def zeros(cls, size: int) -> Self:
        """Return the moments of nothing."""
        return cls(np.zeros(size), np.zeros(size), np.zeros(size))

    @classmethod
    def measure(cls, column: Floats, batch: Batch) -> Self:
        """Return the moments of a column of the batch."""
        centre = column.mean()
        away = column - centre
        weight, shift, squares = weigh([np.ones_like(away), away, away * away], batch).T
        moved = np.nan_to_num(divide(shift, weight))
        return cls(weight, centre + moved, np.maximum(squares - moved * shift, 0.0))

    def merge(self, other: Self) -> Self:
        """Return the moments of both."""
        weight = self.weight + other.weight
        part = np.nan_to_num(divide(other.weight, weight))
        away = other.mean - self.mean
        squares = self.squares + other.squares + away * away * self.weight * part
        return type(self)(weight, self.mean + away * part, squares)

    def to_dict(self) -> dict[str, object]:
        """The moments as JSON has them."""
        return {"moments": pack(np.stack([self.weight, self.mean, self.squares]))}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; raises InvalidError."""
        weight, mean, squares = unpack(data.get("moments"))
        return cls(weight, mean, squares)
