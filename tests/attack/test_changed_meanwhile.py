"""The ground shifts between what a reviewer sees and what they sign: the verdict is not signed.

Whoever owns the entry of a model changes its gates while a reviewer reads, or while their verdict
waits in a clone. An approval given after that change would count under it.
"""

from __future__ import annotations

import pytest

import gitreg
from gitreg.errors import RefusedError
from gitreg.registry.approve import approve
from gitreg.registry.review import review
from tests.attack.crew import Crew
from tests.fixtures import Cli, refs_of, run_git


@pytest.fixture
def owned(crew: Crew) -> Crew:
    """A crew in which Bob owns `*`."""
    policy = crew.policy()
    policy["models"]["*"]["owners"] = ["bob"]
    crew.write("alice", crew.proposal(policy))
    crew.write("bob", crew.enactment(policy))
    crew.fetch()
    run_git(crew.dave, "branch", "--quiet", "gitreg-ledger", "origin/gitreg-ledger")
    return crew


def weaken(crew: Crew, pattern: str, stage: str) -> None:
    policy = crew.policy()
    policy["models"][pattern]["stages"][stage]["gates"] = []
    crew.write("bob" if pattern == "*" else "erin", crew.enactment(policy))


def test_gates_that_change_while_a_reviewer_reads(owned: Crew) -> None:
    registry = gitreg.open(owned.dave)
    seen = review(registry, "iris@1.1.0", stage="production")
    weaken(owned, "*", "production")
    before = refs_of(owned.origin)
    with pytest.raises(RefusedError, match="what you saw is no more") as caught:
        approve(registry, seen, key=owned.key("carol"))
    assert caught.value.rule == "policy-cited"
    assert refs_of(owned.origin) == before


def test_another_entry_that_changes_is_no_matter(owned: Crew) -> None:
    registry = gitreg.open(owned.dave)
    seen = review(registry, "iris@1.1.0", stage="production")
    weaken(owned, "sandbox/*", "staging")
    approve(registry, seen, key=owned.key("carol"))
    owned.write("bob", owned.draft("promote", "1.1.0", "production"))


def test_gates_that_change_while_a_verdict_waits(owned: Crew, victim: Cli) -> None:
    words = ("approve", "iris@1.1.0", "--stage=production", "--yes", "--no-push")
    victim.ok(*words, "--key", owned.key("carol"))
    weaken(owned, "*", "production")
    said = victim.no("push", "--key", owned.key("carol"))
    assert "“Approve iris v1.1.0 for production” no longer applies" in said
    assert "git update-ref -d refs/gitreg/pending" in said


def test_a_verdict_that_waits_while_another_entry_changes(owned: Crew, victim: Cli) -> None:
    words = ("approve", "iris@1.1.0", "--stage=production", "--yes", "--no-push")
    victim.ok(*words, "--key", owned.key("carol"))
    weaken(owned, "sandbox/*", "staging")
    victim.ok("push", "--key", owned.key("carol"))
    owned.write("bob", owned.draft("promote", "1.1.0", "production"))
