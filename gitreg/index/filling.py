"""Writing what a span of the ledger established into the tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from gitreg.domain.entries import (
    DeployEntry,
    Entry,
    PolicyEntry,
    ProposalEntry,
    ReportEntry,
    StageEntry,
    ValidRecord,
    VerdictEntry,
    VersionEntry,
    VoidRecord,
)
from gitreg.domain.state import State
from gitreg.index.encoding import write, write_document, write_record
from gitreg.index.rows import count_versions
from gitreg.value import Value, fields_of


class Batch(Value):
    """What the ledger commits after `before` up to `tip` were.

    `documents` are the `model.json` of registrations by their records; `state` is that after all.
    """

    before: str | None
    tip: str
    records: Sequence[ValidRecord]
    void: Sequence[VoidRecord]
    documents: Mapping[int, bytes]
    state: State
    begun_by: frozenset[str]


def fill(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write a batch, within the transaction of the caller."""
    filling = _Filling(connection, batch)
    for item in batch.records:
        filling.add_record(item)
        for entry in item.entries:
            filling.add(entry)
    filling.finish()


class _Filling:
    def __init__(self, connection: sqlite3.Connection, batch: Batch) -> None:
        self._execute = connection.execute
        self._batch = batch
        self._signers: dict[str, int] = {}
        self._next_row = count_versions(connection)

    def add_record(self, item: ValidRecord) -> None:
        record = item.record
        about = (record.model, record.version, record.replaces, record.tagger.time)
        self._execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)",
            (record.index, self._signer(item.signer), *about, write_record(item)),
        )

    def add(self, entry: Entry) -> None:
        match entry:
            case VersionEntry():
                self._add_version(entry)
            case StageEntry():
                self._add_stage(entry)
            case ReportEntry():
                self._add_report(entry)
            case VerdictEntry():
                key = (entry.model, entry.version, entry.stage, entry.seq, entry.person)
                self._execute(
                    "INSERT INTO verdicts (model, version, stage, seq, person, body) "
                    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
                    (*key, write(entry)),
                )
            case DeployEntry():
                values = (entry.index, entry.model, write(entry))
                self._execute("INSERT INTO deploys VALUES (?, ?, ?)", values)
            case PolicyEntry():
                sql = "INSERT INTO policies VALUES ((SELECT count(*) FROM policies), ?)"
                self._execute(sql, (write(entry),))
            case ProposalEntry():
                pass  # all that are open are written at the end

    def _add_version(self, entry: VersionEntry) -> None:
        body, key = write(entry), (entry.model, entry.version)
        if entry.deprecated is not None or entry.yanked is not None:
            self._execute(
                "UPDATE versions SET deprecated = ?, yanked = ?, body = ? "
                "WHERE model = ? AND version = ?",
                (entry.deprecated, entry.yanked, body, *key),
            )
            return
        row, self._next_row = self._next_row, self._next_row + 1
        values = (row, *key, entry.index, body)
        self._execute("INSERT INTO versions VALUES (?, ?, ?, ?, NULL, NULL, ?)", values)
        document = write_document(self._batch.documents[entry.index], entry.manifest)
        self._execute("INSERT INTO documents VALUES (?, ?)", (row, document))

    def _add_stage(self, entry: StageEntry) -> None:
        place = (entry.model, entry.stage)
        values = (*place, entry.seq, entry.index, write(entry))
        self._execute("INSERT INTO stages VALUES (?, ?, ?, ?, ?)", values)
        if entry.version is None:
            self._execute("DELETE FROM holders WHERE model = ? AND stage = ?", place)
            return
        row = self._row(entry.model, entry.version)
        self._execute("INSERT OR REPLACE INTO holders VALUES (?, ?, ?)", (*place, row))
        self._execute("INSERT OR IGNORE INTO entered VALUES (?, ?)", (entry.stage, row))

    def _add_report(self, entry: ReportEntry) -> None:
        values = (entry.index, entry.model, entry.version, write(entry))
        self._execute("INSERT INTO reports VALUES (?, ?, ?, ?)", values)
        row = self._row(entry.model, entry.version)
        for metric, value in entry.report.challenger.metrics.items():
            found = (metric, row, str(value), entry.index)
            self._execute("INSERT OR REPLACE INTO measured VALUES (?, ?, ?, ?)", found)

    def finish(self) -> None:
        """Write what is known at the end of the batch alone."""
        batch, state = self._batch, self._batch.state
        [(place,)] = self._execute("SELECT count(*) FROM void")
        for number, item in enumerate(batch.void, place):
            self._execute("INSERT INTO void VALUES (?, ?)", (number, write(item)))
        entries = [entry for item in batch.records for entry in item.entries]
        if any(isinstance(entry, PolicyEntry | ProposalEntry) for entry in entries):
            self._execute("DELETE FROM proposals")
            for number, proposal in enumerate(state.proposals.values()):
                self._execute("INSERT INTO proposals VALUES (?, ?)", (number, write(proposal)))
        touched = {entry.model for entry in entries if isinstance(entry, VersionEntry | StageEntry)}
        for model in touched:
            newest = state.newest(model)
            row = self._row(model, newest.version) if newest else None
            values = (model, state.last_ordinal(model), state.last_time(model), row)
            self._execute("INSERT OR REPLACE INTO models VALUES (?, ?, ?, ?)", values)
        head = state.head()
        for name, value in (
            ("tip", batch.tip),
            ("head", json.dumps(fields_of(head) if head else None)),
            ("begun_by", json.dumps(sorted(batch.begun_by))),
        ):
            self._execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _row(self, model: str, version: str) -> int:
        sql = "SELECT row FROM versions WHERE model = ? AND version = ?"
        return int(self._execute(sql, (model, version)).fetchone()[0])

    def _signer(self, key: str) -> int:
        if key not in self._signers:
            self._execute("INSERT OR IGNORE INTO signers (key) VALUES (?)", (key,))
            found = self._execute("SELECT number FROM signers WHERE key = ?", (key,)).fetchone()
            self._signers[key] = int(found[0])
        return self._signers[key]
