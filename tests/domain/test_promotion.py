"""What it takes to enter a stage: evidence, gates, approvals, and what a rollback is let off."""

from __future__ import annotations

from typing import Any

import pytest

from gitreg.domain.case import Case
from gitreg.domain.entries import StageEntry
from gitreg.domain.promotion import gate_results, next_seq
from gitreg.domain.rules import Accepted
from tests.ledgers import (
    EASY,
    History,
    Json,
    Verdict,
    accepted,
    in_production,
    key_of,
    production_of,
    read_attachments,
    refusal_of,
    rule_of,
    staged,
    team,
)


def entry_of(verdict: Verdict) -> StageEntry:
    assert isinstance(verdict, Accepted), verdict
    [entry] = verdict.entries
    assert isinstance(entry, StageEntry)
    return entry


def team_that_approves(**rules: Any) -> Json:
    """The team's policy, with rules of its own for production."""
    policy = team()
    production_of(policy).update(rules)
    return policy


def candidate(policy: Json | None = None, *, accuracy: float = 0.95) -> History:
    """A registry whose iris 1.0.0 is staged and measured, and lacks approvals only."""
    history = History(policy)
    staged(history, "1.0.0")
    accepted(history.evaluate("iris", "1.0.0", accuracy))
    return history


# A promotion.


def test_an_approved_promotion_enters_the_stage() -> None:
    history = candidate()
    accepted(history.approve("iris", "1.0.0", "production"))
    entry = entry_of(history.promote("iris", "1.0.0", "production", reason="It is better"))
    assert (entry.version, entry.seq, entry.replaces) == ("1.0.0", 1, None)
    assert (entry.person, entry.rollback, entry.reason) == ("alice", False, "It is better")
    assert next_seq(entry) == 2


def test_a_stage_that_comes_after_another_wants_it_held_once() -> None:
    history = candidate()
    accepted(
        history.vacate("iris", "staging"),
        history.approve("iris", "1.0.0", "production"),
        history.promote("iris", "1.0.0", "production"),
        history.register("iris", "1.1.0"),
        history.evaluate("iris", "1.1.0", champion=("1.0.0", 0.95)),
        history.approve("iris", "1.1.0", "production"),
    )
    assert refusal_of(history.promote("iris", "1.1.0", "production")) == (
        "after: iris 1.1.0 must hold staging before production"
    )


# Evidence and gates.


def test_claims_serve_where_nothing_else_is_asked_for() -> None:
    history = History()
    for version, accuracy, rule in [("1.0.0", 0.89, "gates"), ("1.0.1", 0.9, None)]:
        accepted(history.register("iris", version, document={"metrics": {"accuracy": accuracy}}))
        assert rule_of(history.promote("iris", version, "staging")) == rule


def test_a_measured_report_outweighs_claims() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"), history.evaluate("iris", "1.0.0", 0.5, data=EASY))
    assert rule_of(history.promote("iris", "1.0.0", "staging", report=None)) == "report"
    assert refusal_of(history.promote("iris", "1.0.0", "staging")) == (
        "gates: accuracy >= 0.9: it is 0.5"
    )


def test_claims_do_not_count_where_evidence_is_measured() -> None:
    history = History()
    staged(history, "1.0.0")
    assert refusal_of(history.promote("iris", "1.0.0", "production")) == (
        "report: production wants measured evidence, and iris 1.0.0 has no report on its data"
    )


def test_evidence_that_is_not_there_is_not_cited() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"))
    assert refusal_of(history.promote("iris", "1.0.0", "canary", report="0a" * 32)) == (
        "report: the newest evidence on iris 1.0.0 is report none"
    )
    accepted(history.evaluate("iris", "1.0.0"))
    newest = history.records[-1].report
    assert refusal_of(history.promote("iris", "1.0.0", "canary", report=None)) == (
        f"report: the newest evidence on iris 1.0.0 is report {newest}"
    )


