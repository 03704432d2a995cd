from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import InvalidError, RefusedError, SetupError
from gitreg.registry.policy import apply_policy, show_policy
from gitreg.signing import read_public_key
from tests.fixtures import Team


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


def test_a_policy_that_needs_more_signatures_is_refused(team: Team, bob_key: Path) -> None:
    add_bob(team, bob_key)
    edit(team, "threshold: 1", "threshold: 2")
    with pytest.raises(RefusedError, match="1 of the 2 root people") as caught:
        apply_policy(team.open())
    assert caught.value.rule == "policy-threshold"


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
