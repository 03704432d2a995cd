"""A record of a later format, which an older reader cannot judge: who can stop readers by one.

Only the root can, by its threshold. Everybody else's are void, and so are the root's own words
of elsewhere and of the past.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.domain.record import Record
from gitreg.signing import sign
from tests.attack.crew import Crew, is_void, start_crew
from tests.fixtures import Cli, signer_of

ANOTHER = "11111111-2222-3333-4444-555555555555"


def later(crew: Crew, who: str, **odd: object) -> tuple[Record, bytes]:
    """A beat in format 2, whose last trailer no reader of format 1 knows."""
    record = crew.sign(who, crew.draft("beat", object=crew.tip), **odd)
    payload = record.payload().replace(b"Gitreg: 1\n", b"Gitreg: 2\n") + b"Mood: good\n"
    return record, payload + sign(payload, signer_of(crew.key(who)).key).encode()


def begin(crew: Crew, who: str) -> None:
    record, data = later(crew, who)
    crew.push_record(record, {}, data)


def stops(crew: Crew, victim: Cli) -> None:
    """Check that whoever reads is told to upgrade."""
    crew.fetch()
    for words in (["verify"], ["list"], ["show", "iris@production"]):
        said = victim.no(*words)
        assert "format 2, and this gitreg reads format 1" in said
        assert "next: upgrade gitreg" in said


def test_a_stolen_key_that_is_not_of_the_root_stops_nobody(crew: Crew) -> None:
    for who in ("carol", "ci", "erin", "mallory"):
        begin(crew, who)
    assert "it is in format 2" in is_void(crew, *["format"] * 4)


def test_one_stolen_key_of_the_root_stops_nobody_where_the_threshold_is_two(crew: Crew) -> None:
    for who in ("alice", "alice-2", "alice"):
        begin(crew, who)
    assert "1 of the 2 root people have begun it" in is_void(crew, *["format"] * 3)


def test_the_root_begins_a_later_format_by_its_threshold(crew: Crew, victim: Cli) -> None:
    """No attack: what old readers are to be told, whatever others record in between."""
    begin(crew, "alice")
    crew.write("ci", crew.draft("beat", object=crew.ledger().records[-1].commit))
    begin(crew, "bob")
    stops(crew, victim)


def test_what_root_people_began_under_another_policy_counts_no_more(
    crew: Crew, victim: Cli
) -> None:
    begin(crew, "alice")
    policy = crew.policy()
    policy["roles"]["maintainers"] = ["alice", "erin"]
    crew.write("alice", crew.proposal(policy))
    crew.write("erin", crew.proposal(policy, first=False))
    crew.write("bob", crew.enactment(policy))
    crew.before = None
    begin(crew, "bob")
    begin(crew, "erin")
    assert "1 of the 2 root people" in is_void(crew, *["format"] * 3)
    begin(crew, "alice")
    stops(crew, victim)


@pytest.mark.parametrize("odd", [{"index": 8}, {"prev": "12" * 32}])
def test_what_does_not_continue_the_ledger_begins_nothing(
    crew: Crew, odd: dict[str, object]
) -> None:
    for who in ("alice", "bob"):
        record, data = later(crew, who, **odd)
        crew.push_record(record, {}, data)
    is_void(crew, "format", "format")


def test_a_later_format_of_the_same_peoples_other_registry(crew: Crew, tmp_path: Path) -> None:
    """Somebody with push rights and no key copies it over."""
    (tmp_path / "other").mkdir()
    other = Crew(tmp_path / "other", crew.keys)
    start_crew(other, registry=ANOTHER)
    for who in ("alice", "bob"):
        record, data = later(other, who)
        crew.push_record(record, {}, data)
    is_void(crew, "format", "format")
