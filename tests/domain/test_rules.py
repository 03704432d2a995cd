"""What a writer, or an attacker, is told; that each rule is needed: test_every_rule_matters.py."""

from __future__ import annotations

from typing import Any

import pytest

from gitreg.domain.canonical import sha256
from gitreg.domain.case import established
from gitreg.domain.record import ZEROS, Record, Tagger
from gitreg.domain.rules import Accepted, apply
from gitreg.domain.state import State
from tests.ledgers import (
    EMPTY_TREE,
    History,
    accepted,
    commit_of,
    key_of,
    model_json,
    read_attachments,
    refusal_of,
    report_json,
    rule_of,
    staged,
    team,
)

SHA, MD5 = "0a" * 32, "0b" * 16


def at(time: int) -> Tagger:
    return Tagger(name="x", email="", time=time)


def test_an_accepted_record_names_its_person() -> None:
    verdict = History().register("iris", "1.0.0", by="bob")
    assert isinstance(verdict, Accepted)
    assert verdict.person == "bob"


def test_each_of_a_persons_keys_is_theirs() -> None:
    verdict = History().register("iris", "1.0.0", signer=key_of("alice", 2))
    assert isinstance(verdict, Accepted)
    assert verdict.person == "alice"


def test_the_taggers_name_proves_nothing() -> None:
    verdict = History().register("iris", "1.0.0", by="alice", signer=key_of("carol"))
    assert refusal_of(verdict) == "right: carol may not register iris"


# The chain.


def test_a_ledger_begins_with_a_policy() -> None:
    record = Record(object=EMPTY_TREE, tagger=at(1), index=0, prev=ZEROS, policy=SHA, action="beat")
    verdict = apply(State(), record, key_of("alice"), read_attachments({}))
    assert refusal_of(verdict) == "chain: record 0 is the policy"


@pytest.mark.parametrize("index", [0, 1, 3])
def test_a_record_has_the_next_index(index: int) -> None:
    history = History()
    accepted(history.beat())
    assert (
        refusal_of(history.beat(index=index)) == f"chain: the next record is number 2, not {index}"
    )


def test_a_record_cites_the_one_before() -> None:
    history = History()
    accepted(history.beat())
    other = history.records[0].digest()
    assert refusal_of(history.beat(prev=other)) == "chain: Prev is not the sha256 of record 1"
    assert refusal_of(History(prev=other).begun) == "chain: Prev is not zeros"


def test_a_record_of_the_same_people_elsewhere_does_not_fit() -> None:
    here, there = History(), History(team() | {"max_age": "1d"})
    accepted(there.beat())
    record = there.records[1]
    verdict = apply(here.state, record, key_of("ci"), read_attachments({}))
    assert rule_of(verdict) == "chain"


def test_a_void_record_stops_nobody() -> None:
    history = History()
    assert rule_of(history.beat(by="mallory")) == "signer"
    accepted(history.beat())
    assert [record.index for record in history.records] == [0, 1]


def test_a_record_cites_the_policy_in_force() -> None:
    history = History()
    first = history.in_force.digest
    accepted(history.enact(team() | {"max_age": "1d"}, by="alice"))
    assert rule_of(history.beat(policy=first)) == "policy-cited"
    assert rule_of(History(policy=SHA).begun) == "policy-cited"


# Attachments.


def test_a_missing_file_is_named() -> None:
    history = History()
    assert refusal_of(history.register("iris", "1.0.0", files={})) == (
        "attachments: the file model.json is missing"
    )
    accepted(history.register("iris", "1.0.0"))
    assert rule_of(history.evaluate("iris", "1.0.0", files={})) == "attachments"
    assert rule_of(history.enact(team(), by="alice", files={})) == "attachments"


def test_a_surplus_file_is_named() -> None:
    verdict = History().beat(files={"x" * 200: b""})
    assert (
        refusal_of(verdict) == f"attachments: the file {'x' * 80!r} does not belong to the action"
    )


