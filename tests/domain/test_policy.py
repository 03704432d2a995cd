from __future__ import annotations

import copy
import math
from decimal import Decimal
from typing import Any

import pytest

from gitreg.domain.gates import Gate
from gitreg.domain.policy import Policy, PolicyError, StagePolicy, Threshold, find_disorder
from tests.ledgers import HOLDOUT, key_of, production_of, team

DEEP: Any = [0]
for _ in range(3000):
    DEEP = [DEEP]
HUGE = 10**5000


def kind_of(value: object) -> str:
    return value[:30] if isinstance(value, str) else type(value).__name__


def problems(policy: object) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        Policy.from_dict(policy)
    return str(caught.value).split("; ")


def problems_with(value: object, *path: str | int) -> list[str]:
    """What is wrong with the team's policy once the place at `path` says `value`."""
    policy: Any = team()
    place = policy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return problems(policy)


def test_a_single_person_can_have_a_registry() -> None:
    policy = Policy.from_dict(
        {"gitreg": 1, "people": {"alice": {"keys": [key_of("alice")]}}, "root": {"by": ["alice"]}}
    )
    assert policy.root == Threshold(by=frozenset({"alice"}), count=1)
    assert policy.keys == {"alice": (key_of("alice"),)}
    assert policy.max_age is None
    assert policy.models == ()


def test_roles_are_resolved_to_people() -> None:
    policy = Policy.from_dict(team())
    assert policy.root.by == {"alice", "bob"}
    assert policy.beat == {"ci"}
    entry = policy.for_model("iris")
    assert entry is not None
    assert entry.register == {"alice", "bob", "ci"}


def test_a_role_may_hold_the_roles_above_it() -> None:
    value = team()
    value["roles"] |= {"everyone": ["maintainers", "erin"]}
    value["beat"] = ["everyone"]
    assert Policy.from_dict(value).beat == {"alice", "bob", "erin"}


def test_a_stage_says_what_it_takes_to_enter() -> None:
    assert Policy.from_dict(team()).stage("iris", "production") == StagePolicy(
        promote=frozenset({"alice", "bob", "ci"}),
        approve=Threshold(by=frozenset({"alice", "bob", "carol", "dave", "ci"}), count=1),
        after="staging",
        measured=True,
        gates=(
            Gate(metric="accuracy", min=Decimal("0.9"), data="holdout"),
            Gate(metric="accuracy", min_change=Decimal("-0.01"), data="holdout"),
        ),
    )


def test_a_stage_has_the_data_that_its_gates_name() -> None:
    policy = Policy.from_dict(team())
    production, staging = policy.stage("iris", "production"), policy.stage("iris", "staging")
    assert production is not None
    assert staging is not None
    assert policy.datasets[production.data or ""] == HOLDOUT
    assert staging.data is None


def test_naming_approvers_asks_for_one_approval() -> None:
    value = team()
    production_of(value)["approve"] = {"by": ["carol"]}
    stage = Policy.from_dict(value).stage("iris", "production")
    assert stage is not None
    assert stage.approve.count == 1


@pytest.mark.parametrize(
    ("model", "pattern"),
    [
        ("iris", "iris"),
        ("iris2", "iris*"),
        ("fraud/scorer", "fraud/scorer"),
        ("fraud/scorer2", "fraud/scorer*"),
        ("fraud/other", "fraud/*"),
        ("fraud", "*"),
        ("other", "*"),
    ],
)
def test_the_exact_name_governs_a_model_else_the_longest_beginning(
    model: str, pattern: str
) -> None:
    patterns = ["fraud/*", "*", "iris", "fraud/scorer*", "iris*", "fraud/scorer"]
    policy = Policy.from_dict(team() | {"models": {name: {} for name in patterns}})
    entry = policy.for_model(model)
    assert entry is not None
    assert entry.pattern == pattern


def test_an_entry_wins_whole() -> None:
    policy = Policy.from_dict(team())
    assert policy.stage("iris", "production")
    assert policy.stage("fraud/scorer", "production") is None


def test_a_model_may_be_governed_by_nothing() -> None:
    policy = Policy.from_dict(team() | {"models": {"iris": {}}})
    assert policy.for_model("other") is None
    assert policy.stage("other", "production") is None


