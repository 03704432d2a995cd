"""A record as readers are told of it: what it says, and whose key signed it."""

from __future__ import annotations

from gitreg.domain.record import Record
from gitreg.registry.open import Registry
from gitreg.value import Value


class Statement(Value):
    """A record about a model, and whose key signed it."""

    record: Record
    person: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {**describe(self.record), "person": self.person}


def describe(record: Record) -> dict[str, object]:
    """Return what `--json` prints of a record, absent fields as null."""
    return {
        "index": record.index,
        "action": record.action,
        "title": record.title,
        "model": record.model,
        "version": record.version,
        "stage": record.stage,
        "seq": record.seq,
        "tag": str(record.tag_ref) if record.tag_ref else None,
        "reason": record.reason,
        "time": record.tagger.time,
    }


def statements(registry: Registry, model: str, version: str | None = None) -> list[Statement]:
    """Return every valid record about a model, or about one version of it, oldest first."""
    found = registry.ledger.records_of(model, version)
    return [Statement(record=item.record, person=item.person) for item in found]
