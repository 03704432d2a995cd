"""Attacks 12 to 18: somebody with a key, and with push rights, goes beyond what the policy grants.

They sign what they like with a real key and push it by plain Git. Dave, who looks later, sees it
named and nothing changed, and the next honest command works (`is_void`).
"""

from __future__ import annotations

import pytest

from gitreg.domain.record import Tagger
from gitreg.errors import RefusedError
from tests.attack.crew import EASY, Crew, Json, is_void
from tests.fixtures import Cli

CHAMPION = ("1.0.0", 0.95)


def approve(crew: Crew, who: str = "carol", version: str = "1.1.0", **odd: object) -> None:
    crew.write(who, crew.draft("approve", version, "production", **({"verdict": "approve"} | odd)))


def promote(crew: Crew, who: str = "bob", version: str = "1.1.0", **odd: object) -> None:
    """An honest promotion to production."""
    crew.write(who, crew.draft("promote", version, "production", **odd))


def smuggle(crew: Crew, who: str = "bob", version: str = "1.1.0", **odd: object) -> None:
    """A promotion to production that is signed and pushed whatever the rules say."""
    crew.forge(who, crew.draft("promote", version, "production", **odd))


# 12


def test_12_a_strangers_key_with_the_name_of_a_maintainer(crew: Crew) -> None:
    approve(crew)
    tagger = Tagger(name="alice", email="alice@example.org", time=1_750_000_000)
    crew.forge("mallory", crew.draft("promote", "1.1.0", "production"), tagger=tagger)
    assert "of nobody in the policy in force" in is_void(crew, "signer")


# 13


def without_reviews(crew: Crew) -> Json:
    policy = crew.policy()
    policy["models"]["*"]["stages"]["production"].pop("approve")
    return policy


def test_13_a_policy_that_one_of_two_root_people_signed(crew: Crew) -> None:
    crew.forge("alice", crew.enactment(without_reviews(crew)))
    assert "1 of the 2 root people" in is_void(crew, "policy-threshold")


def test_13_a_policy_that_one_root_person_signed_with_two_keys(crew: Crew) -> None:
    crew.write("alice-2", crew.proposal(without_reviews(crew)))
    crew.forge("alice", crew.enactment(without_reviews(crew)))
    assert "1 of the 2 root people" in is_void(crew, "policy-threshold")


def test_13_a_policy_enacted_by_those_whom_it_lets_in(crew: Crew) -> None:
    policy = crew.policy()
    policy["people"]["mallory"] = {"keys": [crew.public("mallory")]}
    policy["roles"]["maintainers"] = ["alice", "mallory"]
    crew.write("alice", crew.proposal(policy))
    crew.write("mallory", crew.proposal(policy, first=False))
    crew.forge("mallory", crew.enactment(policy))
    crew.forge("alice", crew.enactment(policy))
    assert "1 of the 2 root people of the policy in force" in is_void(
        crew, "signer", "policy-threshold"
    )


def test_13_a_policy_in_which_the_thief_plays_the_second_root_person(crew: Crew, cli: Cli) -> None:
    policy = crew.policy()
    policy["people"]["bob"] = {"keys": [crew.public("mallory")]}
    crew.write("alice", crew.proposal(policy))
    crew.write("mallory", crew.proposal(policy, first=False))
    assert crew.ledger().records[-1].person == "bob (proposed)"
    said = cli.ok("policy", "show", "--repo", crew.origin.as_uri()).err
    assert "signed by alice (1 of 2 root people), and of its own by alice, bob (2 of 2)" in said
    crew.forge("alice", crew.enactment(policy))
    assert "1 of the 2 root people of the policy in force" in is_void(crew, "policy-threshold")


def test_13_an_approved_proposal_enacted_after_a_newer_policy(crew: Crew) -> None:
    lax, strict = without_reviews(crew), crew.policy()
    strict["models"]["*"]["stages"]["production"]["approve"]["count"] = 2
    crew.write("alice", crew.proposal(lax))
    crew.write("bob", crew.proposal(lax, first=False))
    crew.write("alice", crew.proposal(strict))
    crew.write("bob", crew.enactment(strict))
    crew.forge("alice", crew.enactment(lax))
    is_void(crew, "policy-threshold")


