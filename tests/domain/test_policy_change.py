"""How a policy comes into force: proposed, approved, enacted; or changed by an entry's owners."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from gitreg.domain.entries import PolicyEntry, ProposalEntry
from gitreg.domain.policy import Policy
from gitreg.domain.policy_change import is_owner_change
from gitreg.domain.record import Tagger
from gitreg.domain.rules import Accepted
from tests.ledgers import (
    REGISTRY,
    History,
    Json,
    accepted,
    key_of,
    production_of,
    refusal_of,
    rule_of,
    staged,
    team,
)

SHA = "0a" * 32


def changed(policy: Json | None = None, age: str = "1d") -> Json:
    return (team() if policy is None else policy) | {"max_age": age}


def of_two() -> Json:
    policy = team()
    policy["root"]["threshold"] = 2
    return policy


def team_of(*root: str, **people: list[str]) -> Json:
    """The team's policy with other root people, and with other people's keys."""
    policy = team()
    policy["people"] |= {name: {"keys": keys} for name, keys in people.items()}
    policy["root"] = {"by": list(root), "threshold": 1}
    return policy


# Record 0.


def test_a_registry_begins_with_the_policy_it_cites() -> None:
    verdict = History().begun
    assert isinstance(verdict, Accepted)
    [entry] = verdict.entries
    assert isinstance(entry, PolicyEntry)
    assert (entry.index, entry.registry, verdict.person) == (0, REGISTRY, "alice")
    assert entry.policy == Policy.from_dict(team())


def test_a_registry_is_begun_by_a_root_person() -> None:
    assert refusal_of(History(by="carol").begun) == (
        "policy-threshold: record 0 is signed by a root person"
    )
    assert rule_of(History(by="mallory").begun) == "signer"


def test_one_of_two_root_people_may_begin() -> None:
    accepted(History(of_two()).begun)


def test_a_policy_that_cannot_be_in_force_begins_nothing() -> None:
    policy = team()
    policy["root"]["by"] = []
    assert refusal_of(History(policy).begun).startswith(
        "policy-bytes: policy.yaml cannot be in force: root: nobody could change this policy"
    )


# A threshold of one.


def test_one_root_person_is_enough_where_the_policy_says_so() -> None:
    history = History()
    verdict = history.enact(changed(), by="bob")
    assert isinstance(verdict, Accepted)
    [entry] = verdict.entries
    assert isinstance(entry, PolicyEntry)
    assert (entry.index, entry.registry, entry.policy.max_age) == (1, REGISTRY, 86400)
    assert history.in_force == entry


def test_another_person_changes_nothing_of_the_roots() -> None:
    assert refusal_of(History().enact(changed(), by="carol")) == (
        "policy-threshold: "
        "carol is no root person, and the change is not of their own entries alone"
    )


def test_what_root_people_approved_is_enacted_by_one_of_them() -> None:
    history = History()
    accepted(history.propose(changed(), by="alice"))
    assert "carol is no root person" in refusal_of(history.enact(changed(), by="carol"))
    accepted(history.enact(changed(), by="bob"))


def test_the_bytes_are_those_that_the_record_names() -> None:
    history = History()
    verdict = history.enact(changed(), by="alice", new_policy=SHA)
    assert refusal_of(verdict) == "policy-bytes: policy.yaml is not the file that New-Policy names"


# A threshold of two.


def test_two_root_people_enact_together() -> None:
    history = History(of_two())
    policy = changed(of_two())
    accepted(history.propose(policy, by="alice"))
    assert refusal_of(history.enact(policy, by="alice")) == (
        "policy-threshold: 1 of the 2 root people of the policy in force have signed"
    )
    accepted(history.approve_policy(policy, by="bob"), history.enact(policy, by="alice"))


def test_the_second_root_person_may_enact_at_once() -> None:
    history = History(of_two())
    accepted(
        history.propose(changed(of_two()), by="alice"), history.enact(changed(of_two()), by="bob")
    )


def test_two_keys_of_one_person_are_one_person() -> None:
    history = History(of_two())
    policy = changed(of_two())
    accepted(
        history.propose(policy, by="alice"),
        history.approve_policy(policy, by="alice", signer=key_of("alice", 2)),
    )
    for number in (1, 2):
        verdict = history.enact(policy, by="alice", signer=key_of("alice", number))
        assert "1 of the 2" in refusal_of(verdict)


@pytest.mark.parametrize("verdict", ["withdraw", "reject"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_person_takes_back_their_approval_with_any_key(verdict: str, number: int) -> None:
    history = History(of_two())
    policy = changed(of_two())
    accepted(
        history.propose(policy, by="alice"),
        history.approve_policy(policy, by="alice", verdict=verdict, signer=key_of("alice", number)),
    )
    assert "1 of the 2" in refusal_of(history.enact(policy, by="bob"))
    accepted(history.approve_policy(policy, by="alice"), history.enact(policy, by="bob"))


def test_more_must_sign_where_the_new_policy_asks_for_more() -> None:
    history = History()
    assert refusal_of(history.enact(of_two(), by="alice")) == (
        "policy-threshold: 1 of the 2 root people of the proposed policy have signed"
    )
    accepted(history.propose(of_two(), by="alice"), history.enact(of_two(), by="bob"))


def test_enough_must_sign_where_the_new_policy_asks_for_less() -> None:
    history = History(of_two())
    assert "1 of the 2 root people of the policy in force" in refusal_of(
        history.enact(team(), by="alice")
    )


# Proposals.


def test_a_proposal_is_a_present_root_persons() -> None:
    history = History()
    policy = team_of("carol")
    for person in ("carol", "ci"):
        assert refusal_of(history.propose(policy, by=person)) == (
            "policy-proposal: "
            "only the approval of a root person of the policy in force proposes a policy"
        )
    assert rule_of(history.propose(policy, by="mallory")) == "signer"


@pytest.mark.parametrize("verdict", ["reject", "withdraw"])
def test_a_proposal_begins_with_an_approval(verdict: str) -> None:
    verdict_on_nothing = History().propose(changed(), by="alice", verdict=verdict)
    assert rule_of(verdict_on_nothing) == "policy-proposal"


def test_a_proposal_carries_its_bytes_once() -> None:
    history = History()
    assert refusal_of(history.approve_policy(changed(), by="alice")) == (
        "policy-proposal: a proposal carries its policy.yaml"
    )
    accepted(history.propose(changed(), by="alice"))
    assert refusal_of(history.propose(changed(), by="bob")) == (
        "policy-proposal: policy.yaml is carried by the proposal alone"
    )


def test_a_proposal_that_cannot_be_in_force_is_none() -> None:
    assert rule_of(History().propose(changed(age="soon"), by="alice")) == "policy-bytes"


def test_a_proposal_keeps_who_approves_it() -> None:
    history = History()
    verdict = history.propose(changed(), by="alice")
    assert isinstance(verdict, Accepted)
    [entry] = verdict.entries
    assert isinstance(entry, ProposalEntry)
    assert entry.object == history.records[-1].object
    assert entry.signers == {key_of("alice")}
    assert history.state.proposal(entry.digest) == entry


def test_an_approval_points_at_the_blob_of_the_proposal() -> None:
    history = History(of_two())
    accepted(history.propose(changed(of_two()), by="alice"))
    stray = history.approve_policy(changed(of_two()), by="bob", object=SHA[:40])
    assert refusal_of(stray) == (
        "policy-proposal: the record's object is not the blob of the proposed policy"
    )


def test_those_whom_it_lets_in_may_approve_but_not_enact() -> None:
    history = History()
    policy = team_of("frank", frank=[key_of("frank")])
    assert refusal_of(history.enact(policy, by="alice")) == (
        "policy-threshold: 0 of the 1 root people of the proposed policy have signed"
    )
    assert rule_of(history.approve_policy(policy, by="frank")) == "signer"
    accepted(history.propose(policy, by="alice"))
    verdict = history.approve_policy(policy, by="frank")
    assert isinstance(verdict, Accepted)
    assert verdict.person == "frank"
    assert rule_of(history.enact(policy, by="frank")) == "signer"
    accepted(history.enact(policy, by="alice"))
    assert rule_of(history.enact(team(), by="alice")) == "policy-threshold"
    assert history.policy.root.by == {"frank"}


def test_others_whom_it_lets_in_approve_nothing() -> None:
    history = History()
    policy = team_of("alice", frank=[key_of("frank")])
    accepted(history.propose(policy, by="alice"))
    assert rule_of(history.approve_policy(policy, by="frank")) == "policy-proposal"
    assert rule_of(history.approve_policy(policy, by="carol")) == "policy-proposal"
    assert rule_of(history.beat(signer=key_of("frank"))) == "signer"


def test_an_approval_counts_for_each_policy_by_its_own_keys() -> None:
    history = History(of_two())
    policy = of_two()
    policy["people"]["bob"]["keys"] = [key_of("bob", 2)]
    accepted(history.propose(policy, by="alice"), history.approve_policy(policy, by="bob"))
    assert "1 of the 2 root people of the proposed policy" in refusal_of(
        history.enact(policy, by="alice")
    )
    accepted(
        history.approve_policy(policy, by="bob", signer=key_of("bob", 2)),
        history.enact(policy, by="alice"),
    )


def test_a_person_takes_back_what_their_future_key_approved() -> None:
    history = History()
    both = team_of("bob", bob=[key_of("bob"), key_of("bob", 2)])
    accepted(
        history.propose(both, by="alice"),
        history.approve_policy(both, by="bob", signer=key_of("bob", 2)),
        history.approve_policy(both, by="bob", verdict="withdraw"),
    )
    assert "0 of the 1 root people of the proposed policy" in refusal_of(
        history.enact(both, by="alice")
    )


def test_a_newer_policy_ends_every_proposal() -> None:
    history = History(of_two())
    old, new = changed(of_two(), "1d"), changed(of_two(), "2d")
    accepted(
        history.propose(old, by="alice"),
        history.propose(new, by="alice"),
        history.approve_policy(old, by="bob"),
        history.enact(new, by="bob"),
    )
    assert rule_of(history.enact(old, by="alice")) == "policy-threshold"
    assert rule_of(history.approve_policy(old, by="alice")) == "policy-proposal"


def test_a_proposal_that_cites_an_older_policy_is_refused() -> None:
    history = History()
    first = history.in_force.digest
    accepted(history.enact(changed(), by="alice"))
    assert rule_of(history.propose(team(), by="alice", policy=first)) == "policy-cited"


# Keys.


def test_a_sole_key_is_swapped_by_adding_the_new_and_removing_the_old() -> None:
    old, new = key_of("alice"), key_of("alice", 2)
    history = History(team_of("alice", alice=[old]))
    assert rule_of(history.enact(team_of("alice", alice=[new]), by="alice")) == "policy-threshold"
    accepted(
        history.enact(team_of("alice", alice=[old, new]), by="alice"),
        history.enact(team_of("alice", alice=[new]), by="alice", signer=new),
    )
    assert rule_of(history.register("iris", "1.0.0", signer=old)) == "signer"
    accepted(history.register("iris", "1.0.0", signer=new))


def test_what_a_removed_key_signed_before_stays_valid() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0", by="bob"))
    policy = team_of("alice", bob=[])
    accepted(history.enact(policy, by="alice"))
    assert history.version("iris", "1.0.0").person == "bob"
    assert rule_of(history.register("iris", "1.1.0", by="bob")) == "signer"
    staged(history, "1.2.0")


def test_a_removed_key_is_worth_nothing_whatever_date_it_writes() -> None:
    history = History()
    before = Tagger(name="bob", email="bob@example.org", time=history.time - 1)
    accepted(history.enact(team_of("alice", bob=[]), by="alice"))
    assert rule_of(history.register("iris", "1.0.0", by="bob", tagger=before)) == "signer"


# Owners.


def with_gate(policy: Json) -> None:
    production_of(policy)["gates"][0]["min"] = 0.5


def with_approvers(policy: Json) -> None:
    production_of(policy)["approve"] = {"by": ["erin"], "count": 1}


def test_owners_change_their_entry_without_the_root() -> None:
    for change in (with_gate, with_approvers):
        history = History()
        policy = team()
        change(policy)
        accepted(history.enact(policy, by="erin"))
        assert rule_of(history.enact(team(), by="carol")) == "policy-threshold"
        accepted(history.enact(team(), by="erin"))


def owners(policy: Json) -> None:
    policy["models"]["*"]["owners"] = ["erin", "carol"]


def no_owners(policy: Json) -> None:
    policy["models"]["*"].pop("owners")


def roles(policy: Json) -> None:
    policy["roles"]["reviewers"] = ["erin"]


def keys(policy: Json) -> None:
    policy["people"]["alice"]["keys"] = [key_of("erin", 2)]


def root(policy: Json) -> None:
    policy["root"]["by"] = ["erin"]


def datasets(policy: Json) -> None:
    policy["datasets"]["holdout"]["sha256"] = SHA


def beats(policy: Json) -> None:
    policy["beat"] = []


def age(policy: Json) -> None:
    policy.pop("max_age")


def another_entry(policy: Json) -> None:
    policy["models"]["fraud/*"]["register"] = ["erin"]


def new_entry(policy: Json) -> None:
    policy["models"]["iris"] = {"owners": ["erin"], "register": ["erin"]}


def no_entry(policy: Json) -> None:
    policy["models"].pop("fraud/*")


def no_entries(policy: Json) -> None:
    policy.pop("models")


def pickles(policy: Json) -> None:
    policy["models"]["*"]["allow_pickle"] = True


def nothing(policy: Json) -> None:
    assert policy == team()


@pytest.mark.parametrize(
    "change",
    [
        *(owners, no_owners, pickles, roles, keys, root, datasets, beats, age),
        *(another_entry, new_entry, no_entry, no_entries, nothing),
    ],
)
def test_owners_change_nothing_else(change: Callable[[Json], None]) -> None:
    policy = team()
    change(policy)
    assert rule_of(History().enact(policy, by="erin")) == "policy-threshold"


@pytest.mark.parametrize("change", [owners, pickles, roles, keys, root, datasets, another_entry])
def test_owners_smuggle_nothing_in(change: Callable[[Json], None]) -> None:
    policy = team()
    with_gate(policy)
    change(policy)
    assert rule_of(History().enact(policy, by="erin")) == "policy-threshold"


def test_an_owner_of_two_entries_changes_both() -> None:
    policy: Any = team()
    policy["models"]["fraud/*"]["owners"] = ["erin"]
    after = team()
    after["models"]["fraud/*"] = policy["models"]["fraud/*"] | {"yank": ["erin"]}
    with_gate(after)
    accepted(History(policy).enact(after, by="erin"))
    old, new = Policy.from_dict(policy), Policy.from_dict(after)
    assert is_owner_change(old, new, "erin")
    assert not is_owner_change(old, new, "dave")
    assert not is_owner_change(old, new, None)


def test_an_owners_change_must_be_able_to_be_in_force() -> None:
    policy = team()
    production_of(policy)["promote"] = ["frank"]
    assert rule_of(History().enact(policy, by="erin")) == "policy-bytes"


def test_the_root_may_change_everything_and_nothing() -> None:
    for change in (owners, roles, root, datasets, another_entry, new_entry, no_entries, nothing):
        policy = team()
        change(policy)
        history = History()
        accepted(history.propose(policy, by="alice"))
        if change is root:
            accepted(history.approve_policy(policy, by="erin"))
        accepted(history.enact(policy, by="bob"))


# What an owner's change leaves standing.


def governed(policy: Json, pattern: str) -> Json:
    """A team of two root people whose entry has a production that asks for one approval."""
    entry = policy["models"]["*"] | {"owners": ["erin"]}
    stages = {"production": {"promote": ["alice"], "approve": {"by": ["carol"]}}}
    policy["models"][pattern] = entry | {"stages": stages}
    policy["root"]["threshold"] = 2
    return policy


def gated(policy: Json, pattern: str, bound: float) -> Json:
    after = copy.deepcopy(policy)
    stage = after["models"][pattern]["stages"]["production"]
    stage["gates"] = [{"metric": "accuracy", "min": bound}]
    return after


def test_an_owners_change_leaves_proposals_of_the_root_open() -> None:
    policy = governed(team(), "fraud/*")
    history = History(policy)
    proposed = changed(policy)
    accepted(history.propose(proposed, by="alice"))
    for bound in (0.5, 0.6):
        accepted(history.enact(gated(policy, "fraud/*", bound), by="erin"))
    assert history.in_force.decided == 0
    accepted(history.enact(proposed, by="bob"))
    assert (history.in_force.decided, history.in_force.changed) == (4, {})
    assert history.state.proposals == {}


def test_an_owners_change_that_was_proposed_is_no_proposal_any_more() -> None:
    policy = governed(team(), "fraud/*")
    history = History(policy)
    accepted(history.propose(gated(policy, "fraud/*", 0.5), by="alice"))
    accepted(history.enact(gated(policy, "fraud/*", 0.5), by="erin"))
    assert history.state.proposals == {}


@pytest.mark.parametrize(
    ("model", "rule"), [("fraud/scorer", "approvals"), ("fraud", None), ("iris", None)]
)
def test_an_owners_change_ends_the_approvals_that_it_governs(model: str, rule: str | None) -> None:
    policy = governed(governed(team(), "*"), "fraud/*")
    history = History(policy)
    accepted(history.register(model, "1.0.0", by="bob"))
    accepted(history.approve(model, "1.0.0", "production"))
    accepted(history.enact(gated(policy, "fraud/*", 0.5), by="erin"))
    assert rule_of(history.promote(model, "1.0.0", "production")) == rule


def test_the_roots_change_ends_all_approvals_whoever_owns_the_entry() -> None:
    policy = governed(governed(team(), "*"), "fraud/*")
    history = History(policy)
    after = gated(policy, "fraud/*", 0.5)
    accepted(history.register("iris", "1.0.0", by="bob"))
    accepted(history.approve("iris", "1.0.0", "production"))
    accepted(history.propose(after, by="alice"), history.enact(after, by="bob"))
    assert rule_of(history.promote("iris", "1.0.0", "production")) == "approvals"
