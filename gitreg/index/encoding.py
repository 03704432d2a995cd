"""Entries as texts, for `codec.py` to read them: what is written is what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from zlib import compressobj, crc32

from gitreg.domain.entries import Entry, ValidRecord, VoidRecord
from gitreg.domain.policy import Policy
from gitreg.domain.report import Figures, Report
from gitreg.value import Value, fields_of, names_of


def write(entry: Entry | VoidRecord) -> str:
    """Return an entry as a text.

    Raises: ValueError for a policy that would not come back as it is.
    """
    return _write(_list(entry))


def write_record(item: ValidRecord) -> str:
    """Return a record as a text: all but its signer, whose key many have, and its entries."""
    fields = fields_of(item.record)
    tagger = fields.pop("tagger")
    return _write([item.person, item.digest, item.commit, *_list(tagger), *fields.values()])


def write_document(data: bytes, digest: str) -> bytes:
    """Return the `model.json` of that sha256 as it is kept: it is read by who knows the digest."""
    packer = compressobj(1, zdict=digest.encode())
    return packer.compress(data) + packer.flush()


def _write(values: list[object]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return f"{crc32(text.encode()):08x}{text}"


def _list(value: Value) -> list[object]:
    return [_plain(getattr(value, name)) for name in names_of(type(value))]


def _plain(value: object) -> object:
    """Return a field's value as JSON has it."""
    match value:
        case Decimal():
            return str(value)
        case Policy():
            if Policy.from_dict(json.loads(json.dumps(value.source))) != value:
                raise ValueError("the policy is not what its source says as JSON")
            return value.source
        case Report() | Figures():
            return _list(value)
        case frozenset():
            return sorted(value)
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
    return value
