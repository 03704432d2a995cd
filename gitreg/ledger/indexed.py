"""The ledger through its index: what was verified before is looked up, what is new is verified."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gitreg.git.process import GitProcessError
from gitreg.git.repository import Repository
from gitreg.index.store import OvertakenError, Store
from gitreg.ledger import BRANCH
from gitreg.ledger.verified import Ledger

_BATCH = 4096  # records that are kept in memory before they are written
_ATTEMPTS = 20


def open_ledger(repository: Repository, find_tip: Callable[[], str | None]) -> Ledger:
    """Return the verified ledger that ends in the commit that `find_tip` finds.

    It is asked again where other processes have moved the index meanwhile.

    Raises: whatever `find_tip` raises; UntrustedError.
    """
    tip = find_tip()
    if tip is None:
        return Ledger()
    for _ in range(_ATTEMPTS):
        store = Store.open(repository.common_dir)
        if store.tip and not _leads(repository, store.tip, tip):
            before, tip = tip, find_tip()
            if tip is None:
                return Ledger()
            if tip != before:
                continue  # it is ahead of what was found first
            store.clear()
        try:
            return _read(repository, store, tip)
        except OvertakenError:
            continue
    return _read(repository, Store.open_private(), tip)


def read_at(repository: Repository, tip: str | None) -> Ledger:
    """Return the ledger that ends in `tip`, which may be pending or past: the index stays as it is.

    Raises: UntrustedError.
    """
    store = Store.open(repository.common_dir)
    ledger = Ledger()
    if tip and store.tip and _leads(repository, store.tip, tip):
        store.make_anew = partial(_make_anew, repository, store.tip, store.path is None)
        ledger.rest_on(store)
    if tip == ledger.tip:
        return ledger
    from gitreg.ledger.reading import read_ledger

    return read_ledger(repository, tip, base=ledger)


def _leads(repository: Repository, one: str, other: str) -> bool:
    """Whether the commit `other` continues `one`."""
    try:
        return repository.continues(one, other)
    except GitProcessError:
        return False  # `one` is not here


def _read(repository: Repository, store: Store, tip: str) -> Ledger:
    """Read on from what a store has, and let it follow.

    Raises: OvertakenError; UntrustedError.
    """
    if store.tip:
        store.make_anew = partial(_make_anew, repository, store.tip, store.path is None)
    filling = _Filling(store)
    filling.read_on(repository, tip)
    store.make_anew = partial(_make_anew, repository, tip, store.path is None)
    return filling.ledger


def _make_anew(repository: Repository, tip: str, is_private: bool) -> Store:  # noqa: FBT001
    """Return a store that has the same ledger, read anew."""
    fresh = Store.open_private() if is_private else Store.open(repository.common_dir)
    try:
        fresh.clear()
        _read(repository, fresh, tip)
    except OvertakenError:
        fresh = Store.open_private()
        _read(repository, fresh, tip)
    return fresh


def settle(repository: Repository, ledger: Ledger) -> Store:
    """Return a store that has all of a ledger: the index, else a copy that has what is pending.

    Raises: UntrustedError.
    """
    if ledger.store and ledger.store.tip == ledger.tip:
        return ledger.store

    def find_tip() -> str | None:
        return repository.refs(BRANCH).get(BRANCH)

    if find_tip() == ledger.tip and (published := open_ledger(repository, find_tip).store):
        return published
    store = Store.open_private()
    if ledger.store:
        ledger.store.copy_to(store)
    filling = _Filling(store)
    filling.read_on(repository, ledger.tip)
    return store


class _Filling:
    """A ledger that is read on, and moved to its store a batch at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ledger = Ledger()
        self.ledger.rest_on(store)
        self.ledger.documents = {}
        self._is_writable = True

    def read_on(self, repository: Repository, tip: str | None) -> None:
        """Verify what is new up to `tip`, and let the store have it.

        Raises: OvertakenError; UntrustedError.
        """
        if tip == self.ledger.tip:
            return  # without an import of what verifies
        from gitreg.ledger.reading import read_ledger

        read_ledger(repository, tip, base=self.ledger, folded=self.take)
        self.write()

    def take(self) -> None:
        """Let the store have what was read, if that is much."""
        if len(self.ledger.records.new) + len(self.ledger.void.new) >= _BATCH:
            self.write()

    def write(self) -> None:
        """Let the store have what it lacks. Raises: OvertakenError."""
        ledger, store = self.ledger, self.store
        if ledger.tip is None or ledger.tip == store.tip or not self._is_writable:
            return
        from gitreg.index.filling import Batch

        batch = Batch(
            before=store.tip,
            tip=ledger.tip,
            records=ledger.records.new,
            void=ledger.void.new,
            documents=ledger.documents or {},
            state=ledger.state,
            begun_by=frozenset(ledger.begun_by),
        )
        self._is_writable = store.write(batch)
        if self._is_writable:
            ledger.rest_on(store)
            ledger.documents = {}
