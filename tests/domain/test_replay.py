from __future__ import annotations

import copy

import pytest

from gitreg.domain.audit import Audit
from gitreg.domain.key import fingerprint
from gitreg.domain.moment import iso_time
from gitreg.domain.tenure import Tenure
from tests.audits import a_year, audit_of, change_policy, on
from tests.ledgers import (
    EASY,
    HOLDOUT,
    History,
    accepted,
    in_production,
    key_of,
    staged,
    team,
)


@pytest.fixture(scope="module")
def year() -> History:
    return a_year()


def held(audit: Audit) -> list[tuple[str, str, str]]:
    """Each tenure's stage, version, and the day that it began on."""
    return [
        (item.stage, item.version, iso_time(item.promoted.moment.time)[:10])
        for item in audit.tenures
    ]


def only(audit: Audit) -> Tenure:
    (tenure,) = audit.tenures
    return tenure


class TestWhatWasHeld:
    def test_tenures_follow_each_other_by_model_and_stage(self, year: History) -> None:
        audit = audit_of(year)
        assert held(audit) == [
            ("production", "1.0.0", "2026-01-10"),
            ("production", "1.1.0", "2026-03-01"),
            ("production", "1.0.0", "2026-04-01"),
            ("staging", "1.0.0", "2026-01-10"),
            ("staging", "1.1.0", "2026-02-01"),
        ]
        first, second, third, *_ = audit.tenures
        assert (first.ended, first.next_version) == (second.promoted, "1.1.0")
        assert (second.ended, second.next_version) == (third.promoted, "1.0.0")
        assert (third.ended, third.next_version) == (None, None)

    def test_a_span_has_what_began_before_it_and_what_ended_in_it(self, year: History) -> None:
        audit = audit_of(year, since="2026-03-01", until="2026-03-31", stage="production")
        assert held(audit) == [
            ("production", "1.0.0", "2026-01-10"),
            ("production", "1.1.0", "2026-03-01"),
        ]
        assert audit.tenures[1].ended is None  # April is not of it
        assert held(audit_of(year, since="2026-03-02", until="2026-03-31", stage="production")) == [
            ("production", "1.1.0", "2026-03-01")
        ]

    def test_the_state_on_a_day_is_what_was_held_as_it_ended(self, year: History) -> None:
        def state(day: str) -> list[str]:
            return [tenure.version for tenure in audit_of(year, at=day, stage="production").tenures]

        assert state("2026-01-09") == []
        assert state("2026-02-28") == ["1.0.0"]
        assert state("2026-03-01") == ["1.1.0"]
        assert state("2026-03-01T12:00") == ["1.0.0"]
        assert state("2027-01-01") == ["1.0.0"]

    def test_the_state_after_a_record_goes_by_no_date(self, year: History) -> None:
        tenure = only(audit_of(year, stage="production", at="2026-03-31"))
        record = tenure.promoted.moment.record
        assert only(audit_of(year, stage="production", at_record=record)).version == "1.1.0"
        assert only(audit_of(year, stage="production", at_record=record - 1)).version == "1.0.0"

    def test_a_stage_that_was_vacated_says_who_emptied_it(self, year: History) -> None:
        tenure = audit_of(year, stage="staging").tenures[-1]
        assert tenure.ended is not None
        assert (tenure.ended.person, tenure.ended.reason) == ("bob", "nothing to try")
        assert tenure.next_version is None
        assert audit_of(year, stage="staging", at="2026-05-01").tenures == []

    def test_a_rollback_is_told_as_one(self, year: History) -> None:
        _, second, third = audit_of(year, stage="production").tenures
        assert (second.is_rollback, third.is_rollback) == (False, True)
        assert (third.approvals, third.evidence.gates) == (0, ())

    def test_a_version_that_was_yanked_later_is_marked_from_then_on(self, year: History) -> None:
        assert only(audit_of(year, stage="production", at="2026-03-31")).yanked is None
        later = audit_of(year, stage="production").tenures[1]
        assert later.yanked == len(year.valid) - 1

    def test_other_models_and_stages_are_left_out(self, year: History) -> None:
        assert audit_of(year, model="fraud/*").tenures == []
        assert {item.stage for item in audit_of(year, stage="staging").tenures} == {"staging"}


