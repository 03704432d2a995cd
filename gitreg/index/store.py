"""The file of the index: found, opened, written by many processes, and made anew when damaged.

Readers see the state at one ledger commit, whoever writes meanwhile (SQLite's write-ahead log
gives each a snapshot). The file is this machine's alone: locks need not reach another one.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from gitreg import __version__, memory
from gitreg.domain.entries import Head
from gitreg.index.codec import DamagedError
from gitreg.index.lookups import Lookups
from gitreg.index.tables import FORMAT, TABLES
from gitreg.index.transaction import transaction
from gitreg.places import cache_folder

if TYPE_CHECKING:
    from gitreg.index.filling import Batch

T = TypeVar("T")

_DAMAGE = (sqlite3.Error, ValueError)  # DamagedError is a ValueError
_ATTEMPTS = 3
_PATIENCE = 5  # seconds that a write waits for another
_MONTH = 30 * 24 * 3600


class OvertakenError(Exception):
    """Another process has moved the index meanwhile."""


class Store:
    """A database with the tables of the index, seen as it was when it was opened or written last.

    `path` is None for a private one, which ends with this process.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path | None, folder: Path | None = None
    ) -> None:
        self.path, self._folder = path, folder
        self.make_anew: Callable[[], Store] | None = None
        self._use(connection)

    def _use(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._close = weakref.finalize(self, connection.close)
        self._look()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index of the repository in the Git directory `folder`, empty if it is new.

        Where none can be kept, a private one is opened.
        """
        with contextlib.suppress(OSError, ValueError):  # there is no place for it
            path = _find_path(folder)
            for _ in range(_ATTEMPTS):
                try:
                    return cls(_connect(path), path, folder)
                except sqlite3.OperationalError:
                    continue  # another process is making it
                except _DAMAGE:
                    path = _supersede(path, folder)
        return cls.open_private()

    @classmethod
    def open_private(cls) -> Self:
        """Open an empty one that no other process sees, on disk only as far as it is large."""
        connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        connection.executescript(TABLES)
        return cls(connection, None)

    def _look(self) -> None:
        """Take the newest state there is, and stay with it."""
        if self.connection.in_transaction:
            self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")
        meta = dict(self.connection.execute("SELECT name, value FROM meta"))
        self.tip: str | None = meta.get("tip")
        head = json.loads(meta.get("head", "null"))
        self.head = Head(**head) if head else None
        self.begun_by = frozenset(json.loads(meta.get("begun_by", "[]")))

    def lookups(self) -> Lookups | None:
        """Return the look-ups over the state; None before the first valid record."""
        return Lookups(self.ask, self.head) if self.head else None

    def write(self, batch: Batch) -> bool:
        """Go on by a batch, and see the state after it; False where it cannot be written.

        Raises: OvertakenError.
        """
        from gitreg.index.filling import fill

        try:
            self.connection.execute("COMMIT")  # the newest state is written on, whatever was seen
            with transaction(self.connection):
                _check_tip(self.connection, batch.before)
                fill(self.connection, batch)
        except _DAMAGE:
            self._look()
            return False
        self._look()
        if self.tip != batch.tip:
            raise OvertakenError
        return True

    def clear(self) -> None:
        """Begin anew: what is kept is of another history, or damaged."""
        self._close()
        if self.path is not None and self._folder is not None:
            try:
                self.path = _supersede(self.path, self._folder)
                self._use(_connect(self.path))
            except (OSError, *_DAMAGE):
                self.path = None
            else:
                return
        self._adopt(Store.open_private())

    def _adopt(self, other: Store) -> None:
        """Go on with the database of another store, which is not used any more."""
        other._close.detach()
        self._close()
        self.path, self._folder = other.path, other._folder
        self._use(other.connection)

    def copy_to(self, other: Store) -> None:
        """Let another store have the same."""
        other.connection.execute("COMMIT")  # no copy is made into what somebody looks at
        self.run(lambda connection: connection.backup(other.connection))
        other._look()

    def ask(
        self, decode: Callable[..., T], sql: str, *values: object, count: int | None = None
    ) -> list[T]:
        """Answer a statement, each row as `decode` reads it; `count` is how many there must be."""

        def answer(connection: sqlite3.Connection) -> list[T]:
            found = [decode(*row) for row in connection.execute(sql, values)]
            if count is not None and len(found) != count:
                raise DamagedError("rows of the index are missing")
            return found

        return self.run(answer)

    def run(self, answer: Callable[[sqlite3.Connection], T]) -> T:
        """Return what the database answers; a damaged one is made anew first."""
        try:
            return answer(self.connection)
        except _DAMAGE:
            if self.make_anew is None:
                raise
            make_anew, self.make_anew = self.make_anew, None
            self._adopt(make_anew())
            return answer(self.connection)


def _check_tip(connection: sqlite3.Connection, tip: str | None) -> None:
    found = connection.execute("SELECT value FROM meta WHERE name = 'tip'").fetchone()
    if (found[0] if found else None) != tip:
        raise OvertakenError


def _find_path(folder: Path, instead_of: Path | None = None) -> Path:
    """Return where a repository's index is, or is to be.

    Nobody who could write into the cache elsewhere, such as that of CI, can tell its name.
    """
    machine = os.uname().nodename.replace("/", "-") or "here"
    former = instead_of.name.partition("-")[0] if instead_of else None
    name = memory.name_index(folder.resolve(), machine, instead_of=former)
    return cache_folder() / "index" / machine / f"{name}-{FORMAT}-{__version__}.sqlite"


def _supersede(path: Path, folder: Path) -> Path:
    """Remove a file, and return where the next one is to be: never in the same place.

    Whoever has it open may go on, and what SQLite removes when that ends is nobody else's.
    """
    following = _find_path(folder, instead_of=path)
    _remove(path)
    return following


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, made with its tables where it is new.

    Raises: OSError; sqlite3.Error.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_old(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    how = "immutable=1" if _is_read_only(path) else "mode=rw"
    connection = sqlite3.connect(
        f"{path.as_uri()}?{how}",
        uri=True,
        timeout=_PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            connection.execute("PRAGMA journal_mode = WAL")
            with transaction(connection):
                if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                    for statement in TABLES.split(";"):
                        connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _remove(path: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _remove_old(folder: Path) -> None:
    """Remove what nobody has written for a month: repositories and versions come and go."""
    for path in folder.glob("*.sqlite"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - _MONTH:
                _remove(path)