def test_13_a_withdrawn_approval_of_a_policy_used_all_the_same(crew: Crew) -> None:
    policy = without_reviews(crew)
    crew.write("alice", crew.proposal(policy))
    crew.write("bob", crew.proposal(policy, first=False))
    crew.write("bob", crew.proposal(policy, first=False, verdict="withdraw"))
    crew.forge("alice", crew.enactment(policy))
    is_void(crew, "policy-threshold")


def test_13_approvals_given_under_a_policy_no_longer_in_force(crew: Crew) -> None:
    approve(crew)
    newer = crew.policy()
    newer["roles"]["reviewers"] = ["dave"]
    crew.write("alice", crew.proposal(newer))
    crew.write("bob", crew.enactment(newer))
    smuggle(crew)
    assert "0 of 1 approvals" in is_void(crew, "approvals")


def test_13_approvals_do_not_return_with_the_policy_they_were_given_under(crew: Crew) -> None:
    approve(crew)
    old, newer = crew.policy(), crew.policy()
    newer["roles"]["reviewers"] = ["dave"]
    for policy in (newer, old):
        crew.write("alice", crew.proposal(policy))
        crew.write("bob", crew.enactment(policy))
    smuggle(crew)
    assert "0 of 1 approvals" in is_void(crew, "approvals")


def test_13_a_sole_root_key_is_swapped_in_two_records(crew: Crew) -> None:
    """No attack: what a team does before one, so that nobody is locked out."""
    alone = crew.policy()
    alone["root"] = {"by": ["erin"], "threshold": 1}
    crew.write("alice", crew.proposal(alone))
    crew.write("erin", crew.proposal(alone, first=False))
    crew.write("bob", crew.enactment(alone))
    both, swapped = crew.policy(), crew.policy()
    both["people"]["erin"]["keys"].append(crew.public("mallory"))
    swapped["people"]["erin"]["keys"] = [crew.public("mallory")]
    with pytest.raises(RefusedError, match="0 of the 1 root people of the proposed policy"):
        crew.write("erin", crew.enactment(swapped))
    crew.write("erin", crew.enactment(both))
    crew.write("mallory", crew.enactment(swapped))
    crew.forge("erin", crew.draft("beat", object=crew.tip))
    is_void(crew, "signer")


def test_13_a_policy_that_nobody_could_change(crew: Crew) -> None:
    policy = crew.policy()
    policy["people"]["bob"] = {"keys": []}
    crew.forge("alice", crew.proposal(policy))
    assert "nobody could change this policy" in is_void(crew, "policy-bytes")


# 14


def test_14_a_record_that_cites_a_policy_no_longer_in_force(crew: Crew) -> None:
    old, newer = crew.state.policy(), crew.policy()
    assert old is not None
    newer["models"]["*"]["stages"]["production"]["approve"]["count"] = 2
    crew.write("alice", crew.proposal(newer))
    crew.write("bob", crew.enactment(newer))
    approve(crew)
    crew.forge("bob", crew.draft("promote", "1.1.0", "production"), policy=old.digest)
    assert "a policy that is not in force" in is_void(crew, "policy-cited")


# 15


def test_15_no_approval(crew: Crew) -> None:
    smuggle(crew)
    assert "0 of 1 approvals" in is_void(crew, "approvals")


def test_15_an_approval_by_the_promoter_under_a_second_key(crew: Crew) -> None:
    approve(crew, "alice-2")
    smuggle(crew, "alice")
    assert "0 of 1 approvals" in is_void(crew, "approvals")


def test_15_two_approvals_by_two_keys_of_one_person(crew: Crew) -> None:
    newer = crew.policy()
    newer["models"]["*"]["stages"]["production"]["approve"]["count"] = 2
    newer["people"]["carol"]["keys"].append(crew.public("mallory"))
    crew.write("alice", crew.proposal(newer))
    crew.write("bob", crew.enactment(newer))
    approve(crew, "carol")
    approve(crew, "mallory")
    smuggle(crew)
    assert "1 of 2 approvals" in is_void(crew, "approvals")


def test_15_an_earlier_approval_used_again(crew: Crew) -> None:
    approve(crew)
    promote(crew)
    crew.write("bob", crew.draft("promote", "1.0.0", "production"))  # a rollback, and back again
    crew.write("bob", crew.draft("vacate", stage="production"))
    smuggle(crew)
    assert "0 of 1 approvals" in is_void(crew, "approvals")


