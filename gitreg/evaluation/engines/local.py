"""Shards one after another, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from gitreg.errors import UsageError

T = TypeVar("T")
R = TypeVar("R")


class LocalEngine:
    """This process."""

    SHARES_MEMORY = True
    slots = 1

    def run(self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """Yield what `work` returns of each item; raises what it does."""
        return map(work, items)

    def describe(self) -> Mapping[str, Any]:
        """Return nothing."""
        return {}

    def close(self) -> None:
        """Nothing is held open."""


def open_engine(scheduler: str | None) -> LocalEngine:
    """Return this process.

    Raises: UsageError where a scheduler is named.
    """
    if scheduler is not None:
        raise UsageError("a scheduler is of an engine", next_step="--engine dask --scheduler …")
    return LocalEngine()