def test_a_report_on_easier_data_is_no_evidence() -> None:
    history = History()
    staged(history, "1.0.0")
    accepted(history.evaluate("iris", "1.0.0", 0.99, data=EASY))
    easy = history.records[-1].report
    assert "has no report on its data" in refusal_of(history.promote("iris", "1.0.0", "production"))
    assert rule_of(history.promote("iris", "1.0.0", "production", report=easy)) == "report"


def test_a_newer_report_on_other_data_changes_nothing() -> None:
    history = candidate()
    accepted(
        history.approve("iris", "1.0.0", "production"),
        history.evaluate("iris", "1.0.0", 0.1, data=EASY),
        history.promote("iris", "1.0.0", "production"),
    )


def test_a_stage_without_gates_wants_no_evidence() -> None:
    history = History(team_that_approves(gates=[], approve={}))
    staged(history, "1.0.0")
    accepted(history.promote("iris", "1.0.0", "production"))


@pytest.mark.parametrize(
    ("accuracy", "refusal"),
    [
        (0.95, ""),
        (0.94, ""),
        (
            0.9399,
            (
                "gates: accuracy change >= -0.01 on holdout: "
                "it is 0.9399, a change of -0.0101 from 1.0.0"
            ),
        ),
        (
            0.8,
            (
                "gates: accuracy >= 0.9 on holdout: it is 0.8; "
                "accuracy change >= -0.01 on holdout: "
                "it is 0.8, a change of -0.15 from 1.0.0"
            ),
        ),
    ],
)
def test_a_challenger_is_compared_with_the_champion(accuracy: float, refusal: str) -> None:
    history = History()
    in_production(history, "1.0.0")
    staged(history, "1.1.0")
    accepted(
        history.evaluate("iris", "1.1.0", accuracy, champion=("1.0.0", 0.95)),
        history.approve("iris", "1.1.0", "production"),
    )
    assert refusal_of(history.promote("iris", "1.1.0", "production")) == refusal


@pytest.mark.parametrize("champion", [None, ("0.9.0", 0.1)])
def test_a_comparison_with_nobody_or_another_is_none(champion: tuple[str, float] | None) -> None:
    history = History()
    in_production(history, "1.0.0")
    staged(history, "1.1.0")
    accepted(history.evaluate("iris", "1.1.0", 0.99, champion=champion))
    assert "the champion 1.0.0 has no accuracy" in refusal_of(
        history.promote("iris", "1.1.0", "production")
    )


def test_claims_are_compared_with_claims() -> None:
    gates = [{"metric": "accuracy", "min_change": 0}]
    history = History(team_that_approves(gates=gates, approve={}, evidence="claimed"))
    staged(history, "1.0.0", "1.1.0")
    accepted(history.promote("iris", "1.0.0", "production"))
    accepted(history.register("iris", "1.2.0", document={"metrics": {"accuracy": 0.94}}))
    accepted(history.promote("iris", "1.2.0", "staging"))
    assert "a change of -0.01 from 1.0.0" in refusal_of(
        history.promote("iris", "1.2.0", "production")
    )
    accepted(history.promote("iris", "1.1.0", "production"))


def test_a_vacated_stage_keeps_its_champion() -> None:
    history = History()
    in_production(history, "1.0.0")
    accepted(history.vacate("iris", "production"))
    staged(history, "1.1.0")
    accepted(history.evaluate("iris", "1.1.0", 0.91, champion=("1.0.0", 0.95)))
    assert rule_of(history.promote("iris", "1.1.0", "production")) == "gates"


def test_a_yanked_champion_hands_back_to_the_one_before() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    accepted(
        history.vacate("iris", "production"),
        history.vacate("iris", "staging"),
        history.yank("iris", "1.1.0"),
    )
    staged(history, "1.2.0")
    accepted(history.evaluate("iris", "1.2.0", 0.91, champion=("1.0.0", 0.95)))
    assert "from 1.0.0" in refusal_of(history.promote("iris", "1.2.0", "production"))
    accepted(history.vacate("iris", "staging"), history.yank("iris", "1.0.0"))
    assert history.state.champion("iris", "production") is None
    assert rule_of(history.promote("iris", "1.2.0", "production")) == "approvals"