def test_15_an_approval_of_another_version(crew: Crew) -> None:
    approve(crew, version="1.0.0")
    smuggle(crew)
    assert "0 of 1 approvals" in is_void(crew, "approvals")


def test_15_an_approval_of_another_stage_seq_or_evidence(crew: Crew) -> None:
    """Such approvals are void themselves."""
    said: list[tuple[str, Json]] = [
        ("canary", {}),
        ("production", {"seq": 1}),
        ("production", {"seq": 3}),
        ("production", {"report": None}),
    ]
    for stage, odd in said:
        crew.forge("carol", crew.draft("approve", "1.1.0", stage, verdict="approve", **odd))
    smuggle(crew)
    assert "0 of 1 approvals" in is_void(crew, "right", "seq", "seq", "report", "approvals")


def test_15_a_rejection_that_stands(crew: Crew) -> None:
    approve(crew)
    approve(crew, "dave", verdict="reject")
    smuggle(crew)
    assert "dave rejects it" in is_void(crew, "approvals")


# 16


def test_16_a_worse_version_over_a_vacated_stage(crew: Crew) -> None:
    crew.write("bob", crew.draft("vacate", stage="production"))
    crew.write("ci", crew.evaluation("1.1.0", 0.91, champion=CHAMPION))
    approve(crew)
    smuggle(crew)
    assert "change of -0.04 from 1.0.0" in is_void(crew, "gates")


def test_16_a_worse_version_whose_report_leaves_the_champion_out(crew: Crew) -> None:
    crew.write("ci", crew.evaluation("1.1.0", 0.91))
    approve(crew)
    smuggle(crew)
    assert "the champion 1.0.0 has no accuracy" in is_void(crew, "gates")


def test_16_a_worse_version_measured_beside_another_than_the_champion(crew: Crew) -> None:
    crew.write("ci", crew.evaluation("1.1.0", 0.91, champion=("0.9.0", 0.2)))
    approve(crew)
    smuggle(crew)
    assert "the champion 1.0.0 has no accuracy" in is_void(crew, "gates")


def test_16_a_report_on_easier_data(crew: Crew) -> None:
    crew.write("alice", crew.registration("1.2.0"))
    crew.write("alice", crew.draft("promote", "1.2.0", "staging"))
    crew.write("ci", crew.evaluation("1.2.0", 0.99, champion=CHAMPION, data=EASY))
    easy = crew.state.newest_report("iris", "1.2.0", EASY)
    assert easy is not None
    crew.forge(
        "carol",
        crew.draft("approve", "1.2.0", "production", verdict="approve", report=easy.digest),
    )
    smuggle(crew, version="1.2.0", report=easy.digest)
    is_void(crew, "report", "report")


def test_16_an_older_better_report_instead_of_the_newest(crew: Crew) -> None:
    better = crew.state.newest_report("iris", "1.1.0", None)
    assert better is not None
    approve(crew)
    crew.write("ci", crew.evaluation("1.1.0", 0.5, champion=CHAMPION))
    smuggle(crew, report=better.digest)
    assert "the newest evidence on iris 1.1.0" in is_void(crew, "report")


def test_16_a_report_of_what_is_no_number(crew: Crew) -> None:
    for accuracy in ("NaN", "Infinity", "1e999", '"0.99"', "true"):
        crew.forge("ci", crew.evaluation("1.1.0", accuracy, champion=CHAMPION))
    assert "report.json cannot be read" in is_void(crew, *["measured"] * 5)


def test_16_a_difference_that_binary_fractions_would_round(crew: Crew) -> None:
    """0.94 - 0.95 is -0.01 on paper and less than that for a computer: honest work passes."""
    assert 0.94 - 0.95 < -0.01
    crew.write("ci", crew.evaluation("1.1.0", 0.94, champion=CHAMPION))
    approve(crew)
    promote(crew)
    assert crew.state.champion("iris", "production") == "1.1.0"


def test_16_a_difference_just_beyond_the_gate(crew: Crew) -> None:
    crew.write("ci", crew.evaluation("1.1.0", "0.9399", champion=CHAMPION))
    approve(crew)
    smuggle(crew)
    assert "change of -0.0101" in is_void(crew, "gates")


def test_16_the_registrant_approves(crew: Crew) -> None:
    approve(crew, "alice")
    smuggle(crew)
    assert "0 of 1 approvals" in is_void(crew, "approvals")


