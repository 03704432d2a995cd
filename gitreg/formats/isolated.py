"""A model in a process of its own: bounded in time and memory, without our environment.

It is given features only, never the targets; its answers are read as plain arrays. It is timed
and its memory measured from outside, so that nothing it says of itself is believed. This bounds
mistakes and keeps secrets of the environment away; it is no jail: the process can still read files
of this user and open connections.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gitreg.errors import InvalidError, SetupError
from gitreg.formats.exchange import read_message, to_bytes

_KEPT = ("PATH", "LANG", "LC_ALL", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VIRTUAL_ENV")
_CHUNK = 1 << 20
_SHOWN = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long loading or one prediction may take, in seconds, and its address space in bytes."""

    seconds: float = 300.0
    memory: int = 8 << 30


class IsolatedModel:
    """A model that answers `predict`; use it in a `with` statement, whose end is its end."""

    def __init__(self, path: Path, form: str, limits: Limits | None = None) -> None:
        self.name = path.name
        self.limits = limits or Limits()
        self.seconds = 0.0
        self._folder = tempfile.mkdtemp(prefix="gitreg-model-")
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 closed with the model
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gitreg.formats.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=self._folder,
            env={**kept, "HOME": self._folder, "TMPDIR": self._folder},
            start_new_session=True,
        )
        for stream in (self._process.stdin, self._process.stdout):
            os.set_blocking(stream.fileno(), False)  # type: ignore[union-attr]
        first = {"path": str(path.resolve()), "format": form, "memory": self.limits.memory}
        self._first: bytes | None = to_bytes(first)

    def predict(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model says of columns of equal length: `prediction`, perhaps `score`.

        `score` has a column a class, in the order of `classes`. `seconds` grows by the time taken.

        Raises: InvalidError where the model fails, or breaks its bounds; SetupError where what
        loads it is missing.
        """
        if self._first is not None:
            first, self._first = self._first, None
            self._ask(first, "loading it")
        start = time.perf_counter()
        answer = self._ask(to_bytes({}, columns), "its prediction")
        self.seconds += time.perf_counter() - start
        return answer

    def close(self) -> int:
        """End the process and all of its group; return its peak memory in bytes."""
        if self._process.returncode is not None:
            return 0
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        return usage.ru_maxrss * 1024

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, message: bytes, what: str) -> dict[str, Any]:
        """Send a message and return the arrays of the answer."""
        pipe = _Pipe(self._process, message, time.monotonic() + self.limits.seconds)
        try:
            head, arrays = read_message(pipe.read)
        except TimeoutError:
            raise self._failed(f"{what} took longer than {self.limits.seconds:g} s") from None
        except EOFError:
            raise self._failed(f"{what} ended its process") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._failed(f"{what}: {error}") from error
        if head.get("setup"):
            raise SetupError(str(head["what"]), next_step=str(head["next_step"]))
        if not head.get("ok"):
            raise self._failed(f"{what}: {head.get('what')}")
        return arrays

    def _failed(self, what: str) -> InvalidError:
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - _SHOWN))
        said = self._log.read().decode(errors="replace").strip().splitlines()
        hint = f"; the last it printed: {said[-1]}" if said else ""
        return InvalidError(
            f"the model {self.name} failed: {what}{hint}",
            next_step="see that it is given the right columns (--feature), and predict on the same "
            "rows yourself",
        )


class _Pipe:
    """One exchange with the process: writes while it reads, so that neither side blocks."""

    def __init__(self, process: subprocess.Popen[bytes], message: bytes, deadline: float) -> None:
        self._out, self._in = (
            stream.fileno() if stream else -1 for stream in (process.stdin, process.stdout)
        )
        self._left, self._got = memoryview(message), bytearray()
        self._deadline = deadline

    def read(self, size: int) -> bytes:
        """Return the next bytes of the answer.

        Raises: EOFError; TimeoutError.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._in, selectors.EVENT_READ)
            if self._left:
                selector.register(self._out, selectors.EVENT_WRITE)
            while len(self._got) < size:
                ready = selector.select(max(0.0, self._deadline - time.monotonic()))
                if not ready and time.monotonic() >= self._deadline:
                    raise TimeoutError
                for key, _ in ready:
                    self._move(selector, key.fd)
        data = bytes(self._got[:size])
        del self._got[:size]
        return data

    def _move(self, selector: selectors.BaseSelector, handle: int) -> None:
        if handle == self._in:
            data = os.read(handle, _CHUNK)
            if not data:
                raise EOFError
            self._got += data
            return
        try:
            self._left = self._left[os.write(handle, self._left[:_CHUNK]) :]
        except BrokenPipeError:
            self._left = self._left[:0]  # why it went is seen where its answer is read
        if not self._left:
            selector.unregister(handle)
