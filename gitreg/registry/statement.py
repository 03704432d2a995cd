"""Records as they are told to people and programs, with whose key signed each."""

from __future__ import annotations

from dataclasses import dataclass

from gitreg.domain.record import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
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
