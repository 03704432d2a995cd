"""Keys that change: new ones count at once, those that left the policy never again."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import InvalidError, SetupError
from gitreg.ledger.appending import Draft
from gitreg.registry.policy import apply_policy, judge_policy
from gitreg.signing import read_public_key
from tests.fixtures import Team, forge


def edit(team: Team, old: str, new: str) -> None:
    file = team.clone / "gitreg.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_sole_root_key_is_swapped_in_two_records(
    released: Team, alice_key: Path, bob_key: Path
) -> None:
    old, new = read_public_key(alice_key), read_public_key(bob_key)
    edit(released, f'"{old}"', f'"{old}", "{new}"')
    apply_policy(released.open(), key=alice_key)
    edit(released, f'"{old}", ', "")
    apply_policy(released.open(), key=bob_key)
    registry = released.open()
    assert registry.state.policies[-1].policy.keys == {"alice": (new,)}
    registry.deprecate("iris@1.0.0", key=bob_key)
    with pytest.raises(SetupError, match="no key at hand is of a person in the policy"):
        released.open().deprecate("iris@1.1.0", key=alice_key)
    assert registry.verify().void == 0


def test_a_sole_root_key_is_not_swapped_by_itself_alone(
    released: Team, alice_key: Path, bob_key: Path
) -> None:
    edit(released, read_public_key(alice_key), read_public_key(bob_key))
    (record,) = apply_policy(released.open(), key=alice_key).records
    assert record.action == "approve"  # the new key has to sign, too: it is really there
    judge_policy(released.open(), key=bob_key)
    apply_policy(released.open(), key=alice_key)
    assert released.open().state.policies[-1].policy.keys == {"alice": (read_public_key(bob_key),)}


def test_a_policy_without_a_root_key_is_refused(released: Team, alice_key: Path) -> None:
    edit(released, f'"{read_public_key(alice_key)}"', "")
    with pytest.raises(InvalidError) as caught:
        apply_policy(released.open())
    assert "nobody could change this policy" in caught.value.findings[0].what


def test_a_removed_key_is_worth_nothing_whatever_dates_it_writes(
    released: Team, alice_key: Path, bob_key: Path
) -> None:
    bob = read_public_key(bob_key)
    edit(released, "people:\n", f'people:\n  bob: {{keys: ["{bob}"]}}\n')
    edit(released, "maintainers: [alice]", "maintainers: [alice, bob]")
    apply_policy(released.open())
    released.open().deprecate("iris@1.0.0", key=bob_key)
    edit(released, f'  bob: {{keys: ["{bob}"]}}\n', "")
    edit(released, "maintainers: [alice, bob]", "maintainers: [alice]")
    apply_policy(released.open())
    version = released.open().state.version("iris", "1.1.0")
    assert version is not None
    draft = Draft(
        action="yank", object=version.commit, fields={"model": "iris", "version": "1.1.0"}
    )
    for time in (0, version.time, 1 << 36):
        forge(released.clone, draft, bob_key, time=time)
    registry = released.open()
    assert [void.rule for void in registry.ledger.void] == ["signer"] * 3
    assert registry["iris@1.1.0"].entry.yanked is None
    assert registry["iris@1.0.0"].entry.deprecated is not None  # said while he was trusted
    registry.promote("iris@1.1.0", stage="production")
