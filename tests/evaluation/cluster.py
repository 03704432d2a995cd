"""A real Dask cluster on the loopback: a scheduler and two worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


def _start(stack: ExitStack, folder: Path, *words: str) -> None:
    """Start a program of Dask's, which is gone at the end."""
    sealed = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "DASK_CONFIG": str(folder),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    }
    with (folder / "log").open("ab") as log:
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "dask", *words, "--scheduler-file", str(folder / "cluster")],
                cwd=folder,
                env=sealed,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        )
    stack.callback(process.kill)


@contextmanager
def serve_dask(folder: Path, *, workers: int = 2) -> Iterator[str]:
    """Yield the address of a scheduler with so many workers, which share this machine's files."""
    import distributed

    with ExitStack() as stack:
        _start(stack, folder, "scheduler", "--host", HOST, "--port", "0", "--no-dashboard")
        for number in range(workers):
            place = folder / f"worker-{number}"
            alone = ("--no-nanny", "--no-dashboard", "--nthreads", "1", "--memory-limit", "0")
            _start(stack, folder, "worker", *alone, "--local-directory", str(place))
        client: Any = distributed.Client(scheduler_file=str(folder / "cluster"))  # type: ignore[no-untyped-call]
        with client:
            client.wait_for_workers(workers, timeout=120)
            address = str(client.scheduler.address)
        yield address
