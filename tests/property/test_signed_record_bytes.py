"""Every single-byte change of a really signed record is refused (attack 7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitreg.domain.record import Record, Tagger, parse_record, split_signature
from gitreg.domain.trailer import RecordError
from gitreg.signing import SignatureError, verify
from tests.fixtures import signer_of


@pytest.fixture(scope="module")
def signed(session_key: Path) -> bytes:
    from gitreg.signing import sign

    record = Record(
        object="ab" * 20,
        tagger=Tagger(name="Älice", email="alice@example.org", time=1_800_000_000),
        index=57,
        prev="12" * 32,
        policy="34" * 32,
        action="promote",
        model="iris",
        version="1.2.0",
        stage="production",
        seq=3,
        manifest="56" * 32,
        replaces="1.1.0",
        reason="better on rare species, é",
    )
    return record.signed(sign(record.payload(), signer_of(session_key).key)).to_bytes()


def is_accepted(data: bytes) -> bool:
    try:
        parse_record(data)
        verify(*split_signature(data))
    except (RecordError, SignatureError):
        return False
    return True


def changes_of(data: bytes) -> Iterator[bytes]:
    for place, old in enumerate(data):
        for new in {old ^ 1, old ^ 0x20, old ^ 0x80, 0x00, 0x0A, 0x20, 0xFF} - {old}:
            yield data[:place] + bytes([new]) + data[place + 1 :]
        yield data[:place] + data[place + 1 :]
        yield data[:place] + b"0" + data[place:]


def test_the_record_itself_is_accepted(signed: bytes) -> None:
    assert is_accepted(signed)


def test_no_changed_lost_or_added_byte_is(signed: bytes) -> None:
    accepted = [changed for changed in changes_of(signed) if is_accepted(changed)]
    assert accepted == []


@pytest.mark.parametrize(
    "text", [b"\n", b"x", b"Reason: more\n", b"-----BEGIN SSH SIGNATURE-----\n"]
)
def test_nothing_may_follow_the_signature(signed: bytes, text: bytes) -> None:
    assert not is_accepted(signed + text)
    assert not is_accepted(signed + signed[signed.index(b"-----BEGIN") :])
