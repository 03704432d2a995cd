"""Verifying many signatures, beside the work of whoever asks for them.

A fork of this process does it, where forking is safe. Threads, which do it elsewhere, wait for
Python's lock after each signature, and that takes about as long as the check.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gitreg.signing.sshsig import SignatureError, verify

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_MANY = 100  # fewer are verified before anything else has started
_PIPE = 1 << 20  # bytes: the next batch is sent while one is being verified

Verified = list[str | SignatureError]
Signed = Sequence[tuple[bytes, str]]


class Verifier(AbstractContextManager["Verifier"]):
    """Verifies batch after batch; what it needs for that ends with the `with` block."""

    def __init__(self) -> None:
        self._fork: _Fork | None = None

    def __exit__(self, *_: object) -> None:
        if self._fork:
            self._fork.end()

    def start(self, signed: Signed) -> Callable[[], Verified]:
        """Begin to verify (payload, armour) each; return what waits for the outcome.

        That is each one's key, as of `verify`, or what is wrong with it. Outcomes come in the order
        of the batches.
        """
        cores = _count_cores()
        if self._fork is None and (len(signed) < _MANY or cores < 2):
            return partial(_verify_each, signed)
        if self._fork is None and _may_fork():
            self._fork = _Fork()
        return self._fork.start(signed) if self._fork else _start_threads(signed, cores)


class _Fork:
    """A fork of this process that verifies what comes through a pipe, until the pipe is closed."""

    def __init__(self) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        requests, self._requests = context.Pipe(duplex=False)
        self._answers, answers = context.Pipe(duplex=False)
        _widen(self._requests)
        ours = (self._requests, self._answers)
        self._process = context.Process(target=_serve, args=(requests, answers, ours), daemon=True)
        self._process.start()
        requests.close()
        answers.close()

    def start(self, signed: Signed) -> Callable[[], Verified]:
        with suppress(OSError):  # it has ended: then so do the answers
            self._requests.send(signed)
        return partial(self._wait, signed)

    def _wait(self, signed: Signed) -> Verified:
        try:
            found: Verified = self._answers.recv()
        except (EOFError, OSError):
            return _verify_each(signed)  # somebody killed it
        return found

    def end(self) -> None:
        self._requests.close()
        self._answers.close()
        self._process.join()


def _serve(
    requests: Connection, answers: Connection, of_the_other: tuple[Connection, Connection]
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the other's to end
    for end in of_the_other:
        end.close()  # else the pipe would stay open after the other has closed it, or was killed
    with suppress(EOFError, OSError):
        while True:
            answers.send(_verify_each(requests.recv()))


def _widen(pipe: Connection) -> None:
    from fcntl import F_SETPIPE_SZ, fcntl

    with suppress(OSError):  # the user's other pipes are as wide as may be: it is slower then
        fcntl(pipe.fileno(), F_SETPIPE_SZ, _PIPE)


def _may_fork() -> bool:
    """Whether this is Linux, and nobody else runs here who could hold a lock that a fork needs."""
    threads = Path("/proc/self/task")
    if not threads.is_dir() or len(list(threads.iterdir())) > 1:
        return False
    from multiprocessing import current_process

    return not current_process().daemon  # such a one of somebody's pool may not


def _start_threads(signed: Signed, cores: int) -> Callable[[], Verified]:
    from concurrent.futures import ThreadPoolExecutor

    # A slice for each: handing over one at a time would take as long as the check.
    size = -(-len(signed) // cores)
    slices = [signed[start : start + size] for start in range(0, len(signed), size)]
    pool = ThreadPoolExecutor(cores)
    parts = [pool.submit(_verify_each, part) for part in slices]
    pool.shutdown(wait=False)
    return lambda: [found for part in parts for found in part.result()]


def _verify_each(signed: Signed) -> Verified:
    found: Verified = []
    for payload, armour in signed:
        try:
            found.append(verify(payload, armour))
        except SignatureError as error:
            found.append(SignatureError(error.what))  # a caught one would hold on to this list
    return found


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
