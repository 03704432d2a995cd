"""A verified ledger, as every command has it; `reading.py` verifies, and is imported for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitreg.domain.chain import Chain
from gitreg.domain.entries import Head, ValidRecord, VersionEntry, VoidRecord
from gitreg.domain.foundation import NOTHING
from gitreg.domain.state import State

if TYPE_CHECKING:
    from gitreg.domain.record import Record
    from gitreg.domain.rules import Accepted
    from gitreg.index.lookups import Lookups
    from gitreg.index.store import Store


class Ledger:
    """A verified ledger: its state, and what each commit was. `tip` is None for an empty one.

    `begun_by` are the keys that began a later format since the root last decided. `documents` are
    the new versions' `model.json` by their records, where they are kept for a store. What `store`
    has is looked up there; what came since is here.
    """

    def __init__(
        self, *, tip: str | None = None, records: Chain[ValidRecord] | None = None
    ) -> None:
        self.tip = tip
        self.store: Store | None = None
        self.state = State()
        self.records: Chain[ValidRecord] = Chain() if records is None else records
        self.void: Chain[VoidRecord] = Chain()
        self.begun_by: set[str] = set()
        self.documents: dict[int, bytes] | None = None

    def rest_on(self, store: Store) -> None:
        """Let go of what a store has now: all of it."""
        self.tip, self.store = store.tip, store
        before = self._stored
        self.state = State(before or NOTHING)
        self.records = Chain(before.records() if before else ())
        self.void = Chain(before.void() if before else ())
        self.begun_by = set(store.begun_by)

    @property
    def _stored(self) -> Lookups | None:
        """What the store has; None where it has no record, or there is none."""
        return self.store.lookups() if self.store else None

    @property
    def root(self) -> str | None:
        """The sha256 of the first record: what a client pins."""
        return self.records[0].digest if self.records else None

    def records_of(self, model: str, version: str | None = None) -> list[ValidRecord]:
        """Return the records about a model, or about one version of it, oldest first."""
        stored = self._stored.records_of(model, version) if self._stored else []
        new = [item for item in self.records.new if item.record.model == model]
        if version is not None:
            new = [item for item in new if version in (item.record.version, item.record.replaces)]
        return [*stored, *new]

    def newest_time(self, now: int) -> int:
        """Return the newest time of a record that is not after `now`, 0 where there is none."""
        times = [item.record.tagger.time for item in self.records.new]
        stored = self._stored.newest_time(now) if self._stored else 0
        return max([stored, *(time for time in times if time <= now)])

    def document(self, entry: VersionEntry) -> bytes | None:
        """Return the `model.json` of a version where the store has it."""
        return self._stored.document(entry) if self._stored else None

    def accept(
        self, record: Record, accepted: Accepted, *, signer: str, digest: str, commit: str
    ) -> ValidRecord:
        """Go on from a signed record that holds, in the ledger commit `commit`."""
        valid = ValidRecord(
            record=record,
            person=accepted.person,
            signer=signer,
            digest=digest,
            commit=commit,
            entries=accepted.entries,
        )
        head = Head(index=record.index, digest=digest, commit=commit)
        self.state.advance(head, accepted.entries)
        policy = self.state.policy()
        if policy and policy.decided == record.index:
            self.begun_by.clear()
        self.records.append(valid)
        self.tip = commit
        return valid
