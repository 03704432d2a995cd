"""Somewhere that may have files by their md5, and what makes each kind of it bearable.

A `Source` gives streams. `Patient` bounds how long a remote may keep its reader waiting, and reads
ahead; `LazySources` looks for sources only when a file is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from typing import Protocol

from gitreg.errors import GitregError, TransferError

PATIENCE = 60.0  # seconds that a remote may take to answer, and again for each next part
PART = 1 << 18  # bytes
_AHEAD = 8  # parts
_GLANCE = 0.5  # seconds between looks whether anybody still wants the file


class Stream(Protocol):
    """Bytes from somewhere."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end.

        Raises: OSError; TransferError.
        """

    def close(self) -> None:
        """Let go of it."""


class Source(Protocol):
    """Somewhere that may have files by their md5, DVC's name for them."""

    @property
    def name(self) -> str:
        """What a message calls it."""

    def open(self, md5: str, offset: int) -> Stream:
        """Open a file at `offset` (bytes); closing it is the caller's.

        Raises: FileNotFoundError; OSError; SetupError; TransferError.
        """

    def close(self) -> None:
        """Give up what is being read."""


def stored_path(md5: str) -> str:
    """Return where DVC keeps a file below a remote's folder."""
    return f"files/md5/{md5[:2]}/{md5[2:]}"


class Unusable:
    """Stands for a source that there could be: who asks it is told why there is none."""

    def __init__(self, error: GitregError) -> None:
        self.name = "the DVC remote"
        self._error = error

    def open(self, md5: str, offset: int) -> Stream:
        """Say what is wrong.

        Raises: the error.
        """
        del md5, offset
        raise self._error

    def close(self) -> None:
        """Nothing is held open."""


class Patient:
    """A source read in threads of its own, which may be left alone when it keeps silent.

    Time limits of sockets begin anew with each byte; `patience` (seconds) is for a whole part.
    """

    def __init__(self, source: Source, *, patience: float | None = None) -> None:
        self.name = source.name
        self._source = source
        self._patience = PATIENCE if patience is None else patience
        self._given_up = Event()

    def open(self, md5: str, offset: int) -> Stream:
        """Open a file at `offset`.

        Raises: as the source; TransferError where it does not answer.
        """
        return _ReadAhead(
            lambda: self._source.open(md5, offset), self.name, self._patience, self._given_up
        )

    def close(self) -> None:
        """Give up what is being read; its readers get a TransferError."""
        self._given_up.set()
        self._source.close()


class _ReadAhead:
    """A stream that a thread fills; the thread ends by itself when nobody reads any more."""

    def __init__(
        self, open_stream: Callable[[], Stream], name: str, patience: float, given_up: Event
    ) -> None:
        self._open, self._name, self._patience = open_stream, name, patience
        self._given_up = given_up
        self._closed = Event()
        self._parts: Queue[bytes | BaseException] = Queue(_AHEAD)
        self._rest = b""
        self._ended = False
        Thread(target=self._fill, daemon=True, name=f"reader of {name}").start()
        self._take()  # empty: the file is there, and open

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end."""
        if not self._rest and not self._ended:
            self._rest = self._take()
            self._ended = not self._rest
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    def close(self) -> None:
        """Let the thread end."""
        self._closed.set()

    def _take(self) -> bytes:
        waited = 0.0
        while True:
            try:
                part = self._parts.get(timeout=min(_GLANCE, self._patience))
            except Empty:
                waited += min(_GLANCE, self._patience)
                if self._given_up.is_set() or waited >= self._patience:
                    self.close()
                    raise TransferError(
                        f"{self._name} did not answer within {self._patience:g} seconds",
                        next_step="check the network, and run the same command again: "
                        "it goes on from there",
                    ) from None
                continue
            if isinstance(part, BaseException):
                self.close()
                raise part
            return part

    def _fill(self) -> None:
        try:
            with closing(self._open()) as stream:
                self._put(b"")
                while part := stream.read(PART):
                    if not self._put(part):
                        return
            self._put(b"")
        except (GitregError, OSError) as error:
            self._put(error)
        except BaseException as error:
            self._put(error)
            raise

    def _put(self, part: bytes | BaseException) -> bool:
        while not self._closed.is_set() and not self._given_up.is_set():
            try:
                self._parts.put(part, timeout=_GLANCE)
            except Full:
                continue
            return True
        return False


class LazySources:
    """Sources that are looked for once, and only when a file is not in the store."""

    def __init__(self, find: Callable[[], Iterable[Source]]) -> None:
        self._find = find
        self._found: list[Source] | None = None
        self._lock = Lock()

    def __iter__(self) -> Iterator[Source]:
        with self._lock:
            if self._found is None:
                self._found = list(self._find())
        return iter(self._found)

    def close(self) -> None:
        """Give up what is being read from them."""
        for source in self._found or ():
            source.close()