def test_gates_tell_what_they_find_before_anybody_promotes() -> None:
    history = candidate(accuracy=0.8)
    record = history.records[2]  # to staging
    case = Case(
        view=history.state,
        record=record,
        signer=key_of("alice"),
        attachments=read_attachments({}),
        entry=history.in_force,
    )
    assert [str(result) for result in gate_results(case)] == ["accuracy >= 0.9: it is 0.8"]


# Approvals.


def test_a_promotion_without_approvals_names_who_may_give_them() -> None:
    assert refusal_of(candidate().promote("iris", "1.0.0", "production")) == (
        "approvals: 0 of 1 approvals; these may approve it: bob, carol, ci, dave"
    )


def test_where_all_who_may_approve_are_involved_nobody_can() -> None:
    history = candidate(team_that_approves(approve={"by": ["alice"]}))
    assert refusal_of(history.promote("iris", "1.0.0", "production")) == (
        "approvals: 0 of 1 approvals; these may approve it: nobody"
    )


def test_people_are_counted_not_approvals() -> None:
    history = candidate(team_that_approves(approve={"by": ["reviewers"], "count": 2}))
    accepted(
        history.approve("iris", "1.0.0", "production", by="carol"),
        history.approve("iris", "1.0.0", "production", by="carol"),
    )
    assert "1 of 2 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))
    accepted(
        history.approve("iris", "1.0.0", "production", by="dave"),
        history.promote("iris", "1.0.0", "production"),
    )


@pytest.mark.parametrize("key", [key_of("alice"), key_of("alice", 2)])
def test_a_promoter_does_not_approve_whichever_key_they_use(key: str) -> None:
    history = candidate()
    accepted(history.approve("iris", "1.0.0", "production", by="alice", signer=key))
    assert rule_of(history.promote("iris", "1.0.0", "production")) == "approvals"


def test_a_promoter_who_did_not_register_does_not_approve_either() -> None:
    history = candidate()
    accepted(history.approve("iris", "1.0.0", "production", by="bob"))
    assert rule_of(history.promote("iris", "1.0.0", "production", by="bob")) == "approvals"
    accepted(history.promote("iris", "1.0.0", "production", by="alice"))


def test_the_approval_of_somebody_who_is_not_asked_is_none() -> None:
    history = candidate(team_that_approves(approve={"by": ["dave"]}))
    verdict = history.approve("iris", "1.0.0", "production", by="carol")
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))
    assert rule_of(verdict) == "right"


def test_a_registrant_does_not_approve() -> None:
    history = candidate()
    accepted(history.approve("iris", "1.0.0", "production", by="alice"))
    assert rule_of(history.promote("iris", "1.0.0", "production", by="bob")) == "approvals"


def test_whom_the_registrants_bot_acts_for_does_not_approve() -> None:
    history = History()
    accepted(
        history.register("iris", "1.0.0", by="ci", on_behalf="carol"),
        history.promote("iris", "1.0.0", "staging"),
        history.evaluate("iris", "1.0.0"),
        history.approve("iris", "1.0.0", "production", by="carol"),
    )
    assert rule_of(history.promote("iris", "1.0.0", "production")) == "approvals"
    accepted(
        history.approve("iris", "1.0.0", "production", by="dave"),
        history.promote("iris", "1.0.0", "production"),
    )


def test_whom_the_promoting_bot_acts_for_does_not_approve() -> None:
    history = candidate()
    accepted(history.approve("iris", "1.0.0", "production", by="carol"))
    verdict = history.promote("iris", "1.0.0", "production", by="ci", on_behalf="carol")
    assert rule_of(verdict) == "approvals"
    accepted(history.promote("iris", "1.0.0", "production", by="ci", on_behalf="dave"))


