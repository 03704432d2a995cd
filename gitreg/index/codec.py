"""Entries out of their texts: JSON after a checksum, so that damage is seen when it is read.

Numbers of metrics are decimals, written as texts. Law: `read_X(encoding.write(x)) == x`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32, decompressobj
from zlib import error as zlib_error

from gitreg.domain.entries import (
    DeployEntry,
    PolicyEntry,
    ProposalEntry,
    ReportEntry,
    StageEntry,
    ValidRecord,
    VerdictEntry,
    VersionEntry,
    VoidRecord,
)
from gitreg.domain.record import Record, Tagger
from gitreg.value import Value, names_of

if TYPE_CHECKING:
    from gitreg.domain.report import Figures

E = TypeVar("E", bound=Value)

_SUM = 8  # hex digits
_TAGGER = names_of(Tagger)
_RECORD = tuple(name for name in names_of(Record) if name != "tagger")


class DamagedError(ValueError):
    """What was read is not what was written."""


def read_version(body: str) -> VersionEntry:
    """Return the version that a text is."""
    values = _read(VersionEntry, body)
    values["metrics"] = _read_decimals(values["metrics"])
    return VersionEntry(**values)


def read_stage(body: str) -> StageEntry:
    """Return the change of a stage that a text is."""
    return StageEntry(**_read(StageEntry, body))


def read_verdict(body: str) -> VerdictEntry:
    """Return the verdict that a text is."""
    return VerdictEntry(**_read(VerdictEntry, body))


def read_deploy(body: str) -> DeployEntry:
    """Return the outcome of a deployment that a text is."""
    return DeployEntry(**_read(DeployEntry, body))


def read_void(body: str) -> VoidRecord:
    """Return the void record that a text is."""
    return VoidRecord(**_read(VoidRecord, body))


def read_policy(body: str) -> PolicyEntry:
    """Return the policy in force that a text is."""
    from gitreg.domain.policy import Policy  # who only looks versions up asks for none

    values = _read(PolicyEntry, body)
    values["policy"] = Policy.from_dict(values["policy"])
    return PolicyEntry(**values)


def read_proposal(body: str) -> ProposalEntry:
    """Return the proposed policy that a text is."""
    from gitreg.domain.policy import Policy

    values = _read(ProposalEntry, body)
    values["policy"] = Policy.from_dict(values["policy"])
    values["signers"] = frozenset(values["signers"])
    return ProposalEntry(**values)


def read_report(body: str) -> ReportEntry:
    """Return the signed report that a text is."""
    from gitreg.domain.report import Report

    values = _read(ReportEntry, body)
    model, data, challenger, champion = values["report"]
    values["report"] = Report(
        model=model,
        data=data,
        challenger=_read_figures(challenger),
        champion=None if champion is None else _read_figures(champion),
    )
    return ReportEntry(**values)


def read_record(body: str, signer: str) -> ValidRecord:
    """Return the record that a text is, signed by the key `signer`, without its entries."""
    person, digest, commit, *said = _load(body)
    tagger, fields = said[: len(_TAGGER)], said[len(_TAGGER) :]
    return ValidRecord(
        record=Record(
            tagger=Tagger(**dict(zip(_TAGGER, tagger, strict=True))),
            **dict(zip(_RECORD, fields, strict=True)),
        ),
        person=person,
        signer=signer,
        digest=digest,
        commit=commit,
        entries=(),
    )


def read_document(kept: bytes, digest: str) -> bytes:
    """Return the `model.json` of that sha256.

    Raises: DamagedError.
    """
    unpacker = decompressobj(zdict=digest.encode())
    try:
        data = unpacker.decompress(kept)
    except zlib_error as error:
        raise DamagedError("a document in the index is damaged") from error
    if not unpacker.eof:
        raise DamagedError("a document in the index is cut off")
    return data


def _read(kind: type[E], body: str) -> dict[str, Any]:
    """Return the fields of an entry as JSON has them.

    Raises: DamagedError.
    """
    return dict(zip(names_of(kind), _load(body), strict=True))


def _load(body: str) -> list[Any]:
    text = body[_SUM:]
    if f"{crc32(text.encode(errors='replace')):08x}" != body[:_SUM]:
        raise DamagedError("a row of the index is damaged")
    values: list[Any] = json.loads(text)
    return values


def _read_decimals(values: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(text) for name, text in values.items()}


def _read_figures(values: list[Any]) -> Figures:
    from gitreg.domain.report import Figures

    version, metrics, slices = values
    return Figures(
        version=version,
        metrics=_read_decimals(metrics),
        slices={
            name: {group: _read_decimals(found) for group, found in groups.items()}
            for name, groups in slices.items()
        },
    )
