"""The foundation of a state: look-ups in the tables (`domain.foundation.Foundation`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar, overload

from gitreg.domain.entries import (
    DeployEntry,
    Head,
    ModelEntry,
    PolicyEntry,
    ProposalEntry,
    ReportEntry,
    StageEntry,
    ValidRecord,
    VerdictEntry,
    VersionEntry,
    VoidRecord,
)
from gitreg.index import codec

T = TypeVar("T")
_PAGE = 64
_ABOUT_VERSION = (
    "SELECT number FROM records WHERE model = ?1 AND version = ?2 "
    "UNION SELECT number FROM records WHERE model = ?1 AND replaces = ?2"
)
_CHANGES = f"SELECT body FROM stages WHERE record IN ({_ABOUT_VERSION}) ORDER BY record"  # noqa: S608 all of it is written here
_RECORD = "SELECT body, key FROM records JOIN signers ON signers.number = records.signer"


class Ask(Protocol):
    """Runs a statement and returns its rows, each as `decode` reads it.

    Whatever is damaged is made anew first; `count` is how many rows there must be.
    """

    def __call__(
        self, decode: Callable[..., T], sql: str, *values: object, count: int | None = None
    ) -> list[T]:
        """Return the answer."""


class Stored(Sequence[T]):
    """A sequence that is kept in a table, read in pages when it is looked at.

    `fetch` returns the items from one place up to another.
    """

    def __init__(self, length: int, fetch: Callable[[int, int], list[T]]) -> None:
        self._length, self._fetch = length, fetch
        self._page: tuple[int, list[T]] = (0, [])

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            start, stop, step = place.indices(self._length)
            return self._read(start, max(start, stop))[::step] if step > 0 else list(self)[place]
        number = place + self._length if place < 0 else place
        if not 0 <= number < self._length:
            raise IndexError(place)
        first, items = self._page
        if not first <= number < first + len(items):
            # One alone is what most ask for; who goes on gets whole pages.
            goes_on = number in (first - 1, first + len(items)) and bool(items)
            first = number - number % _PAGE if goes_on else number
            count = _PAGE if goes_on else 1
            items = self._read(first, min(first + count, self._length))
            self._page = (first, items)
        return items[number - first]

    def __iter__(self) -> Iterator[T]:
        for start in range(0, self._length, _PAGE):
            yield from self._read(start, min(start + _PAGE, self._length))

    def _read(self, start: int, stop: int) -> list[T]:
        return self._fetch(start, stop) if start < stop else []


class Lookups:
    """What the records up to `head` established; `ask` answers over them and no others."""

    def __init__(self, ask: Ask, head: Head) -> None:
        self._ask, self._head = ask, head

    def head(self) -> Head:
        """The last valid record."""
        return self._head

    def records(self) -> Stored[ValidRecord]:
        """Every valid record, without its entries: the tables have those as they are now."""
        sql = f"{_RECORD} WHERE records.number >= ? AND records.number < ? ORDER BY records.number"
        return self._store(codec.read_record, self._head.index + 1, sql)

    def records_of(self, model: str, version: str | None) -> list[ValidRecord]:
        """Return the records about a model, or about one version of it, oldest first."""
        if version is None:
            sql = f"{_RECORD} WHERE model = ? ORDER BY records.number"
            return self._ask(codec.read_record, sql, model)
        sql = f"{_RECORD} WHERE records.number IN ({_ABOUT_VERSION}) ORDER BY records.number"
        return self._ask(codec.read_record, sql, model, version)

    def newest_time(self, now: int) -> int:
        """Return the newest time of a record that is not after `now`, 0 where there is none."""
        return self._number("SELECT max(time) FROM records WHERE time <= ?", now)

    def void(self) -> list[VoidRecord]:
        """Return the commits that carry no valid record."""
        return self._ask(codec.read_void, "SELECT body FROM void ORDER BY place")

    def document(self, entry: VersionEntry) -> bytes | None:
        """Return the `model.json` of a version; None for one that is newer than `head`."""

        def read(data: bytes) -> bytes:
            return codec.read_document(data, entry.manifest)

        sql = "SELECT data FROM versions JOIN documents USING (row) WHERE model = ? AND version = ?"
        return _first(self._ask(read, sql, entry.model, entry.version))

    def policies(self) -> Sequence[PolicyEntry]:
        """Every policy that was in force, oldest first."""
        sql = "SELECT body FROM policies WHERE place >= ? AND place < ? ORDER BY place"
        return self._store(codec.read_policy, self._number("SELECT count(*) FROM policies"), sql)

    def proposals(self) -> Sequence[ProposalEntry]:
        """The open proposals, in the order in which they were made."""
        return self._ask(codec.read_proposal, "SELECT body FROM proposals ORDER BY place")

    def models(self) -> Sequence[str]:
        """The names of all models."""
        return self._ask(str, "SELECT model FROM models")

    def overview(self) -> list[ModelEntry]:
        """Every model at a glance."""
        entered = "SELECT model, stage FROM stages WHERE seq = 1 ORDER BY model, record"
        held = "SELECT holders.model, stage, version FROM holders JOIN versions USING (row)"
        known = (
            "SELECT models.model, version, ordinal FROM models LEFT JOIN versions ON row = newest"
        )
        stages: dict[str, dict[str, str | None]] = {}
        for model, stage in self._ask(_values, entered):
            stages.setdefault(model, {})[stage] = None
        for model, stage, version in self._ask(_values, held):
            stages.setdefault(model, {})[stage] = version
        return [
            ModelEntry(model=model, newest=newest, ordinal=count, stages=stages.get(model, {}))
            for model, newest, count in self._ask(_values, known)
        ]

    def last_ordinal(self, model: str) -> int:
        """How many versions the model has."""
        return self._number("SELECT ordinal FROM models WHERE model = ?", model)

    def last_time(self, model: str) -> int:
        """The tagger time of the model's last tagged record, 0 before the first."""
        return self._number("SELECT time FROM models WHERE model = ?", model)

    def version(self, model: str, version: str) -> VersionEntry | None:
        """One version."""
        sql = "SELECT body FROM versions WHERE model = ? AND version = ?"
        return _first(self._ask(codec.read_version, sql, model, version))

    def versions(self, model: str) -> Sequence[VersionEntry]:
        """The model's versions in the order of their registration."""
        sql = "SELECT body FROM versions WHERE model = ? ORDER BY row"
        return self._ask(codec.read_version, sql, model)

    def newest(self, model: str) -> VersionEntry | None:
        """The highest release that is not yanked, else the highest pre-release."""
        sql = "SELECT body FROM models JOIN versions ON row = newest WHERE models.model = ?"
        return _first(self._ask(codec.read_version, sql, model))

    def stages(self, model: str) -> Sequence[str]:
        """The stages that anything of the model ever entered, in that order."""
        sql = "SELECT stage FROM stages WHERE model = ? AND seq = 1 ORDER BY record"
        return self._ask(str, sql, model)

    def stage_history(self, model: str, stage: str) -> Sequence[StageEntry]:
        """Every change of a stage, oldest first."""
        length = "SELECT max(seq) FROM stages WHERE model = ?1 AND stage = ?2"
        sql = (
            "SELECT body FROM stages WHERE model = ? AND stage = ? AND seq > ? AND seq <= ? "
            "ORDER BY seq"
        )
        return self._store(codec.read_stage, self._number(length, model, stage), sql, model, stage)

    def changes_of(self, model: str, version: str) -> Sequence[StageEntry]:
        """Every change by which the version entered or left a stage, oldest first."""
        return self._ask(codec.read_stage, _CHANGES, model, version)

    def has_held(self, model: str, version: str, stage: str) -> bool:
        """Whether the version ever entered the stage."""
        sql = (
            "SELECT 1 FROM versions JOIN entered USING (row) "
            "WHERE model = ? AND version = ? AND stage = ?"
        )
        return bool(self._number(sql, model, version, stage))

    def verdicts(self, model: str, version: str, stage: str, seq: int) -> Sequence[VerdictEntry]:
        """Each person's newest verdict on a promotion."""
        sql = (
            "SELECT body FROM verdicts WHERE model = ? AND version = ? AND stage = ? AND seq = ? "
            "ORDER BY place"
        )
        return self._ask(codec.read_verdict, sql, model, version, stage, seq)

    def has_verdicts(self, model: str, version: str) -> bool:
        """Whether anybody ever judged a promotion of the version."""
        sql = "SELECT 1 FROM verdicts WHERE model = ? AND version = ? LIMIT 1"
        return bool(self._number(sql, model, version))

    def reports(self, model: str, version: str) -> Sequence[ReportEntry]:
        """Every signed report on the version, oldest first."""
        sql = "SELECT body FROM reports WHERE model = ? AND version = ? ORDER BY record"
        return self._ask(codec.read_report, sql, model, version)

    def deploys(self, model: str) -> Sequence[DeployEntry]:
        """Every signed deployment outcome of the model, oldest first."""
        sql = "SELECT body FROM deploys WHERE model = ? ORDER BY record"
        return self._ask(codec.read_deploy, sql, model)

    def _store(self, decode: Callable[..., T], length: int, sql: str, *values: object) -> Stored[T]:
        """Return the sequence whose items from one place up to another `sql` answers."""

        def fetch(start: int, stop: int) -> list[T]:
            return self._ask(decode, sql, *values, start, stop, count=stop - start)

        return Stored(length, fetch)

    def _number(self, sql: str, *values: object) -> int:
        found = self._ask(lambda value: int(value or 0), sql, *values)
        return found[0] if found else 0


def _values(*row: Any) -> tuple[Any, ...]:
    return row


def _first(found: Sequence[T]) -> T | None:
    return found[0] if found else None