@pytest.mark.parametrize("verdict", ["reject", "withdraw"])
def test_the_newest_verdict_of_a_person_counts(verdict: str) -> None:
    history = candidate()
    accepted(
        history.approve("iris", "1.0.0", "production"),
        history.approve("iris", "1.0.0", "production", verdict=verdict),
    )
    assert rule_of(history.promote("iris", "1.0.0", "production")) == "approvals"
    accepted(
        history.approve("iris", "1.0.0", "production"),
        history.promote("iris", "1.0.0", "production"),
    )


def test_a_standing_reject_outweighs_any_approval() -> None:
    history = candidate()
    accepted(
        history.approve("iris", "1.0.0", "production", by="carol"),
        history.approve("iris", "1.0.0", "production", by="dave", verdict="reject"),
    )
    assert refusal_of(history.promote("iris", "1.0.0", "production")) == (
        "approvals: dave rejects it (record 5)"
    )
    accepted(
        history.approve("iris", "1.0.0", "production", by="dave", verdict="withdraw"),
        history.promote("iris", "1.0.0", "production"),
    )


def test_a_registrant_may_reject_their_own() -> None:
    history = candidate()
    accepted(
        history.approve("iris", "1.0.0", "production", by="carol"),
        history.approve("iris", "1.0.0", "production", by="alice", verdict="reject"),
    )
    assert "alice rejects it" in refusal_of(
        history.promote("iris", "1.0.0", "production", by="bob")
    )


def test_an_approval_is_of_one_report() -> None:
    history = candidate()
    accepted(
        history.approve("iris", "1.0.0", "production"),
        history.evaluate("iris", "1.0.0", 0.96),
    )
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))


def test_an_approval_is_of_one_version() -> None:
    history = candidate()
    staged(history, "1.1.0")
    accepted(
        history.evaluate("iris", "1.1.0"),
        history.approve("iris", "1.0.0", "production"),
    )
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.1.0", "production"))


def team_that_measures_nothing() -> Json:
    """The team's policy, where carol's approval is all that it takes."""
    policy = team_that_approves(gates=[], approve={"by": ["carol"]})
    policy["models"]["*"]["stages"]["canary"]["approve"] = {"by": ["carol"]}
    production_of(policy).pop("after")
    return policy


@pytest.mark.parametrize(
    ("model", "version", "stage"),
    [
        ("rose", "1.0.0", "production"),
        ("iris", "1.1.0", "production"),
        ("iris", "1.0.0", "canary"),
    ],
)
def test_an_approval_without_evidence_is_of_one_promotion_too(
    model: str, version: str, stage: str
) -> None:
    history = History(team_that_measures_nothing())
    accepted(history.register("iris", "1.0.0"), history.register("iris", "1.1.0"))
    accepted(history.register("rose", "1.0.0"), history.approve(model, version, stage))
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))


def test_an_approval_without_evidence_is_not_used_twice() -> None:
    history = History(team_that_measures_nothing())
    accepted(
        history.register("iris", "1.0.0"),
        history.approve("iris", "1.0.0", "production"),
        history.promote("iris", "1.0.0", "production"),
        history.vacate("iris", "production"),
    )
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))


def test_an_approval_is_not_used_twice() -> None:
    history = candidate()
    accepted(
        history.approve("iris", "1.0.0", "production"),
        history.promote("iris", "1.0.0", "production"),
        history.vacate("iris", "production"),
        history.evaluate("iris", "1.0.0", champion=("1.0.0", 0.95)),
    )
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))


def test_an_approval_counts_while_its_policy_is_in_force() -> None:
    history = candidate()
    accepted(
        history.approve("iris", "1.0.0", "production"),
        history.enact(team() | {"max_age": "1d"}, by="alice"),
    )
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))
    accepted(history.enact(team(), by="alice"))  # the first one again, but not its approvals
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))


# A rollback.


def test_a_rollback_brings_back_the_version_before() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    entry = entry_of(history.promote("iris", "1.0.0", "production"))
    assert entry.rollback
    assert (entry.seq, entry.version, entry.replaces) == (3, "1.0.0", "1.1.0")


def test_a_rollback_may_be_taken_back() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    accepted(history.promote("iris", "1.0.0", "production"))
    assert entry_of(history.promote("iris", "1.1.0", "production")).rollback


