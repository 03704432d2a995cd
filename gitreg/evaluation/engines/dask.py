"""Shards on a Dask cluster that runs already.

The cluster is the user's own: who runs its scheduler can run code here, for Dask pickles what it
sends. `tls://` and the like are configured as for any Dask client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from gitreg.errors import SetupError, TransferError, UsageError

_PATIENCE = 30.0  # seconds to reach the scheduler
_SCHEMES = ("tcp", "tls", "ucx", "ws", "wss")

T = TypeVar("T")
R = TypeVar("R")


class DaskEngine:
    """A client of a Dask scheduler."""

    SHARES_MEMORY = False

    def __init__(self, client: Any) -> None:
        self._client = client
        self.slots: int = sum(client.nthreads().values())

    def run(self, work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
        """Yield what `work` returns of each item, in their order.

        Raises: what `work` does; TransferError where the cluster loses it.
        """
        from distributed import CancelledError, KilledWorker

        futures = self._client.map(work, items, pure=False)
        try:
            for future in futures:
                yield future.result()
        except (CancelledError, asyncio.CancelledError, KilledWorker, OSError) as error:
            raise TransferError(
                f"the Dask cluster lost a shard: {error}",
                next_step="see the logs of its workers, and run the same command again",
            ) from error
        finally:
            self._client.cancel(futures)

    def describe(self) -> Mapping[str, Any]:
        """Return the name of the engine, its size, and of what the operational figures are."""
        workers = len(self._client.nthreads())
        note = f"run on Dask: latency, throughput and memory are those of one of {workers} workers"
        return {"engine": {"name": "dask", "workers": workers, "slots": self.slots, "note": note}}

    def close(self) -> None:
        """End the connection; the cluster stays."""
        self._client.close()


def open_engine(scheduler: str | None) -> DaskEngine:
    """Connect to a scheduler, such as `tcp://10.0.0.1:8786`.

    Raises: UsageError; SetupError without Dask, or without a worker; TransferError.
    """
    if scheduler is None or scheduler.partition("://")[0] not in _SCHEMES:
        raise UsageError(
            "Dask's scheduler is not named" if scheduler is None else f"no scheduler: {scheduler}",
            next_step="--engine dask --scheduler tcp://HOST:8786",
        )
    try:
        import distributed
    except ImportError as error:
        raise SetupError(
            "running on Dask needs distributed", next_step="pip install 'gitreg[dask]'"
        ) from error
    try:
        client: Any = distributed.Client(  # type: ignore[no-untyped-call]
            scheduler, timeout=_PATIENCE, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise TransferError(
            f"Dask's scheduler at {scheduler} could not be reached: {error}",
            next_step="check its address, and that it runs the same version of Dask",
        ) from error
    engine = DaskEngine(client)
    if not engine.slots:
        engine.close()
        raise SetupError(
            f"Dask's scheduler at {scheduler} has no worker",
            next_step=f"start one: dask worker {scheduler}",
        )
    return engine
