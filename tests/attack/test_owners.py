"""A stolen key of an owner, who may change one entry of the policy: what it cannot hold up.

Erin owns `sandbox/*`. Her key is no root's, and whatever she does to her entry is her own affair.
"""

from __future__ import annotations

from tests.attack.crew import Crew, Json, is_void
from tests.fixtures import Cli


def change_own_entry(crew: Crew, bound: float) -> None:
    policy = crew.policy()
    staging = policy["models"]["sandbox/*"]["stages"]["staging"]
    staging["gates"] = [{"metric": "accuracy", "min": bound}]
    crew.write("erin", crew.enactment(policy))


def without_erin(crew: Crew) -> Json:
    policy = crew.policy()
    policy["people"].pop("erin")
    policy["models"].pop("sandbox/*")
    return policy


def test_an_owner_cannot_keep_the_root_from_removing_them(crew: Crew) -> None:
    removal = without_erin(crew)
    change_own_entry(crew, 0.1)
    crew.write("alice", crew.proposal(removal))
    for bound in (0.2, 0.3):
        change_own_entry(crew, bound)
    crew.write("bob", crew.enactment(removal))
    crew.forge("erin", crew.registration("1.0.0", model="sandbox/rose"))
    assert "of nobody in the policy in force" in is_void(crew, "signer")


def test_an_owner_cannot_clear_the_approvals_of_other_models(crew: Crew) -> None:
    crew.write("carol", crew.draft("approve", "1.1.0", "production", verdict="approve"))
    change_own_entry(crew, 0.1)
    crew.write("bob", crew.draft("promote", "1.1.0", "production"))
    assert crew.state.champion("iris", "production") == "1.1.0"


def test_a_rejection_outlives_an_owners_change_too(crew: Crew) -> None:
    crew.write("carol", crew.draft("approve", "1.1.0", "production", verdict="approve"))
    crew.write("dave", crew.draft("approve", "1.1.0", "production", verdict="reject"))
    change_own_entry(crew, 0.1)
    crew.forge("bob", crew.draft("promote", "1.1.0", "production"))
    assert "dave rejects it" in is_void(crew, "approvals")


def test_an_owner_who_meets_the_roots_threshold_decides_as_the_root(crew: Crew) -> None:
    """Bob owns `*` now. What he and Alice enact ends older proposals, though he could alone."""
    shared, lax = crew.policy(), crew.policy()
    shared["models"]["*"]["owners"] = lax["models"]["*"]["owners"] = ["bob"]
    crew.write("alice", crew.proposal(shared))
    crew.write("bob", crew.enactment(shared))
    strict = crew.policy()
    lax["models"]["*"]["stages"]["production"].pop("approve")
    strict["models"]["*"]["stages"]["production"]["approve"]["count"] = 2
    for policy in (lax, strict):
        crew.write("alice", crew.proposal(policy))
    crew.write("bob", crew.enactment(strict))
    crew.forge("erin", crew.enactment(lax))
    crew.forge("alice", crew.enactment(lax))
    assert "1 of the 2 root people" in is_void(crew, "policy-threshold", "policy-threshold")


def test_who_enacts_sees_that_it_sets_back_an_owners_change(crew: Crew, victim: Cli) -> None:
    policy = crew.policy() | {"max_age": "30d"}
    crew.write("alice", crew.proposal(policy))
    change_own_entry(crew, 0.5)
    crew.fetch()
    said = victim.ok("policy", "show").err
    assert "it sets back what owners changed since: sandbox/*" in said
    (proposal,) = victim.ok("policy", "show", "--json").json["proposals"]
    assert proposal["overwrites"] == ["sandbox/*"]
    seen = victim.ok("policy", "approve", "--key", crew.key("bob")).out
    assert "accuracy >= 0.5" in seen
    assert "sandbox" in seen
    assert "gates" not in crew.policy()["models"]["sandbox/*"]["stages"]["staging"]