class TestWhoAndOnWhat:
    def test_who_promoted_registered_measured_and_with_which_key(self, year: History) -> None:
        tenure = only(audit_of(year, stage="production", at="2026-03-31"))
        evidence = tenure.evidence
        assert (tenure.promoted.person, tenure.promoted.key) == ("bob", key_of("bob"))
        assert tenure.promoted.fingerprint == fingerprint(key_of("bob"))
        assert tenure.registered.who == "ci for alice"
        assert evidence.signed is not None
        assert (evidence.kind, evidence.signed.person) == ("measured", "ci")
        assert (evidence.data, evidence.data_name) == (HOLDOUT, "holdout")
        assert [(str(result.gate), result.passed) for result in evidence.gates] == [
            ("accuracy >= 0.9 on holdout", True),
            ("accuracy change >= -0.01 on holdout", True),
        ]
        assert evidence.report == year.valid[tenure.promoted.moment.record].record.report
        assert (tenure.policy, tenure.policy_record) == (year.in_force.digest, 0)

    def test_claimed_evidence_is_what_model_yaml_says(self, year: History) -> None:
        evidence = audit_of(year, stage="staging").tenures[0].evidence
        assert (evidence.kind, evidence.signed) == ("claimed", None)
        assert {name: str(value) for name, value in evidence.metrics.items()} == {
            "accuracy": "0.95"
        }

    def test_every_verdict_is_told_and_whether_it_counted(self, year: History) -> None:
        tenure = only(audit_of(year, stage="production", at="2026-03-31"))
        assert [signed.person for signed in tenure.approved_by] == ["carol"]
        reject, approve, withdraw = tenure.verdicts
        assert (reject.signed.person, reject.verdict, reject.counted) == ("dave", "reject", False)
        assert reject.note == f"overtaken by record {withdraw.signed.moment.record}"
        assert (approve.counted, approve.note) == (True, None)
        assert (withdraw.verdict, withdraw.counted, withdraw.note) == ("withdraw", False, None)

    def test_why_an_approval_did_not_count(self) -> None:
        history = History()
        staged(history, "1.0.0")
        accepted(
            history.evaluate("iris", "1.0.0", 0.93),
            history.approve("iris", "1.0.0", "production", by="carol"),
            history.evaluate("iris", "1.0.0", 0.94),
            history.approve("iris", "1.0.0", "production", by="alice"),
            history.approve("iris", "1.0.0", "production", by="dave"),
        )
        change_policy(history, "longer", max_age="40d")
        accepted(
            history.approve("iris", "1.0.0", "production", by="bob"),
            history.approve("iris", "1.0.0", "production", by="ci"),
            history.evaluate("iris", "1.0.0", 0.95),
            history.approve("iris", "1.0.0", "production", by="ci"),
            history.approve("iris", "1.0.0", "production", by="alice"),
            history.promote("iris", "1.0.0", "production", by="alice"),
        )
        tenure = only(audit_of(history, stage="production"))
        assert [signed.person for signed in tenure.approved_by] == ["ci"]
        notes = [(cast.signed.person, cast.note) for cast in tenure.verdicts]
        assert notes == [
            ("carol", "under an earlier policy"),
            ("alice", "overtaken by record 13"),
            ("dave", "under an earlier policy"),
            ("bob", "on other evidence"),
            ("ci", "overtaken by record 12"),
            ("ci", None),
            ("alice", "had a part in the promotion or the registration"),
        ]

    def test_deployments_are_of_the_tenure_that_they_were_made_in(self, year: History) -> None:
        first, second, third = audit_of(year, stage="production").tenures
        (done,) = second.deployments
        assert (done.signed.person, done.target, done.outcome) == ("ci", "cluster", "succeeded")
        assert (first.deployments, third.deployments) == ([], [])

    def test_a_report_on_data_that_the_policy_has_no_name_for(self) -> None:
        policy = team()
        policy["models"]["*"]["stages"]["staging"]["gates"] = []
        history = History(policy)
        accepted(
            history.register("iris", "1.0.0"),
            history.evaluate("iris", "1.0.0", data=EASY),
            history.promote("iris", "1.0.0", "staging"),
        )
        evidence = only(audit_of(history)).evidence
        assert (evidence.data, evidence.data_name) == (EASY, None)


