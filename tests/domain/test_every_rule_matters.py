"""Every rule of the state machine has a story that this rule alone refuses, by its own name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gitreg.domain import rules
from gitreg.domain.canonical import sha256
from gitreg.domain.record import Tagger
from tests.ledgers import (
    History,
    Verdict,
    accepted,
    commit_of,
    key_of,
    model_json,
    report_json,
    rule_of,
    staged,
    team,
)

Story = Callable[[History], Verdict]
ANOTHER = commit_of("another")
ONCE = Tagger(name="alice", email="alice@example.org", time=1)


def promote_another_commit(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"))
    return history.promote("iris", "1.0.0", "canary", object=ANOTHER)


def approve_another_commit(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"), history.evaluate("iris", "1.0.0"))
    return history.approve("iris", "1.0.0", "production", object=ANOTHER)


def approve_another_seq(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"), history.evaluate("iris", "1.0.0"))
    return history.approve("iris", "1.0.0", "production", seq=2)


def approve_an_older_report(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"), history.evaluate("iris", "1.0.0", 0.99))
    older = history.records[-1].report
    accepted(history.evaluate("iris", "1.0.0", 0.5))
    return history.approve("iris", "1.0.0", "production", report=older)


def promote_on_an_older_report(history: History) -> Verdict:
    accepted(
        history.register("iris", "1.0.0"),
        history.promote("iris", "1.0.0", "staging"),
        history.evaluate("iris", "1.0.0", 0.99),
        history.approve("iris", "1.0.0", "production"),
    )
    older = history.records[-1].report
    accepted(history.evaluate("iris", "1.0.0", 0.98))
    return history.promote("iris", "1.0.0", "production", report=older)


def promote_below_the_gate(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0", document={"metrics": {"accuracy": 0.89}}))
    return history.promote("iris", "1.0.0", "staging")


def promote_past_staging(history: History) -> Verdict:
    accepted(
        history.register("iris", "1.0.0"),
        history.evaluate("iris", "1.0.0"),
        history.approve("iris", "1.0.0", "production"),
    )
    return history.promote("iris", "1.0.0", "production")


def promote_unapproved(history: History) -> Verdict:
    staged(history, "1.0.0")
    accepted(history.evaluate("iris", "1.0.0"))
    return history.promote("iris", "1.0.0", "production")


def promote_over_another_holder(history: History) -> Verdict:
    staged(history, "1.0.0", "1.1.0")
    accepted(history.register("iris", "1.2.0"))
    return history.promote("iris", "1.2.0", "staging", replaces="1.0.0")


def promote_with_a_jump_in_seq(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"))
    return history.promote("iris", "1.0.0", "staging", seq=2)


def vacate_what_is_empty(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"))
    return history.vacate("iris", "staging")


def vacate_another_holder(history: History) -> Verdict:
    staged(history, "1.0.0")
    return history.vacate("iris", "staging", replaces="0.9.0")


def vacate_with_a_jump_in_seq(history: History) -> Verdict:
    staged(history, "1.0.0")
    return history.vacate("iris", "staging", seq=3)


def register_both_at_one_time(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0", tagger=ONCE))
    return history.register("iris", "1.0.1", tagger=ONCE)


def register_twice(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"))
    return history.register("iris", "1.0.0")


def register_another_document(history: History) -> Verdict:
    data = model_json("iris", "1.0.1")
    return history.register("iris", "1.0.0", manifest=sha256(data), files={"model.json": data})


def evaluate_unregistered(history: History) -> Verdict:
    return history.evaluate("iris", "9.9.9")


def evaluate_by_a_report_on_another(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"))
    data = report_json("iris", "1.1.0")
    return history.evaluate("iris", "1.0.0", report=sha256(data), files={"report.json": data})


def deprecate_another_commit(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"))
    return history.deprecate("iris", "1.0.0", object=ANOTHER)


def deprecate_twice(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"), history.deprecate("iris", "1.0.0"))
    return history.deprecate("iris", "1.0.0")


def yank_twice(history: History) -> Verdict:
    accepted(history.register("iris", "1.0.0"), history.yank("iris", "1.0.0"))
    return history.yank("iris", "1.0.0")


def yank_a_holder(history: History) -> Verdict:
    staged(history, "1.0.0")
    return history.yank("iris", "1.0.0")


def deploy_from_another_commit(history: History) -> Verdict:
    staged(history, "1.0.0")
    return history.deploy("iris", "staging", object=ANOTHER)


def deploy_what_holds_no_more(history: History) -> Verdict:
    staged(history, "1.0.0", "1.1.0")
    return history.deploy("iris", "staging", seq=1)


def beat_over_another_commit(history: History) -> Verdict:
    return history.beat(object=ANOTHER)


def enact_with_one_of_two(history: History) -> Verdict:
    policy = team()
    policy["root"]["threshold"] = 2
    return history.enact(policy, by="alice")


def propose_as_a_reviewer(history: History) -> Verdict:
    return history.propose(team() | {"max_age": "1d"}, by="carol")


STORIES: dict[tuple[str, str], Story] = {
    ("every record", "chain"): lambda history: history.beat(index=999),
    ("every record", "policy-cited"): lambda history: history.beat(policy="0" * 64),
    ("every record", "attachments"): lambda history: history.beat(extra="0" * 64),
    ("every record", "digests"): lambda history: history.register(
        "iris", "1.0.0", manifest="0" * 64
    ),
    ("every record", "policy-bytes"): lambda history: history.enact(
        team() | {"max_age": "1d"}, by="alice", new_policy="0" * 64
    ),
    ("every record", "object"): lambda history: history.enact(
        team() | {"max_age": "1d"}, by="alice", object=ANOTHER
    ),
    ("every record", "signer"): lambda history: history.beat(signer=key_of("mallory")),
    ("every record", "on-behalf"): lambda history: history.beat(on_behalf="mallory"),
    ("every record", "right"): lambda history: history.register("iris", "1.0.0", by="carol"),
    ("every record", "time"): register_both_at_one_time,
    ("policy", "policy-threshold"): enact_with_one_of_two,
    ("approve policy", "policy-proposal"): propose_as_a_reviewer,
    ("register", "document"): register_another_document,
    ("register", "new-version"): register_twice,
    ("evaluate", "registered"): evaluate_unregistered,
    ("evaluate", "measured"): evaluate_by_a_report_on_another,
    ("approve", "registered"): approve_another_commit,
    ("approve", "seq"): approve_another_seq,
    ("approve", "report"): approve_an_older_report,
    ("promote", "registered"): promote_another_commit,
    ("promote", "replaces"): promote_over_another_holder,
    ("promote", "seq"): promote_with_a_jump_in_seq,
    ("promote", "after"): promote_past_staging,
    ("promote", "report"): promote_on_an_older_report,
    ("promote", "gates"): promote_below_the_gate,
    ("promote", "approvals"): promote_unapproved,
    ("vacate", "held"): vacate_what_is_empty,
    ("vacate", "replaces"): vacate_another_holder,
    ("vacate", "seq"): vacate_with_a_jump_in_seq,
    ("deprecate", "registered"): deprecate_another_commit,
    ("deprecate", "deprecated"): deprecate_twice,
    ("yank", "registered"): yank_twice,
    ("yank", "free"): yank_a_holder,
    ("deploy", "registered"): deploy_from_another_commit,
    ("deploy", "deployed"): deploy_what_holds_no_more,
    ("beat", "beat"): beat_over_another_commit,
}

# Where another rule would refuse the story too: this one is there to say first what is wrong.
SECOND = {("every record", "signer"): "right"}


def all_rules() -> list[tuple[str, str]]:
    common = [("every record", name) for name, _ in rules.COMMON]
    return common + [(kind, name) for kind, table in rules.ACTIONS.items() for name, _ in table]


def remove(kind: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "every record":
        left = tuple(entry for entry in rules.COMMON if entry[0] != rule)
        monkeypatch.setattr(rules, "COMMON", left)
    else:
        left = tuple(entry for entry in rules.ACTIONS[kind] if entry[0] != rule)
        monkeypatch.setattr(rules, "ACTIONS", {**rules.ACTIONS, kind: left})


def test_every_rule_has_a_story() -> None:
    assert sorted(STORIES) == sorted(all_rules())


@pytest.mark.parametrize(("kind", "rule"), STORIES, ids=str)
def test_the_story_is_refused_by_the_rule(kind: str, rule: str) -> None:
    assert rule_of(STORIES[kind, rule](History())) == rule


@pytest.mark.parametrize(("kind", "rule"), STORIES, ids=str)
def test_without_the_rule_the_story_would_be_told(
    kind: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove(kind, rule, monkeypatch)
    assert rule_of(STORIES[kind, rule](History())) == SECOND.get((kind, rule))