def test_a_folder_brings_its_manifest() -> None:
    manifest = f"{SHA} {MD5} 5 a\n".encode()
    digest = sha256(manifest)
    folder = {"path": "m", "sha256": digest, "md5": f"{MD5}.dir", "size": 5, "files": 1}
    data = model_json("iris", "1.0.0", artifacts=[folder])
    files = {"model.json": data, f"manifest-{digest}": manifest}
    history = History()
    odd: dict[str, Any] = {"manifest": sha256(data), "files": files}
    assert rule_of(
        history.register("iris", "1.0.0", **(odd | {"files": {"model.json": data}}))
    ) == ("attachments")
    forged = files | {f"manifest-{digest}": b"x"}
    assert rule_of(history.register("iris", "1.0.0", **(odd | {"files": forged}))) == "digests"
    accepted(history.register("iris", "1.0.0", **odd))


def test_room_for_later_is_cited() -> None:
    history = History()
    extra = b"{}"
    assert rule_of(history.beat(files={"extra.json": extra})) == "attachments"
    assert rule_of(history.beat(files={"extra.json": extra}, extra=SHA)) == "digests"
    accepted(history.beat(files={"extra.json": extra}, extra=sha256(extra)))


def test_an_evaluation_without_its_report_is_none() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"))
    assert rule_of(history.evaluate("iris", "1.0.0", report=None)) == "digests"


def test_a_file_that_cannot_be_read_says_why() -> None:
    history = History()
    data = b'{"a": 1}'
    verdict = history.register("iris", "1.0.0", manifest=sha256(data), files={"model.json": data})
    assert refusal_of(verdict) == (
        "document: model.json cannot be read: the JSON is not in canonical form (RFC 8785)"
    )
    accepted(history.register("iris", "1.0.0"))
    verdict = history.evaluate("iris", "1.0.0", report=sha256(data), files={"report.json": data})
    assert "report.json cannot be read: the report's schema" in refusal_of(verdict)


@pytest.mark.parametrize("data", [model_json("iris", "1.0.1"), model_json("rose", "1.0.0")])
def test_a_document_is_of_the_records_version(data: bytes) -> None:
    verdict = History().register("iris", "1.0.0", manifest=sha256(data), files={"model.json": data})
    assert "not of iris 1.0.0" in refusal_of(verdict)


# People and rights.


def test_a_bot_acts_for_a_person_of_the_policy() -> None:
    history = History()
    assert refusal_of(history.beat(on_behalf="mallory")) == (
        "on-behalf: On-Behalf names mallory, who is not in the policy"
    )
    accepted(history.register("iris", "1.0.0", by="ci", on_behalf="erin"))
    assert history.version("iris", "1.0.0").on_behalf == "erin"


def test_nobody_approves_for_another() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"), history.evaluate("iris", "1.0.0"))
    verdict = history.approve("iris", "1.0.0", "production", by="ci", on_behalf="carol")
    assert refusal_of(verdict) == "on-behalf: carol approves with their own key, or not at all"


def test_each_action_has_its_right() -> None:
    history = History()
    staged(history, "1.0.0")
    accepted(history.evaluate("iris", "1.0.0"))
    for verdict, what in [
        (history.register("iris", "2.0.0", by="erin"), "erin may not register iris"),
        (history.evaluate("iris", "1.0.0", by="alice"), "alice may not evaluate iris"),
        (history.approve("iris", "1.0.0", "staging"), "carol may not approve iris to staging"),
        (history.promote("iris", "1.0.0", "canary", by="carol"), "carol may not promote iris to"),
        (history.vacate("iris", "staging", by="carol"), "carol may not vacate iris to staging"),
        (history.deprecate("iris", "1.0.0", by="ci"), "ci may not deprecate iris"),
        (history.yank("iris", "1.0.0", by="ci"), "ci may not yank iris"),
        (history.deploy("iris", "staging", by="alice"), "alice may not deploy iris to staging"),
        (history.beat(by="alice"), "alice may not beat"),
    ]:
        assert refusal_of(verdict).startswith(f"right: {what}")


