"""Code of others in a process of its own: bounded in time and memory, without our environment.

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
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from gitreg.errors import GitregError, InvalidError, SetupError, UntrustedError
from gitreg.formats.exchange import read_message, to_bytes
from gitreg.formats.file import ModelFile
from gitreg.value import Value

_KEPT = ("PATH", "LANG", "LC_ALL", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VIRTUAL_ENV")
_CHUNK = 1 << 20
_SHOWN = 2000
_SINGLE = 100  # requests of one row, after
_WARM = 5  # that do not count
_TOLD = {error.__name__: error for error in (InvalidError, SetupError, UntrustedError)}


class Limits(Value):
    """How long loading or one prediction may take, in seconds, and its address space in bytes."""

    seconds: float = 300.0
    memory: int = 8 << 30


class IsolatedProcess:
    """A process that runs code of others; use it in a `with` statement, whose end is its end.

    `what` is what it runs, as messages name it. `ended` says that it will answer no more: it broke
    its bounds, went away, or said what is no answer.
    """

    def __init__(self, what: str, *, limits: Limits | None = None, next_step: str) -> None:
        self.what = what
        self.limits = limits or Limits()
        self.ended = False
        self._next_step = next_step
        self._folder = tempfile.mkdtemp(prefix="gitreg-model-")
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 closed with the process
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 closed with the process
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        printed = self._printed.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-P", "-m", "gitreg.formats.worker", str(printed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            pass_fds=(printed,),
            cwd=self._folder,
            env={**kept, "HOME": self._folder, "TMPDIR": self._folder},
            start_new_session=True,
        )
        for stream in (self._process.stdin, self._process.stdout):
            os.set_blocking(stream.fileno(), False)  # type: ignore[union-attr]

    @property
    def printed(self) -> str:
        """The last that it printed on its standard output."""
        return _tail(self._printed)

    def left_running(self) -> int | None:
        """Return how many other processes there are in its session, None where nobody can tell."""
        processes = Path("/proc")
        if not (processes / "self/stat").exists():
            return None
        found = 0
        for stat in processes.glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it ended meanwhile
                state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
                found += session == str(self._process.pid) and state not in "ZX"
        return found - 1

    def close(self) -> int:
        """End the process and all of its group; return its peak memory in bytes."""
        self.ended = True
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
        self._printed.close()
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

    def exchange(
        self, message: bytes, what: str, *, deadline: float | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Send a message, and return the head and the arrays of the answer.

        `what` is asked for, as messages name it; `deadline` is a time of the monotonic clock.

        Raises: InvalidError where it fails, or breaks its bounds; SetupError where what it needs
        is missing here; UntrustedError.
        """
        if deadline is None:
            deadline = time.monotonic() + self.limits.seconds
        pipe = _Pipe(self._process, message, deadline)
        try:
            head, arrays = read_message(pipe.read)
        except TimeoutError:
            raise self._end(f"{what} took longer than {self.limits.seconds:g} s") from None
        except EOFError:
            raise self._end(f"{what} ended its process") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._end(f"{what}: {error}") from error
        if known := _TOLD.get(str(head.get("error"))):
            raise known(str(head.get("what")), next_step=str(head.get("next_step")))
        if not head.get("ok"):
            raise self._failed(f"{what}: {head.get('what')}")
        return head, arrays

    def _end(self, what: str) -> InvalidError:
        """What it would still say is the answer to another question."""
        self.ended = True
        return self._failed(what)

    def _failed(self, what: str) -> InvalidError:
        said = (_tail(self._log) or self.printed).splitlines()
        hint = f"; the last it printed: {said[-1]}" if said else ""
        return InvalidError(f"{self.what} failed: {what}{hint}", next_step=self._next_step)


class IsolatedModel(IsolatedProcess):
    """A model that answers `predict`."""

    def __init__(self, file: ModelFile, limits: Limits | None = None) -> None:
        super().__init__(
            f"the model {file.path.name}",
            limits=limits,
            next_step="see that the file is whole and of the format that model.yaml says, and load "
            "it yourself",
        )
        self.seconds = 0.0
        first = {
            "path": str(file.path.resolve()),
            "format": file.format,
            "entrypoint": file.entrypoint,
            "memory": self.limits.memory,
        }
        self._first: bytes | None = to_bytes(first)

    def load(self) -> None:
        """Load the model, unless that is done.

        Raises: as `predict`.
        """
        if self._first is None:
            return
        first, self._first = self._first, None
        try:
            self.exchange(first, "loading it")
        except GitregError:
            self.ended = True
            raise
        self._next_step = (
            "see that it is given the right columns (--feature), and predict on the same rows "
            "yourself"
        )

    def predict(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model says of columns of equal length: `prediction`, perhaps `score`.

        `score` has a column a class, in the order of `classes`. `seconds` grows by the time taken.

        Raises: InvalidError where the model fails, or breaks its bounds; SetupError where what
        loads it is missing; UntrustedError for types that its format does not vouch for.
        """
        self.load()
        start = time.perf_counter()
        _, answer = self.exchange(to_bytes({}, columns), "its prediction")
        self.seconds += time.perf_counter() - start
        return answer

    def time_single(self, columns: Mapping[str, Any]) -> list[float]:
        """Return how long each of 100 requests of one row of `columns` takes, in seconds.

        Raises: as `predict`.
        """
        rows, before, times = len(next(iter(columns.values()))), self.seconds, []
        for number in range(_WARM + _SINGLE):
            row, start = number % rows, self.seconds
            self.predict({name: column[row : row + 1] for name, column in columns.items()})
            times.append(self.seconds - start)
        self.seconds = before
        return times[_WARM:]


def _tail(file: IO[bytes]) -> str:
    """Return the end of what a process wrote into a file."""
    if file.closed:
        return ""
    size = os.fstat(file.fileno()).st_size
    data = os.pread(file.fileno(), _SHOWN, max(0, size - _SHOWN))
    return data.decode(errors="replace").strip()


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