def test_a_key_is_one_persons() -> None:
    policy = Policy.from_dict(team())
    assert policy.person_of(key_of("alice")) == policy.person_of(key_of("alice", 2)) == "alice"
    assert policy.person_of(key_of("mallory")) is None
    assert policy.person_of("") is None


def test_a_keys_comment_is_left_out() -> None:
    value = team()
    value["people"]["alice"]["keys"] = [f"{key_of('alice')} alice@laptop of hers"]
    assert Policy.from_dict(value).keys["alice"] == (key_of("alice"),)


@pytest.mark.parametrize(
    ("text", "hours"), [("1h", 1), ("12h", 12), ("30d", 720), ("4w", 672), ("99999h", 99999)]
)
def test_an_age_is_hours_days_or_weeks(text: str, hours: int) -> None:
    assert Policy.from_dict(team() | {"max_age": text}).max_age == hours * 3600


def test_pickle_is_allowed_by_its_entry_only() -> None:
    value = team()
    value["models"]["fraud/*"]["allow_pickle"] = True
    policy = Policy.from_dict(value)
    assert [entry.allow_pickle for entry in policy.models] == [False, True]


@pytest.mark.parametrize("value", [None, [], "gitreg: 1", 1, [("gitreg", 1)], DEEP])
def test_a_policy_is_a_mapping(value: object) -> None:
    assert problems(value)[0] == "policy: must be a mapping of names to values"


def test_every_problem_is_found_at_once() -> None:
    value = team()
    value["gitreg"] = 2
    value["roles"]["testers"] = ["frank"]
    production_of(value)["gates"][0]["min"] = "high"
    assert problems(value) == [
        "gitreg: must be 1, the format of this policy",
        "roles.testers.0: 'frank' is neither a person nor a role",
        "models.*.stages.production.gates.0.min: must be a finite number",
    ]


def test_a_person_without_a_list_of_keys_is_still_known() -> None:
    found = problems_with({"keys": key_of("carol")}, "people", "carol")
    assert found == ['people.carol.keys: must be a list of public keys: ["ssh-ed25519 AAAA…"]']


def test_problems_with_unknown_fields_come_in_their_order() -> None:
    found = problems(team() | {"zebra": 1, "apple": 2})
    assert [line.split(":")[0] for line in found] == ["apple", "zebra"]


STAGE = ("models", "*", "stages", "production")
GATE = (*STAGE, "gates", 0)
NO_BOOLS: list[object] = [None, 1, "yes", []]
NO_TEXTS: list[object] = [None, 1, "", ["holdout"], {}, DEEP]
NO_STAGES: list[object] = [1, True, ["staging"], DEEP]
NO_NUMBERS: list[object] = [None, True, "1", math.nan, math.inf, [1], {}, DEEP]
NO_LISTS = [None, 1, True, "alice", {"alice": 1}]
NO_MAPPINGS = [None, 1, [], "x", DEEP]


@pytest.mark.parametrize("path", [("root", "by"), ("beat",), ("models", "*", "register")])
@pytest.mark.parametrize("value", NO_LISTS, ids=kind_of)
def test_people_are_listed(path: tuple[str, ...], value: object) -> None:
    assert "must be a list of people and roles" in problems_with(value, *path)[0]


@pytest.mark.parametrize(
    "name",
    [None, 1, True, HUGE, 1.5, ["alice"], {"alice": 1}, DEEP, "", "frank", "*", "a" * 9999],
    ids=kind_of,
)
@pytest.mark.parametrize("path", [("beat",), ("models", "*", "yank"), (*STAGE, "promote")])
def test_who_is_nobody_has_no_right(path: tuple[str, ...], name: object) -> None:
    found = problems_with(["alice", name], *path)
    assert len(found) == 1
    assert "is neither a person nor a role" in found[0]
    assert found[0].startswith(f"{'.'.join(path)}.1: ")
    assert len(found[0]) < 200


@pytest.mark.parametrize(
    "path",
    [
        *(("people",), ("people", "alice"), ("roles",), ("root",), ("datasets",), ("models",)),
        *(("datasets", "holdout"), ("models", "*"), ("models", "*", "stages"), STAGE, GATE),
        *((*STAGE, "approve"), (*STAGE, "rollback")),
    ],
)
@pytest.mark.parametrize("value", NO_MAPPINGS, ids=kind_of)
def test_what_has_fields_is_a_mapping(path: tuple[str | int, ...], value: object) -> None:
    place = ".".join(map(str, path))
    assert f"{place}: must be a mapping of names to values" in problems_with(value, *path)