class TestWhatElse:
    def test_withdrawals_are_events_of_their_day(self, year: History) -> None:
        (event,) = audit_of(year, since="2026-04-01").events
        assert (event.action, event.version, event.signed.reason) == ("yank", "1.1.0", "licence")
        assert audit_of(year, until="2026-03-31").events == []
        assert audit_of(year, at="2026-04-01").events == []

    def test_verdicts_that_led_to_nothing_are_events(self) -> None:
        history = History()
        in_production(history, "1.0.0")
        staged(history, "1.1.0", "1.2.0")
        for version in ("1.1.0", "1.2.0"):
            accepted(history.evaluate("iris", version, champion=("1.0.0", 0.95)))
        accepted(
            history.approve("iris", "1.1.0", "production", by="dave"),
            history.approve("iris", "1.2.0", "production", by="carol"),
            history.promote("iris", "1.2.0", "production"),
            history.approve("iris", "1.0.0", "production", by="dave", verdict="reject"),
        )
        told = [(event.signed.person, event.title) for event in audit_of(history).events]
        assert told == [
            ("dave", "Approve iris v1.1.0 for production"),
            ("dave", "Reject iris v1.0.0 for production"),
        ]

    def test_a_policy_is_told_with_all_who_signed_it(self) -> None:
        policy = team()
        policy["root"]["threshold"] = 2
        history = History(policy)
        wanted = team()
        wanted["people"]["frank"] = {"keys": [key_of("frank")]}
        other = team()
        other["max_age"] = "9d"
        accepted(
            history.propose(other, by="alice"),
            history.propose(wanted, by="alice"),
            history.approve_policy(wanted, by="bob"),
            history.approve_policy(wanted, by="bob", verdict="withdraw"),
            history.approve_policy(wanted, by="bob"),
            history.enact(wanted, by="bob", reason="frank joins"),
        )
        audit = audit_of(history)
        first, change = audit.policies
        assert (first.approvals, first.changes) == ([], ())
        assert change.signed.person == "bob"
        assert [approval.person for approval in change.approvals] == ["alice"]
        assert (change.needed, change.needed_anew, change.is_of_owner) == (2, 1, False)
        assert any(line.startswith("frank joins") for line in change.changes)
        assert [event.signed.moment.record for event in audit.events] == [1, 3, 4, 5]

    def test_a_change_by_an_owner_needs_nobody_and_ends_no_proposal(self) -> None:
        policy = team()
        policy["root"]["threshold"] = 2
        history = History(policy)
        staged(history, "1.0.0")
        wanted = policy | {"max_age": "9d"}
        eased = copy.deepcopy(policy)
        eased["models"]["fraud/*"]["register"] = ["dave"]
        accepted(
            history.evaluate("iris", "1.0.0"),
            history.approve("iris", "1.0.0", "production", by="carol"),
            history.propose(wanted, by="alice"),
            history.enact(eased, by="dave"),
            history.promote("iris", "1.0.0", "production"),
            history.enact(wanted, by="bob"),
        )
        audit = audit_of(history, stage="production")
        _, of_owner, of_root = audit.policies
        assert (of_owner.is_of_owner, of_owner.approvals) == (True, [])
        assert [approval.person for approval in of_root.approvals] == ["alice"]
        assert [signed.person for signed in only(audit).approved_by] == ["carol"]
        assert audit.events == []

    def test_policies_are_those_of_the_span_the_one_before_and_those_promoted_under(self) -> None:
        history = History()
        on(history, "2026-01-10")
        in_production(history, "1.0.0")
        for day, age in (("2026-02-01", "2d"), ("2026-03-01", "3d"), ("2026-04-01", "4d")):
            on(history, day)
            change_policy(history, age, max_age=age)
        told = audit_of(history, since="2026-03-15", until="2026-04-15").policies
        assert [(item.signed.reason, item.is_in_span) for item in told] == [
            (None, False),  # 1.0.0 was promoted under it
            ("3d", False),
            ("4d", True),
        ]
        state = audit_of(history, at="2026-02-15", stage="canary").policies
        assert [item.signed.reason for item in state] == ["2d"]


class TestOrder:
    def test_what_a_removed_key_signed_before_stands(self) -> None:
        history = a_year()
        people = {name: keys for name, keys in team()["people"].items() if name != "bob"}
        roles = team()["roles"] | {"maintainers": ["alice"]}
        change_policy(history, "bob left", people=people, roles=roles)
        assert history.policy.person_of(key_of("bob")) is None
        assert audit_of(history, stage="production").tenures[1].promoted.person == "bob"

    def test_nothing_that_is_signed_later_changes_an_answer(self) -> None:
        history = a_year()
        before = audit_of(history, until="2026-03-31").to_dict()
        april = history.time
        history.time = april - 40 * 24 * 60 * 60
        accepted(history.deprecate("iris", "1.0.0", reason="backdated"))
        after = audit_of(history, until="2026-03-31")
        assert after.to_dict() | {"findings": []} == before | {"findings": []}
        assert [finding.code for finding in after.findings] == ["time.outside"]

    def test_a_backdated_record_counts_as_of_the_latest_time_before_it(self) -> None:
        history = a_year()
        latest = history.time
        history.time -= 40 * 24 * 60 * 60
        accepted(history.deprecate("iris", "1.0.0", reason="backdated"))
        event = audit_of(history, since="2026-04-01").events[-1]
        assert event.signed.reason == "backdated"
        assert event.signed.moment.is_backdated
        assert event.signed.moment.as_of == latest

    def test_a_span_that_ends_before_the_registry_began_rests_on_nothing(self) -> None:
        audit = audit_of(a_year(), until="2020-01-01")
        assert (audit.checkpoint, audit.tenures, audit.policies) == (None, [], [])
