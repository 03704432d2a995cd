"""Where the shards of an evaluation run: in this process, or on a cluster that is there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, TypeVar, cast

from gitreg.errors import UsageError

ENGINES = ("local", "dask")  # a module each

T = TypeVar("T")
R = TypeVar("R")


class Engine(Protocol):
    """Runs the same work on several items.

    `SHARES_MEMORY` tells whether work may keep something here; else work, items and what comes back
    are pickled. `slots` is how many items run at once.
    """

    SHARES_MEMORY: bool

    @property
    def slots(self) -> int:
        """How many items run at once."""

    def run(self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """Yield what `work` returns of each item, in their order.

        Raises: what `work` does; TransferError where a cluster fails.
        """

    def describe(self) -> Mapping[str, Any]:
        """Return what a report says of it under `extra`; nothing of this process."""

    def close(self) -> None:
        """Let go of it."""


def open_engine(name: str, scheduler: str | None = None) -> Engine:
    """Return an engine; `scheduler` is the address of a cluster's.

    Raises: UsageError; SetupError; TransferError.
    """
    if name not in ENGINES:
        raise UsageError(f"there is no engine {name}", next_step=f"one of {', '.join(ENGINES)}")
    return cast("Engine", import_module(f"gitreg.evaluation.engines.{name}").open_engine(scheduler))
