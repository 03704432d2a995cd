"""What an audit says on the worst day: forged, stolen and backdated records."""

from __future__ import annotations

from typing import Any

import gitreg
from gitreg.domain.audit import Audit
from gitreg.ledger.appending import Draft
from tests.attack.crew import Crew

DAY = 24 * 60 * 60


def beat(crew: Crew) -> Draft:
    return Draft(action="beat", object=crew.tip, fields={})


def audit(crew: Crew, **asked: Any) -> Audit:
    """What Dave is told by now."""
    crew.fetch()
    return gitreg.open(crew.dave).audit(model="iris", stage="production", **asked)


def told(found: Audit) -> list[tuple[str, str, list[str]]]:
    return [
        (item.version, item.promoted.person, [signed.person for signed in item.approved_by])
        for item in found.tenures
    ]


def test_a_forged_promotion_is_listed_and_never_told_as_a_fact(crew: Crew) -> None:
    crew.remember()
    crew.forge("mallory", crew.draft("promote", "1.1.0", "production"))
    crew.forge("carol", crew.draft("promote", "1.1.0", "production"))
    found = audit(crew)
    assert told(found) == [("1.0.0", "bob", ["carol"])]
    assert [(void.after, void.rule) for void in found.void] == [(8, "signer"), (8, "right")]


def test_a_removed_key_cannot_write_itself_into_the_past(crew: Crew) -> None:
    crew.write("carol", crew.draft("approve", "1.1.0", "production", verdict="approve"))
    crew.write("alice-2", crew.draft("promote", "1.1.0", "production"))
    crew.clock += 30 * DAY
    policy = crew.policy()
    policy["people"]["alice"]["keys"] = [crew.public("alice")]
    crew.write("alice", crew.proposal(policy))
    crew.write("bob", crew.enactment(policy))
    stands = [("1.0.0", "bob", ["carol"]), ("1.1.0", "alice", ["carol"])]
    assert told(audit(crew)) == stands
    crew.clock -= 20 * DAY
    crew.forge("alice-2", crew.draft("promote", "1.0.0", "production"))
    found = audit(crew)
    assert told(found) == stands
    assert found.tenures[-1].promoted.key == crew.public("alice-2")
    assert [void.rule for void in found.void] == ["signer"]


def test_a_valid_key_cannot_backdate_what_it_does(crew: Crew) -> None:
    day = "2023-11-20"
    before = audit(crew, at=day).to_dict()
    crew.clock += 30 * DAY
    crew.write("ci", beat(crew))
    crew.clock -= 29 * DAY
    crew.write("carol", crew.draft("approve", "1.1.0", "production", verdict="approve"))
    crew.write("bob", crew.draft("promote", "1.1.0", "production"))
    after = audit(crew, at=day)
    assert after.to_dict() | {"findings": []} == before
    assert [finding.code for finding in after.findings] == ["time.outside"]
    newest = audit(crew).tenures[-1]
    assert newest.version == "1.1.0"
    assert newest.promoted.moment.is_backdated


def test_one_record_from_the_future_hides_nothing_from_who_goes_by_records(crew: Crew) -> None:
    crew.write("ci", beat(crew), clock=1 << 37)
    crew.write("carol", crew.draft("approve", "1.1.0", "production", verdict="approve"))
    crew.write("bob", crew.draft("promote", "1.1.0", "production"))
    by_day = audit(crew, at="2023-12-31")
    assert told(by_day) == [("1.0.0", "bob", ["carol"])]
    (finding,) = by_day.findings
    assert (finding.code, finding.where) == ("time.outside", "2 records from 10 to 11")
    assert "6325" in finding.what
    assert told(audit(crew, at_record=11)) == [("1.1.0", "bob", ["carol"])]