def test_a_model_without_an_entry_and_a_stage_without_a_name_are_nobodys() -> None:
    value = team()
    value["models"] = {"rose": {"register": ["alice"], "stages": {}}}
    history = History(value)
    accepted(history.register("rose", "1.0.0"))
    assert refusal_of(history.register("iris", "1.0.0")) == (
        "right: no entry of the policy's models matches iris"
    )
    assert refusal_of(history.promote("rose", "1.0.0", "production")) == (
        "right: rose has no stage production; it has none"
    )
    accepted(history.enact(team(), by="alice"))
    assert "it has canary, production, staging" in refusal_of(
        history.promote("rose", "1.0.0", "live")
    )


# Times.


def test_times_of_a_models_tags_increase() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0", tagger=at(500)))
    for time in (0, 499, 500):
        verdict = history.promote("iris", "1.0.0", "canary", tagger=at(time))
        assert rule_of(verdict) == "time"
    accepted(history.promote("iris", "1.0.0", "canary", tagger=at(501)))
    assert rule_of(history.vacate("iris", "canary", tagger=at(501))) == "time"
    accepted(history.register("rose", "1.0.0", tagger=at(1)))


def test_the_latest_time_there_is_stops_nobody() -> None:
    history = History()
    latest = (1 << 37) + len(history.records)
    verdict = history.register("iris", "1.0.0", tagger=at(latest + 1))
    assert rule_of(verdict) == "time"
    accepted(
        history.register("iris", "1.0.0", tagger=at(latest)),
        history.promote("iris", "1.0.0", "canary", tagger=at(latest + 1)),
    )


def test_times_of_records_without_a_tag_are_free() -> None:
    history = History()
    accepted(
        history.register("iris", "1.0.0", tagger=at(500)),
        history.deprecate("iris", "1.0.0", tagger=at(3)),
        history.beat(tagger=at(2)),
        history.register("iris", "1.0.1", tagger=at(501)),
    )


def test_deprecating_a_version_sets_no_time_back() -> None:
    history = History()
    accepted(
        history.register("iris", "1.0.0", tagger=at(500)),
        history.promote("iris", "1.0.0", "canary", tagger=at(600)),
        history.deprecate("iris", "1.0.0", tagger=at(700)),
    )
    assert rule_of(history.register("iris", "1.0.1", tagger=at(600))) == "time"


# Versions.


def test_what_is_registered_is_told_by_its_record() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"))
    assert refusal_of(history.register("iris", "1.0.0")) == (
        "new-version: iris 1.0.0 is registered already (record 1)"
    )


def test_what_is_yanked_never_returns() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"), history.yank("iris", "1.0.0"))
    for verdict in (
        history.promote("iris", "1.0.0", "canary"),
        history.evaluate("iris", "1.0.0"),
        history.approve("iris", "1.0.0", "production"),
        history.deprecate("iris", "1.0.0"),
        history.yank("iris", "1.0.0"),
    ):
        assert refusal_of(verdict) == "registered: iris 1.0.0 is yanked (record 2)"
    assert rule_of(history.register("iris", "1.0.0")) == "new-version"


def test_a_holder_is_vacated_before_it_is_yanked() -> None:
    history = History()
    staged(history, "1.0.0")
    accepted(history.promote("iris", "1.0.0", "canary"))
    assert refusal_of(history.yank("iris", "1.0.0")) == (
        "free: iris 1.0.0 holds staging, canary: vacate it first"
    )
    accepted(
        history.vacate("iris", "staging"),
        history.vacate("iris", "canary"),
        history.yank("iris", "1.0.0"),
    )
    assert history.version("iris", "1.0.0").yanked == 6


def test_a_version_is_deprecated_once() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"), history.deprecate("iris", "1.0.0"))
    assert refusal_of(history.deprecate("iris", "1.0.0")) == (
        "deprecated: iris 1.0.0 is deprecated already (record 2)"
    )
    accepted(history.promote("iris", "1.0.0", "canary"))


