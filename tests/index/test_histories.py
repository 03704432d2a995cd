"""What the index looks up is what a reader of the whole ledger would know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitreg.domain.entries import Head, ValidRecord
from gitreg.domain.foundation import NOTHING
from gitreg.domain.state import State
from gitreg.index.filling import Batch
from gitreg.index.store import Store
from tests.data.contents import model_of
from tests.ledgers import HOLDOUT, History
from tests.property.test_histories import MODELS, histories

STAGES = ("canary", "staging", "production")


def state_of(store: Store) -> State:
    return State(store.lookups() or NOTHING)


def go_on(state: State, valid: Sequence[ValidRecord]) -> State:
    for item in valid:
        head = Head(index=item.record.index, digest=item.digest, commit=item.commit)
        state.advance(head, item.entries)
    return state


def put(store: Store, history: History, valid: Sequence[ValidRecord]) -> None:
    files = {record.index: files for record, _, files in history.told}
    batch = Batch(
        before=store.tip,
        tip=valid[-1].commit,
        records=valid,
        void=(),
        documents={
            number: found["model.json"] for number, found in files.items() if "model.json" in found
        },
        state=go_on(state_of(store), valid),
        begun_by=frozenset(),
    )
    assert store.write(batch)


def known(state: State) -> dict[str, Any]:
    """Return all that the look-ups tell, in the words of both."""
    found: dict[str, Any] = {
        "head": state.head(),
        "policies": list(state.policies),
        "proposals": state.proposals,
        "models": state.models(),
    }
    for model in MODELS:
        found[model] = (
            model_of(state, model),
            state.newest(model),
            state.last_ordinal(model),
            state.last_time(model),
            state.versions(model),
            state.stages(model),
            [list(state.stage_history(model, stage)) for stage in STAGES],
            [state.stage(model, stage) for stage in STAGES],
            [state.champion(model, stage) for stage in STAGES],
            [
                state.stage_before(change)
                for stage in STAGES
                for change in state.stage_history(model, stage)
            ],
            list(state.deploys(model)),
        )
        for entry in state.versions(model):
            found[f"{model}@{entry.version}"] = (
                state.version(model, entry.version),
                state.held_stages(model, entry.version),
                [state.has_held(model, entry.version, stage) for stage in STAGES],
                state.newest_report(model, entry.version, HOLDOUT),
                list(state.reports(model, entry.version)),
                [
                    state.verdicts(model, entry.version, stage, seq)
                    for stage in STAGES
                    for seq in range(1, 4)
                ],
            )
    return found


@given(histories, st.lists(st.integers(1, 12), max_size=8))
@settings(max_examples=60)
def test_whatever_was_written_when_the_same_is_known(history: History, steps: list[int]) -> None:
    store, done = Store.open_private(), 0
    for count in steps:
        if span := history.valid[done : done + count]:
            put(store, history, span)
            done += len(span)
    state = go_on(state_of(store), history.valid[done:])
    assert known(state) == known(history.state)


@given(histories)
@settings(max_examples=30)
def test_records_come_back_as_they_were_signed(history: History) -> None:
    store = Store.open_private()
    put(store, history, history.valid)
    lookups = store.lookups()
    assert lookups
    stored = lookups.records()

    def told(items: Sequence[ValidRecord]) -> list[tuple[Any, ...]]:
        return [(item.record, item.person, item.signer, item.digest, item.commit) for item in items]

    assert told(stored) == told(history.valid)
    assert told(list(reversed(stored))) == told(history.valid[::-1])
    assert told(stored[3:7]) == told(history.valid[3:7])
    assert told([stored[number] for number in range(-1, -4, -1)]) == told(history.valid[:-4:-1])
    for model in MODELS:
        about = [item for item in history.valid if item.record.model == model]
        assert told(lookups.records_of(model, None)) == told(about)
        for entry in history.state.versions(model):
            of_version = [
                item
                for item in about
                if entry.version in (item.record.version, item.record.replaces)
            ]
            assert told(lookups.records_of(model, entry.version)) == told(of_version)
            files = history.told[entry.index][2]
            assert lookups.document(entry) == files["model.json"]
    times = [item.record.tagger.time for item in history.valid]
    for now in (0, times[0], times[-1] - 1, times[-1]):
        expected = max((time for time in times if time <= now), default=0)
        assert lookups.newest_time(now) == expected
