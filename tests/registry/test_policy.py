from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import InvalidError, NotFoundError, RefusedError, SetupError
from gitreg.registry.policy import apply_policy, judge_policy, show_policy
from gitreg.registry.proposal import Signatures
from gitreg.signing import read_public_key
from tests.fixtures import Cli, Team, make_key


def edit(team: Team, old: str, new: str) -> None:
    file = team.clone / "gitreg.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def add_bob(team: Team, bob_key: Path) -> None:
    bob = f'people:\n  bob: {{keys: ["{read_public_key(bob_key)}"]}}\n'
    edit(team, "people:\n", bob)
    edit(team, "maintainers: [", "maintainers: [bob, ")


def test_an_edited_policy_holds_from_its_record_on(team: Team, bob_key: Path) -> None:
    team.open().register(new="iris", files=[team.model_file], version="1.0.0")
    with pytest.raises(SetupError, match="no key at hand is of a person in the policy"):
        team.open().promote("iris", stage="staging", key=bob_key)
    add_bob(team, bob_key)
    (record,) = apply_policy(team.open(), reason="bob joins").records
    assert (record.action, record.reason) == ("policy", "bob joins")
    team.open().promote("iris", stage="staging", key=bob_key)
    assert team.open().verify().people == {"alice": 3, "bob": 1}


def test_what_is_in_force_is_what_was_signed(team: Team, bob_key: Path) -> None:
    before = show_policy(team.open())
    assert (before.index, before.text) == (0, (team.clone / "gitreg.yaml").read_text())
    add_bob(team, bob_key)
    assert show_policy(team.open()) == before
    apply_policy(team.open())
    assert show_policy(team.open()).index == 1
    assert apply_policy(team.open()).records == ()


def two_must_sign(team: Team, bob_key: Path) -> None:
    add_bob(team, bob_key)
    edit(team, "threshold: 1", "threshold: 2")


def test_a_policy_that_needs_more_signatures_waits_for_them(team: Team, bob_key: Path) -> None:
    two_must_sign(team, bob_key)
    (record,) = apply_policy(team.open()).records
    assert (record.action, record.verdict) == ("approve", "approve")
    view = show_policy(team.open())
    assert view.index == 0
    (proposal,) = view.proposals
    assert (proposal.present, proposal.proposed) == (
        Signatures(people=("alice",), needed=1),
        Signatures(people=("alice",), needed=2),
    )
    assert proposal.waits_for == ("bob",)
    assert apply_policy(team.open()).records == ()  # alice has signed it
    judge_policy(team.open(), key=bob_key)
    assert show_policy(team.open()).proposals[0].waits_for == ("alice",)
    assert show_policy(team.open()).index == 0  # bob is no root person yet: alice enacts it
    (record,) = apply_policy(team.open()).records
    assert record.action == "policy"
    assert (show_policy(team.open()).index, show_policy(team.open()).proposals) == (3, ())


def test_the_last_signature_that_was_missing_enacts(team: Team, bob_key: Path) -> None:
    add_bob(team, bob_key)
    apply_policy(team.open())
    edit(team, "threshold: 1", "threshold: 2")
    apply_policy(team.open())
    judge_policy(team.open(), key=bob_key)
    apply_policy(team.open())
    edit(team, "stages:", "evaluate: [bob]\n    stages:")
    apply_policy(team.open())
    (proposal,) = show_policy(team.open()).proposals
    digest = proposal.digest[:8]
    (record,) = judge_policy(team.open(), digest, key=bob_key).records
    assert record.action == "policy"
    assert team.open().verify().void == 0


def test_an_approval_that_is_withdrawn_counts_no_more(team: Team, bob_key: Path) -> None:
    two_must_sign(team, bob_key)
    apply_policy(team.open())
    judge_policy(team.open(), key=bob_key)
    judge_policy(team.open(), verdict="withdraw", reason="not yet", key=bob_key)
    (record,) = apply_policy(team.open()).records or [None]
    assert record is None
    (proposal,) = show_policy(team.open()).proposals
    assert proposal.proposed.people == ("alice",)


def test_a_stranger_can_neither_propose_nor_approve(team: Team, bob_key: Path) -> None:
    two_must_sign(team, bob_key)
    with pytest.raises(RefusedError) as caught:
        apply_policy(team.open(), key=bob_key)
    assert caught.value.rule == "signer"
    apply_policy(team.open())
    stranger = make_key(team.folder / "stranger")
    with pytest.raises(SetupError, match="no key at hand"):
        judge_policy(team.open(), key=stranger)
    with pytest.raises(NotFoundError, match="0 open proposals"):
        judge_policy(team.open(), "ffffff", key=bob_key)


def test_a_proposal_is_signed_without_a_clone(team: Team, bob_key: Path, cli: Cli) -> None:
    two_must_sign(team, bob_key)
    cli.folder = team.clone
    said = cli.ok("policy", "apply").err
    assert "waits: signed by alice" in said
    assert said.endswith(", by bob\n")
    cli.folder = team.folder
    ran = cli.ok("policy", "approve", "--repo", team.url, "--key", bob_key)
    assert "bob may now register *" in ran.out
    assert "Approve policy" in ran.out
    cli.folder = team.clone
    assert "Change the policy" in cli.ok("policy", "apply").out


def test_a_difference_is_told_in_words(team: Team, bob_key: Path, cli: Cli) -> None:
    cli.folder = team.clone
    assert "it is the policy in force" in cli.ok("policy", "diff").err
    edit(team, "gitreg: 1", "# a comment\ngitreg: 1")
    assert "spelled otherwise" in cli.ok("policy", "diff").err
    add_bob(team, bob_key)
    out = cli.ok("policy", "diff").out
    assert "bob joins, with ssh-ed25519 …" in out
    assert "bob may now promote * to production" in out
    assert cli.ok("policy", "diff", "--json").json["same"] is False


def test_every_problem_is_told_with_its_line(team: Team) -> None:
    edit(team, "    stages:\n", "    allow_pickle: perhaps\n    stages:\n")
    edit(team, "root: {by: [maintainers], threshold: 1}", "root: {by: [nobody], threshold: 1}")
    with pytest.raises(InvalidError) as caught:
        apply_policy(team.open())
    lines = (team.clone / "gitreg.yaml").read_text().splitlines()
    wheres = {finding.where for finding in caught.value.findings}
    for wrong in ("allow_pickle: perhaps", "root: {by"):
        number = next(place for place, line in enumerate(lines, 1) if wrong in line)
        assert f"gitreg.yaml:{number}" in wheres


def test_without_the_file_it_is_told_how_to_get_it(team: Team) -> None:
    (team.clone / "gitreg.yaml").unlink()
    with pytest.raises(SetupError, match=r"there is no gitreg\.yaml") as caught:
        apply_policy(team.open())
    assert caught.value.next_step == "gitreg policy show > gitreg.yaml"
