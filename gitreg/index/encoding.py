"""Entries as texts, for `codec.py` to read them: what is written is what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from zlib import compress, crc32

from gitreg.domain.entries import Entry, VoidRecord
from gitreg.domain.policy import Policy
from gitreg.domain.report import Figures, Report
from gitreg.value import names_of


def write(entry: Entry | VoidRecord) -> str:
    """Return an entry as a text.

    Raises: ValueError for a policy that would not come back as it is.
    """
    values = [_plain(getattr(entry, name)) for name in names_of(type(entry))]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return f"{crc32(text.encode()):08x}{text}"


def write_document(data: bytes) -> bytes:
    """Return a `model.json` as it is kept."""
    return compress(data, 1)


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
            return [_plain(getattr(value, name)) for name in names_of(type(value))]
        case frozenset():
            return sorted(value)
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
    return value