@pytest.mark.parametrize(
    "path", [(), ("people",), ("roles",), ("models",), ("models", "*", "stages"), GATE]
)
@pytest.mark.parametrize("key", [1, None, True, 1.5, ("a",), HUGE], ids=kind_of)
def test_a_name_of_another_type_is_no_name(path: tuple[str | int, ...], key: object) -> None:
    policy: Any = team()
    place = policy
    for step in path:
        place = place[step]
    place[key] = copy.copy(next(iter(place.values())))
    assert any("has a name that is not a text" in line for line in problems(policy))


@pytest.mark.parametrize(
    ("value", "path", "what"),
    [
        *((one, ("gitreg",), "must be 1") for one in (None, 0, 2, True, 1.0, "1", [1], HUGE)),
        *((age, ("max_age",), "hours, days") for age in ("", "0d", "30", "1y", "1d ", "100000h")),
        *((age, ("max_age",), "hours, days") for age in (30, True, 1.5, HUGE, ["30d"], DEEP)),
        ({"keys": []}, ("people", "Carol"), "is not a person's name"),
        ({"keys": [], "email": "x"}, ("people", "carol"), "email: is not a field"),
        ([None], ("people", "carol", "keys"), "keys.0: is not a public key"),
        ([DEEP], ("people", "carol", "keys"), "keys.0: is not a public key"),
        (["ssh-ed25519 AAAA"], ("people", "carol", "keys"), "keys.0: is not a public key"),
        ([key_of("bob")], ("people", "carol", "keys"), "keys.0: is also a key of bob"),
        ([], ("roles", "Testers"), "is not a role's name"),
        ([], ("roles", "alice"), "or is a person's"),
        (["testers"], ("roles", "testers"), "neither a person nor a role"),
        *((n, ("root", "threshold"), "from 1 to 100") for n in (0, -1, 101, True, 1.0, "1", None)),
        (3, ("root", "threshold"), "nobody could change this policy: 3 must sign, 2 have keys"),
        ([], ("root", "by"), "nobody could change this policy"),
        *((name, ("datasets", name), "is not a data set's name") for name in ("", " ", "a\nb")),
        *((d, ("datasets", "holdout", "sha256"), "64 lower-case hex") for d in (None, HUGE, DEEP)),
        ("AB" * 32, ("datasets", "holdout", "sha256"), "64 lower-case hex"),
        *((d, ("datasets", "holdout", "uri"), "must be a text") for d in (None, HUGE, DEEP)),
        (math.nan, ("datasets", "holdout", "description"), "must be a text"),
        ({}, ("datasets", "holdout", "md5"), "is not a field"),
        *(({}, ("models", name), "is not a model name") for name in ("Iris", "**", "", "a*b")),
        (1, ("models", "*", "owner"), "is not a field"),
        *((v, ("models", "*", "allow_pickle"), "true or false") for v in NO_BOOLS),
        ({}, ("models", "*", "stages", "Prod"), "is not a stage name"),
        ("production", (*STAGE, "after"), "it comes after itself"),
        ("nowhere", (*STAGE, "after"), "is not a stage here"),
        *((v, (*STAGE, "after"), "must be the name of a stage") for v in NO_STAGES),
        *((v, (*STAGE, "evidence"), "claimed or measured") for v in NO_TEXTS),
        ("claimed", (*STAGE, "evidence"), "must be measured, for a gate names its data"),
        *((v, (*STAGE, "gates"), "must be a list of gates") for v in NO_LISTS),
        *((v, (*STAGE, "approve", "count"), "from 0 to 100") for v in (-1, 101, True, 1.5, "1")),
        (6, (*STAGE, "approve", "count"), "more approvals than the 5 people in by"),
        (6, (*STAGE, "rollback", "approve"), "more approvals than the 5 people in by"),
        ({"count": 1}, (*STAGE, "approve"), "more approvals than the 0 people in by"),
        (True, (*STAGE, "rollback", "approve"), "from 0 to 100"),
        *((v, (*GATE, "metric"), "the name of a metric") for v in [*NO_TEXTS, "a b"]),
        *((v, (*GATE, "min"), "must be a finite number") for v in NO_NUMBERS),
        *((v, (*GATE, "max_change"), "must be a finite number") for v in NO_NUMBERS),
        *((v, (*GATE, "data"), "must be a name") for v in NO_TEXTS),
        ("training", (*GATE, "data"), "the data set 'training' is not in datasets"),
        *((v, (*GATE, "slice"), "must be a name") for v in NO_TEXTS),
        ("sex", (*GATE, "slice"), "go together"),
        (0.1, (*GATE, "max_gap"), "go together"),
        ({"metric": "a", "slice": "s", "max_gap": 1, "min": 0}, GATE, "a gate of their own"),
        ({"metric": "a"}, GATE, "needs one of min, max"),
        (1, (*GATE, "minimum"), "is not a field"),
    ],
    ids=kind_of,
)
def test_an_odd_value_is_a_problem_with_its_place(
    value: object, path: tuple[str | int, ...], what: str
) -> None:
    found = [line for line in problems_with(value, *path) if what in line]
    assert found
    assert found[0].startswith(str(path[0]))


