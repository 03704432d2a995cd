from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import RefusedError
from gitreg.registry.approve import approve
from gitreg.registry.policy import apply_policy
from gitreg.registry.review import review
from gitreg.signing import read_public_key
from tests.fixtures import Cli, Team


@pytest.fixture
def reviewed(released: Team, bob_key: Path) -> Team:
    """A released team whose production needs bob's approval, and an accuracy."""
    file = released.clone / "gitreg.yaml"
    bob = f'people:\n  bob: {{keys: ["{read_public_key(bob_key)}"]}}\n'
    rules = (
        "{after: staging, promote: [maintainers], approve: {by: [bob]}, "
        "gates: [{metric: accuracy, min: 0.96}, {metric: accuracy, min_change: 0.0}]}"
    )
    text = file.read_text().replace("people:\n", bob)
    text = text.replace("{after: staging, promote: [maintainers]}", rules)
    file.write_text(text)
    apply_policy(released.open())
    return released


def test_a_promotion_needs_the_approval_that_somebody_else_signs(
    reviewed: Team, bob_key: Path
) -> None:
    with pytest.raises(RefusedError, match="0 of 1 approvals"):
        reviewed.open().promote("iris@1.1.0", stage="production")
    (record,) = reviewed.open().approve("iris@1.1.0", stage="production", key=bob_key).records
    assert (record.action, record.verdict, record.seq) == ("approve", "approve", 2)
    assert reviewed.open().approve("iris@1.1.0", stage="production", key=bob_key).records == ()
    reviewed.open().promote("iris@1.1.0", stage="production")


def test_what_is_approved_is_shown(reviewed: Team, bob_key: Path, cli: Cli) -> None:
    cli.folder = reviewed.clone
    seen = cli.ok("approve", "iris@1.1.0", "--stage", "production", "--key", bob_key)
    for words in (
        "iris 1.1.0 to production",
        "champion    1.0.0",
        "1 needed, of bob",
        "nobody decided",
        "accuracy  0.97   0.95",
        "holds",
        "+0.02 from",
        "Approve iris v1.1.0 for production (record",
    ):
        assert words in seen.out, words
    assert "bob: approve, for production" in cli.ok("show", "iris@1.1.0").out
    shown = cli.ok("show", "iris@1.1.0", "--json").json["verdicts"]
    assert [(item["person"], item["verdict"]) for item in shown] == [("bob", "approve")]
    assert "Approve v1.1.0 for production" in " ".join(cli.ok("history", "iris").out.split())


def test_a_gate_that_fails_is_seen_before_signing(reviewed: Team, bob_key: Path) -> None:
    seen = review(reviewed.open(), "iris@1.0.0", stage="staging")
    assert seen.gates == ()
    seen = review(reviewed.open(), "iris@1.1.0", stage="production")
    assert [result.passed for result in seen.gates] == [True, True]
    assert {change.path for change in seen.changes} >= {
        "version",
        "metrics.accuracy",
        "artifacts.model.skops.sha256",
    }


def test_a_rejection_stops_it_until_it_is_withdrawn(
    reviewed: Team, bob_key: Path, cli: Cli
) -> None:
    cli.folder = reviewed.clone
    words = ("iris@1.1.0", "--stage", "production", "--key", str(bob_key))
    assert "nothing" not in cli.ok("approve", *words, "--reject", "--reason", "too early").out
    with pytest.raises(RefusedError, match="bob rejects it"):
        reviewed.open().promote("iris@1.1.0", stage="production")
    cli.ok("approve", *words, "--withdraw")
    with pytest.raises(RefusedError, match="0 of 1 approvals"):
        reviewed.open().promote("iris@1.1.0", stage="production")
    assert "your verdict is that already" in cli.ok("approve", *words, "--withdraw").out


def test_no_clone_is_needed(reviewed: Team, bob_key: Path, cli: Cli) -> None:
    cli.folder = reviewed.folder
    words = ("iris@1.1.0", "--stage", "production", "--key", str(bob_key))
    done = cli.ok("approve", *words, "--repo", reviewed.url, "--json").json
    assert done["records"][0]["title"] == "Approve iris v1.1.0 for production"
    reviewed.open().promote("iris@1.1.0", stage="production")


def test_who_may_not_approve_is_told(reviewed: Team) -> None:
    with pytest.raises(RefusedError, match="alice may not approve iris to production"):
        reviewed.open().approve("iris@1.1.0", stage="production")
    with pytest.raises(RefusedError, match="has no stage shadow"):
        review(reviewed.open(), "iris@1.1.0", stage="shadow")


def test_what_was_seen_must_still_be_so(reviewed: Team, bob_key: Path) -> None:
    seen = review(reviewed.open(), "iris@1.1.0", stage="staging")
    reviewed.open().vacate("iris", stage="staging")
    with pytest.raises(RefusedError, match="what you saw is no more") as caught:
        approve(reviewed.open(), seen, key=bob_key)
    assert caught.value.rule == "seq"


def test_a_dry_run_shows_all_that_is_in_the_way(reviewed: Team, bob_key: Path, cli: Cli) -> None:
    cli.folder = reviewed.clone
    ran = cli("promote", "iris@1.1.0", "--stage", "production", "--dry-run")
    assert ran.code == 1
    assert "in the way: 0 of 1 approvals; these may approve it: bob (approvals)" in ran.out
    assert "accuracy" in ran.out
    approve(reviewed.open(), review(reviewed.open(), "iris@1.1.0", stage="production"), key=bob_key)
    before = len(reviewed.open().ledger.records)
    ran = cli("promote", "iris@1.1.0", "--stage", "production", "--dry-run")
    assert ran.code == 0
    assert "nothing is in the way" in ran.out
    assert len(reviewed.open().ledger.records) == before
