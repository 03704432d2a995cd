from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gitreg.domain.policy import Policy
from gitreg.domain.policy_diff import describe_policy_change
from tests.ledgers import Json, key_of, production_of, team

Edit = Callable[[Json], Any]


def said(edit: Edit) -> tuple[str, ...]:
    changed = team()
    edit(changed)
    return describe_policy_change(Policy.from_dict(team()), Policy.from_dict(changed))


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda p: p["root"].update(threshold=2), "changing the policy takes 2 root people, not 1"),
        (lambda p: p.update(beat=[]), "ci may no longer sign heartbeats"),
        (lambda p: p.update(max_age="2w"), "max_age is 2w, not 30d"),
        (lambda p: p.pop("max_age"), "max_age is none, not 30d"),
        (
            lambda p: p["datasets"].update(other={"sha256": "1" * 64}),
            f"the data set other is new: sha256:{'1' * 64}",
        ),
        (
            lambda p: p["models"]["fraud/*"].update(register=["bob"]),
            "alice may no longer register fraud/*",
        ),
        (lambda p: p["models"]["fraud/*"].update(register=["bob"]), "bob may now register fraud/*"),
        (
            lambda p: p["models"]["*"].update(allow_pickle=True),
            "* may now be loaded from formats that run code",
        ),
        (lambda p: p["models"]["*"]["stages"].pop("canary"), "* has no stage canary any more"),
        (
            lambda p: p["models"]["*"]["stages"].update(canary2={"promote": ["bob"]}),
            "bob may now promote * to canary2",
        ),
        (
            lambda p: production_of(p)["approve"].update(count=2),
            "* to production takes 2 approvals, not 1",
        ),
        (
            lambda p: production_of(p)["rollback"].update(approve=1),
            "* to production takes 1 approval for a rollback, not 0",
        ),
        (
            lambda p: production_of(p).pop("after"),
            "* to production comes after no stage, not after staging",
        ),
        (
            lambda p: production_of(p)["gates"].pop(0),
            "* to production need not meet accuracy >= 0.9 on holdout",
        ),
        (
            lambda p: production_of(p)["gates"].append({"metric": "f1", "min": 0.5}),
            "* to production must meet f1 >= 0.5",
        ),
        (
            lambda p: p["models"].pop("fraud/*"),
            "fraud/* is governed by the entry *, not by the entry fraud/*",
        ),
        (lambda p: p["models"].pop("fraud/*"), "bob may now register fraud/*"),
    ],
)
def test_each_change_has_its_sentence(edit: Edit, sentence: str) -> None:
    assert sentence in said(edit)


def test_no_change_says_nothing() -> None:
    assert said(lambda _: None) == ()


def test_people_and_keys_come_and_go() -> None:
    def edit(policy: Json) -> None:
        policy["people"]["zoe"] = {"keys": [key_of("zoe")]}
        policy["people"]["bob"]["keys"] = [key_of("bob anew")]

    sentences = said(edit)
    assert f"zoe joins, with ssh-ed25519 …{key_of('zoe')[-12:]}" in sentences
    assert any(line.startswith("bob gains the key") for line in sentences)
    assert any(line.startswith("bob loses the key") for line in sentences)
    back = Policy.from_dict(team())
    changed = team()
    edit(changed)
    assert any(
        line.startswith("zoe leaves")
        for line in describe_policy_change(Policy.from_dict(changed), back)
    )