def test_a_stage_measures_one_data_set() -> None:
    value = team()
    value["datasets"]["other"] = {"sha256": "0e" * 32}
    production_of(value)["gates"][0]["data"] = "other"
    assert "name one data set for a stage" in problems(value)[0]


def test_stages_in_a_circle_are_a_problem() -> None:
    value = team()
    value["models"]["*"]["stages"]["canary"]["after"] = "production"
    value["models"]["*"]["stages"]["staging"]["after"] = "canary"
    assert len(problems(value)) == 3
    value["models"]["*"]["stages"]["staging"].pop("after")
    assert Policy.from_dict(value).stage("iris", "canary")


class Counted(dict[str, StagePolicy]):
    """Stages that know how often one was looked up."""

    looked = 0

    def __getitem__(self, name: str) -> StagePolicy:
        self.looked += 1
        return super().__getitem__(name)


@pytest.mark.parametrize("first", ["s0", "s999", "nothing"])
def test_a_long_line_of_stages_is_walked_once(first: str) -> None:
    stages = Counted(s0=StagePolicy(after=first))
    for number in range(1, 1000):
        stages[f"s{number}"] = StagePolicy(after=f"s{number - 1}")
    found = [name for name, _ in find_disorder(stages)]
    assert len(found) == {"s0": 1, "s999": 1000, "nothing": 1}[first]
    assert stages.looked <= len(stages)


def test_roles_cannot_be_written_out_without_end() -> None:
    value = team()
    value["roles"]["everyone"] = [*value["people"]] * 20
    for step in range(200_000 // 6):
        value["roles"][f"r{step}"] = ["everyone", "maintainers", "everyone", "everyone"] * 3
    assert "names people over 1000000 times" in problems(value)[0]


def test_a_role_alone_costs_nothing() -> None:
    value = team()
    value["roles"] |= {f"r{step}": ["maintainers"] for step in range(1000)}
    value["models"]["*"]["owners"] = ["r999"]
    entry = Policy.from_dict(value).for_model("iris")
    assert entry is not None
    assert entry.owners == {"alice", "bob"}


def test_what_is_said_of_a_hopeless_policy_is_bounded() -> None:
    odd = {f"{number}{'x' * 1000}": {"keys": ["y" * 1000]} for number in range(1000)}
    with pytest.raises(PolicyError) as caught:
        Policy.from_dict(team() | {"people": odd})
    assert len(caught.value.problems) == 100
    assert len(str(caught.value)) < 100_000


def test_a_key_of_two_people_is_a_problem() -> None:
    value = team()
    value["people"]["bob"]["keys"].append(key_of("alice", 2))
    assert problems(value) == ["people.bob.keys.1: is also a key of alice"]


def test_a_person_may_have_no_key_and_then_cannot_be_counted_on() -> None:
    value = team()
    value["root"]["threshold"] = 2
    value["people"]["bob"]["keys"] = []
    found = problems(value)
    assert found == ["root: nobody could change this policy: 2 must sign, 1 have keys"]


def test_a_gap_gate_is_read() -> None:
    value = team()
    production_of(value)["gates"] = [{"metric": "accuracy", "slice": "sex", "max_gap": 0.05}]
    stage = Policy.from_dict(value).stage("iris", "production")
    assert stage is not None
    assert stage.gates == (Gate(metric="accuracy", slice="sex", max_gap=Decimal("0.05")),)
