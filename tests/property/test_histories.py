"""The state machine over random histories: what is legal passes, and what is not never does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from gitreg.domain.record import Record, parse_record
from gitreg.domain.rules import Accepted, Broken
from gitreg.domain.trailer import RecordError
from gitreg.value import names_of, replace
from tests.domain.test_every_rule_matters import STORIES
from tests.ledgers import (
    HOLDOUT,
    History,
    Json,
    Verdict,
    accepted,
    key_of,
    production_of,
    rule_of,
    team,
)
from tests.property.strategies import records

Move = Callable[[], list[Verdict]]

MODELS = ("rose", "fraud-detector")  # the stories of every rule are about iris


def variant(*, threshold: int, approvals: int, age: str) -> Json:
    policy = team()
    policy["root"]["threshold"] = threshold
    policy["max_age"] = age
    production_of(policy)["approve"]["count"] = approvals
    return policy


def begin() -> History:
    return History(variant(threshold=1, approvals=1, age="720h"))


def now(history: History) -> Json:
    """The settings that the policy in force has."""
    policy = history.policy
    stage = policy.stage("rose", "production")
    assert stage is not None
    return {
        "threshold": policy.root.count,
        "approvals": stage.approve.count,
        "age": f"{(policy.max_age or 0) // 3600}h",
    }


def change_policy(history: History, **settings: Any) -> list[Verdict]:
    policy = variant(**(now(history) | settings))
    return [
        history.propose(policy, by="alice"),
        history.approve_policy(policy, by="bob"),
        history.enact(policy, by="alice"),
    ]


def change_as_owner(history: History, approvals: int) -> list[Verdict]:
    return [history.enact(variant(**(now(history) | {"approvals": approvals})), by="erin")]


def withdraw_all(history: History, model: str, version: str) -> list[Verdict]:
    return [
        history.approve(model, version, "production", by=person, verdict="withdraw")
        for person in ("carol", "dave")
    ]


def bring_to_production(history: History, model: str, version: str) -> list[Verdict]:
    before: list[Verdict] = []
    if not history.state.has_held(model, version, "staging"):
        before = bring_to_staging(history, model, version)
    champion = history.state.champion(model, "production")
    compared = (champion, 0.975) if champion else None
    return [
        *before,
        history.evaluate(model, version, 0.97, champion=compared),
        history.approve(model, version, "production", by="carol"),
        history.approve(model, version, "production", by="dave"),
        history.promote(model, version, "production", by="bob"),
    ]


def roll_back(history: History, model: str, version: str) -> list[Verdict]:
    verdicts = withdraw_all(history, model, version)
    return [*verdicts, history.promote(model, version, "production", by="ci")]


def version_before(history: History, model: str) -> str | None:
    """The version that a rollback of production would bring back."""
    held = [change.version for change in history.state.stage_history(model, "production")]
    if not held or held[-1] is None:
        return None
    return next((one for one in reversed(held) if one not in (None, held[-1])), None)


def bring_to_staging(history: History, model: str, version: str) -> list[Verdict]:
    return [
        history.evaluate(model, version, 0.95),
        history.promote(model, version, "staging", by="bob"),
    ]


def step(method: Callable[..., Verdict], *place: object, **odd: object) -> Move:
    return lambda: [method(*place, **odd)]


def moves_of_version(history: History, model: str, version: str) -> Iterator[Move]:
    """What may be done to a version that is not yanked."""
    state, named = history.state, (model, version)
    yield step(history.evaluate, *named, 0.5)
    yield step(history.evaluate, *named, 0.95)
    if state.newest_report(*named, HOLDOUT):
        yield step(history.approve, *named, "production", by="dave")
        yield step(history.approve, *named, "production", by="dave", verdict="reject")
        yield partial(withdraw_all, history, *named)
    if history.version(*named).deprecated is None:
        yield step(history.deprecate, *named, by="bob")
    if not state.held_stages(*named):
        yield step(history.yank, *named)
    if history.holder(model, "canary") != version:
        yield step(history.promote, *named, "canary", by="ci", on_behalf="erin")
    if history.holder(model, "staging") != version:
        yield partial(bring_to_staging, history, *named)
    if history.holder(model, "production") != version:
        yield partial(bring_to_production, history, *named)
    if version_before(history, model) == version:
        yield partial(roll_back, history, *named)


def moves_of_model(history: History, model: str) -> Iterator[Move]:
    version = f"1.{history.state.last_ordinal(model)}.0"
    yield step(history.register, model, version)
    yield step(history.register, model, version, by="ci", on_behalf="erin")
    for entry in history.state.versions(model):
        if entry.yanked is None:
            yield from moves_of_version(history, model, entry.version)
    for stage in history.state.stages(model):
        if history.holder(model, stage):
            yield step(history.vacate, model, stage, by="bob")
            yield step(history.deploy, model, stage)


def moves(history: History) -> Iterator[Move]:
    """What may be done next, by people who know the policy."""
    yield step(history.beat)
    yield partial(change_policy, history, threshold=3 - history.policy.root.count)
    yield partial(change_policy, history, age=f"{len(history.told) + 1}h")
    yield partial(change_as_owner, history, 3 - now(history)["approvals"])
    for model in MODELS:
        yield from moves_of_model(history, model)


def tell(choices: list[int]) -> History:
    """The history in which those moves are made; every one of them is accepted."""
    history = begin()
    for choice in choices:
        legal = list(moves(history))
        accepted(*legal[choice % len(legal)]())
    return history


histories = st.builds(tell, st.lists(st.integers(0, 10**6), min_size=5, max_size=30))


@given(histories)
@settings(max_examples=100)
def test_what_is_legal_is_accepted(history: History) -> None:
    assert [record.index for record in history.records] == [*range(len(history.records))]
    for model in MODELS:
        check_what_readers_see(history, model)


def check_what_readers_see(history: History, model: str) -> None:
    state = history.state
    versions = state.versions(model)
    assert [entry.ordinal for entry in versions] == [*range(1, len(versions) + 1)]
    for stage in state.stages(model):
        changes = state.stage_history(model, stage)
        assert [change.seq for change in changes] == [*range(1, len(changes) + 1)]
        holders = [None, *(change.version for change in changes)]
        assert [change.replaces for change in changes] == holders[:-1]
        assert len({change.time for change in changes}) == len(changes)
    for entry in versions:
        held = [
            stage for stage in state.stages(model) if history.holder(model, stage) == entry.version
        ]
        assert [*state.held_stages(model, entry.version)] == held
        assert not held or entry.yanked is None


@given(histories)
@settings(max_examples=30)
def test_a_history_is_told_again_from_its_bytes(history: History) -> None:
    other = begin()
    for record, signer, files in history.told[1:]:
        accepted(other.tell(parse_record(record.to_bytes()), signer, files))
    assert other.state.head() == history.state.head()
    for model in MODELS:
        assert other.state.versions(model) == history.state.versions(model)
        for stage in history.state.stages(model):
            assert other.state.stage_history(model, stage) == history.state.stage_history(
                model, stage
            )


@given(histories, st.integers(0, 10**6))
@settings(max_examples=50)
def test_a_record_dropped_or_swapped_breaks_the_chain(history: History, choice: int) -> None:
    place = 1 + choice % len(history.told)
    other = begin()
    for told in history.told[1:place]:
        accepted(other.tell(*told))
    for told in history.told[place + 1 :]:
        assert rule_of(other.tell(*told)) == "chain"


@given(histories, st.sampled_from(sorted(STORIES)))
@settings(max_examples=150)
def test_what_is_illegal_is_refused_in_any_state(history: History, kind: tuple[str, str]) -> None:
    assert rule_of(STORIES[kind](history)) == kind[1]
    accepted(history.beat())


@given(histories, records(), st.sampled_from(["alice", "bob", "carol", "ci", "erin"]), st.data())
@settings(max_examples=200)
def test_no_record_whatsoever_upsets_the_state_machine(
    history: History, record: Record, person: str, data: st.DataObject
) -> None:
    """Records of any words, with some of them as the history would have them."""
    last = data.draw(st.sampled_from(history.told))
    names = [name for name in names_of(Record) if name not in ("action", "format")]
    known = data.draw(st.sets(st.sampled_from(names)))
    head = history.state.head()
    assert head is not None
    following = {"index": head.index + 1, "prev": head.digest, "policy": history.in_force.digest}
    values = {name: getattr(last[0], name) for name in known} | following
    files = data.draw(st.sampled_from([{}, last[2]]))
    changed = replace(record, **values)
    try:
        changed.payload()
    except RecordError:  # a trailer of the action is missing: no bytes would say that
        reject()
    verdict = history.tell(changed, key_of(person), files)
    assert isinstance(verdict, Accepted | Broken)
    accepted(history.beat())
