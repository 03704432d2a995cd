"""No change of a record's bytes goes unseen (attack 7), as far as its form can tell."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from gitreg.domain.record import Record, parse_record
from gitreg.domain.trailer import RecordError
from tests.property.strategies import records


def is_unseen(data: bytes, record: Record) -> bool:
    """Whether changed bytes would be taken for the record that they were made from."""
    try:
        return parse_record(data) == record
    except RecordError:
        return False


def changes_of(data: bytes, mask: int) -> Iterator[bytes]:
    for place in range(len(data)):
        yield data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


@given(records(), st.integers(1, 255))
@settings(max_examples=30)
def test_no_changed_byte_goes_unseen(record: Record, mask: int) -> None:
    for changed in changes_of(record.to_bytes(), mask):
        assert not is_unseen(changed, record)


@given(records(), st.binary(min_size=1, max_size=3), st.data())
def test_nothing_added_or_cut_out_goes_unseen(
    record: Record, added: bytes, data: st.DataObject
) -> None:
    whole = record.to_bytes()
    place = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(place + 1, len(whole) + 1))
    assert not is_unseen(whole[:place] + added + whole[place:], record)
    assert not is_unseen(whole + added, record)
    assert whole[end:] == whole[place:] or not is_unseen(whole[:place] + whole[end:], record)


@given(records(), records())
def test_no_signature_moves_to_another_record_unseen(one: Record, other: Record) -> None:
    moved = other.payload() + one.signature.encode()
    assert not is_unseen(moved, one) or one == other


@given(st.binary(max_size=200))
def test_junk_is_refused(data: bytes) -> None:
    try:
        parse_record(data)
    except RecordError:
        return
    raise AssertionError