def test_an_older_version_is_promoted_anew() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0", "1.2.0")
    assert rule_of(history.promote("iris", "1.0.0", "production")) == "gates"
    accepted(history.promote("iris", "1.1.0", "production"))


def test_a_vacate_in_between_does_not_hide_the_version_before() -> None:
    history = History()
    in_production(history, "1.0.0")
    accepted(history.vacate("iris", "production"))
    in_production(history, "1.1.0")
    assert entry_of(history.promote("iris", "1.0.0", "production")).rollback


def test_an_empty_stage_has_nothing_to_roll_back() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    accepted(history.vacate("iris", "production"))
    for version in ("1.0.0", "1.1.0"):
        assert rule_of(history.promote("iris", version, "production")) == "gates"


def test_who_returns_to_a_stage_is_not_its_own_predecessor() -> None:
    history = History(team_that_approves(gates=[], approve={}, rollback={}))
    staged(history, "1.0.0", "1.1.0")
    accepted(
        history.promote("iris", "1.0.0", "production"),
        history.vacate("iris", "production"),
    )
    assert not entry_of(history.promote("iris", "1.0.0", "production")).rollback
    assert not entry_of(history.promote("iris", "1.1.0", "production")).rollback
    assert entry_of(history.promote("iris", "1.0.0", "production")).rollback


def test_the_version_before_is_another_than_the_one_that_returned() -> None:
    history = History(team_that_approves(gates=[], approve={}, rollback={}))
    staged(history, "1.0.0", "1.1.0")
    accepted(
        history.promote("iris", "1.0.0", "production"),
        history.promote("iris", "1.1.0", "production"),
        history.vacate("iris", "production"),
        history.promote("iris", "1.1.0", "production"),
    )
    assert entry_of(history.promote("iris", "1.0.0", "production")).rollback


def test_a_rollback_passes_over_a_stage_that_came_to_stand_before() -> None:
    policy = team_that_approves(gates=[], approve={}, rollback={})
    production_of(policy).pop("after")
    history = History(policy)
    accepted(
        history.register("iris", "1.0.0"),
        history.register("iris", "1.1.0"),
        history.promote("iris", "1.0.0", "production"),
        history.promote("iris", "1.1.0", "production"),
        history.enact(team(), by="alice"),
        history.promote("iris", "1.0.0", "production"),
    )


def test_a_rollback_to_a_yanked_version_is_refused() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    accepted(history.yank("iris", "1.0.0"))
    assert rule_of(history.promote("iris", "1.0.0", "production")) == "registered"


def test_a_rollback_has_an_approval_count_of_its_own() -> None:
    history = History(team_that_approves(rollback={"approve": 1}))
    in_production(history, "1.0.0", "1.1.0")
    assert "0 of 1 approvals" in refusal_of(history.promote("iris", "1.0.0", "production"))
    accepted(
        history.approve("iris", "1.0.0", "production"),
        history.promote("iris", "1.0.0", "production"),
    )


def test_a_reject_stops_a_rollback_too() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    accepted(history.approve("iris", "1.0.0", "production", verdict="reject"))
    assert rule_of(history.promote("iris", "1.0.0", "production")) == "approvals"


def test_a_rollback_cites_the_newest_evidence_and_passes_over_it() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    older = history.state.newest_report("iris", "1.0.0", None)
    accepted(history.evaluate("iris", "1.0.0", 0.1))
    assert older is not None
    verdict = history.promote("iris", "1.0.0", "production", report=older.digest)
    assert rule_of(verdict) == "report"
    accepted(history.promote("iris", "1.0.0", "production"))


def test_a_rollback_passes_over_evidence_that_was_never_measured() -> None:
    history = History(team_that_approves(gates=[], approve={}, rollback={}))
    staged(history, "1.0.0", "1.1.0")
    accepted(
        history.promote("iris", "1.0.0", "production"),
        history.promote("iris", "1.1.0", "production"),
        history.enact(team(), by="alice"),
        history.promote("iris", "1.0.0", "production"),
    )