def test_16_whom_the_registering_bot_acts_for_approves(crew: Crew) -> None:
    crew.write("ci", crew.registration("1.2.0", on_behalf="carol"))
    crew.write("alice", crew.draft("promote", "1.2.0", "staging"))
    crew.write("ci", crew.evaluation("1.2.0", 0.99, champion=CHAMPION))
    approve(crew, "carol", version="1.2.0")
    smuggle(crew, version="1.2.0")
    assert "0 of 1 approvals; these may approve it: alice, dave" in is_void(crew, "approvals")


def test_16_whom_the_promoting_bot_acts_for_approves(crew: Crew) -> None:
    approve(crew, "carol")
    smuggle(crew, "ci", on_behalf="carol")
    assert "0 of 1 approvals" in is_void(crew, "approvals")


def test_16_an_approval_on_behalf_of_another(crew: Crew) -> None:
    crew.forge(
        "dave",
        crew.draft("approve", "1.1.0", "production", verdict="approve", on_behalf="carol"),
    )
    assert "carol approves with their own key" in is_void(crew, "on-behalf")


def test_16_times_set_back_so_that_gto_and_dvc_see_another_order(crew: Crew) -> None:
    approve(crew)
    promote(crew)
    rollback = crew.draft("promote", "1.0.0", "production")
    crew.forge("bob", rollback, tagger=Tagger(name="bob", email="b@example.org", time=1))
    assert "not later than that of iris's record before" in is_void(crew, "time")


def test_16_a_jump_in_seq_or_a_wrong_replaces(crew: Crew) -> None:
    approve(crew)
    for seq in (1, 3, 999_999_999):
        smuggle(crew, seq=seq)
    for replaces in (None, "1.1.0", "9.9.9"):
        smuggle(crew, replaces=replaces)
    is_void(crew, *["seq"] * 3, *["replaces"] * 3)


def test_16_a_yanked_version_promoted(crew: Crew) -> None:
    crew.write("alice", crew.draft("vacate", stage="staging"))
    crew.write("alice", crew.draft("yank", "1.1.0"))
    crew.forge("bob", crew.draft("promote", "1.1.0", "staging"))
    assert "iris 1.1.0 is yanked" in is_void(crew, "registered")


def test_16_the_same_version_registered_twice(crew: Crew) -> None:
    crew.forge("bob", crew.registration("1.1.0", metrics={"accuracy": 0.99}))
    assert "iris 1.1.0 is registered already" in is_void(crew, "new-version")


def test_16_another_commit_or_manifest_under_the_name_of_a_version(crew: Crew) -> None:
    approve(crew)
    smuggle(crew, object="12" * 20)
    smuggle(crew, manifest="34" * 32)
    is_void(crew, "registered", "registered")


# 17 is in test_races.py.


# 18


def test_18_a_gate_met_by_a_claimed_metric_only(crew: Crew) -> None:
    crew.write("alice", crew.registration("1.2.0", metrics={"accuracy": 0.999}))
    crew.write("alice", crew.draft("promote", "1.2.0", "staging"))
    crew.forge("carol", crew.draft("approve", "1.2.0", "production", verdict="approve"))
    smuggle(crew, version="1.2.0")
    assert "wants measured evidence" in is_void(crew, "report", "report")


def test_18_a_report_signed_by_somebody_who_may_not_measure(crew: Crew) -> None:
    crew.forge("bob", crew.evaluation("1.1.0", 0.99, champion=CHAMPION))
    assert "bob may not evaluate iris" in is_void(crew, "right")


def test_18_a_report_altered_after_signing(crew: Crew) -> None:
    draft = crew.evaluation("1.1.0", 0.5, champion=CHAMPION)
    better = {"report.json": draft.files["report.json"].replace(b"0.5", b"0.99")}
    crew.push_record(crew.sign("ci", draft), better)
    assert "not the file that the record cites" in is_void(crew, "digests")


def test_18_a_report_of_another_version(crew: Crew) -> None:
    other = crew.evaluation("1.0.0", 0.99)
    fields = {"report": other.fields["report"], "files": other.files}
    crew.forge("ci", crew.draft("evaluate", "1.1.0", **fields))
    assert "the report is on iris 1.0.0" in is_void(crew, "measured")