def test_a_record_is_about_the_registered_commit_and_manifest() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"))
    assert refusal_of(history.promote("iris", "1.0.0", "canary", manifest=SHA)) == (
        "registered: the Manifest is not the one that iris 1.0.0 was registered with"
    )
    assert refusal_of(history.yank("iris", "1.0.0", object=commit_of("x"))) == (
        "registered: the record points at another commit than iris 1.0.0"
    )
    assert refusal_of(history.yank("iris", "2.0.0")) == "registered: iris 2.0.0 is not registered"


@pytest.mark.parametrize(("model", "version"), [("iris", "1.0.1"), ("rose", "1.0.0")])
def test_a_report_is_on_the_records_version(model: str, version: str) -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"), history.register(model, version))
    data = report_json(model, version)
    verdict = history.evaluate("iris", "1.0.0", report=sha256(data), files={"report.json": data})
    assert refusal_of(verdict) == f"measured: the report is on {model} {version}"


# Stages.


def test_an_empty_stage_cannot_be_vacated_twice() -> None:
    history = History()
    staged(history, "1.0.0")
    accepted(history.vacate("iris", "staging"))
    assert refusal_of(history.vacate("iris", "staging")) == "held: staging of iris is empty"


def test_a_vacated_stage_is_left_by_its_holder() -> None:
    history = History()
    staged(history, "1.0.0")
    assert "another commit" in refusal_of(history.vacate("iris", "staging", object=commit_of("x")))
    assert refusal_of(history.vacate("iris", "staging", replaces=None)) == (
        "replaces: staging is held by 1.0.0, not by none"
    )


def test_a_stage_is_entered_over_its_holder() -> None:
    history = History()
    staged(history, "1.0.0")
    accepted(history.register("iris", "1.1.0"))
    assert refusal_of(history.promote("iris", "1.1.0", "staging", replaces=None)) == (
        "replaces: staging is held by 1.0.0, not by none"
    )
    assert refusal_of(history.promote("iris", "1.1.0", "canary", replaces="1.0.0")) == (
        "replaces: canary is held by none, not by 1.0.0"
    )
    assert refusal_of(history.promote("iris", "1.0.0", "staging")) == (
        "replaces: iris 1.0.0 holds staging already"
    )


@pytest.mark.parametrize("seq", [1, 3, 999])
def test_a_stage_is_changed_in_the_order_of_its_numbers(seq: int) -> None:
    history = History()
    staged(history, "1.0.0")
    verdict = history.vacate("iris", "staging", seq=seq)
    assert refusal_of(verdict) == f"seq: the next change of staging is number 2, not {seq}"


def test_a_deployment_is_of_the_stages_holder() -> None:
    history = History()
    staged(history, "1.0.0")
    accepted(history.deploy("iris", "staging"))
    assert rule_of(history.deploy("iris", "staging", seq=2)) == "deployed"
    assert rule_of(history.deploy("iris", "canary")) == "deployed"
    accepted(history.vacate("iris", "staging"))
    assert rule_of(history.deploy("iris", "staging", seq=1)) == "deployed"


def test_two_who_promote_at_once_cannot_both_win() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0"), history.register("iris", "1.1.0"))
    head, seq = history.state.head(), 1
    assert head is not None
    accepted(history.promote("iris", "1.0.0", "canary", seq=seq))
    stale: dict[str, Any] = {"index": head.index + 1, "prev": head.digest, "replaces": None}
    assert rule_of(history.promote("iris", "1.1.0", "canary", seq=seq, **stale)) == "chain"
    assert rule_of(history.promote("iris", "1.1.0", "canary", seq=seq, replaces=None)) == "replaces"


def test_a_heartbeat_moves_nothing_but_the_head() -> None:
    history = History()
    verdict = history.beat()
    assert verdict == Accepted(person="ci", entries=())
    head = history.state.head()
    assert head is not None
    assert head.index == 1


def test_a_rule_rests_on_those_before_it() -> None:
    with pytest.raises(AssertionError, match="stands before"):
        established(None)
    assert established(0) == 0
