"""What readers are told of a registry; what writers may do to it: test_rules.py."""

from __future__ import annotations

from gitreg.domain.canonical import sha256
from gitreg.domain.state import State
from tests.ledgers import EASY, HOLDOUT, History, accepted, in_production, staged, team


def test_an_empty_registry_knows_nothing() -> None:
    state = State()
    assert state.head() is None
    assert state.policy() is None
    assert state.proposal("0" * 64) is None
    assert state.models() == []
    assert state.versions("iris") == []
    assert state.version("iris", "1.0.0") is None
    assert state.newest("iris") is None
    assert state.stage("iris", "production") is None
    assert state.champion("iris", "production") is None
    assert state.newest_report("iris", "1.0.0", None) is None
    assert (state.last_ordinal("iris"), state.last_time("iris")) == (0, 0)
    assert [*state.verdicts("iris", "1.0.0", "production", 1)] == []
    assert [*state.stages("iris"), *state.held_stages("iris", "1.0.0")] == []
    assert [*state.deploys("iris")] == []


def test_asking_adds_no_model() -> None:
    history = History()
    history.state.version("rose", "1.0.0")
    history.state.stage_history("rose", "production")
    assert history.state.models() == []


def test_the_head_is_the_last_valid_record() -> None:
    history = History()
    accepted(history.beat())
    head = history.state.head()
    assert head is not None
    assert (head.index, head.digest) == (1, history.records[1].digest())


def test_every_policy_that_was_in_force_is_kept() -> None:
    history = History()
    accepted(history.enact(team() | {"max_age": "1d"}, by="alice"))
    assert [entry.index for entry in history.state.policies] == [0, 1]
    assert history.state.policy() == history.state.policies[1]


def test_versions_are_in_the_order_of_their_registration() -> None:
    history = History()
    for version in ("2.0.0", "1.0.0", "1.5.0-rc.1"):
        accepted(history.register("rose", version), history.register("iris", version))
    versions = history.state.versions("rose")
    assert [entry.version for entry in versions] == ["2.0.0", "1.0.0", "1.5.0-rc.1"]
    assert [entry.ordinal for entry in versions] == [1, 2, 3]
    assert history.state.models() == ["iris", "rose"]
    assert history.state.last_ordinal("rose") == 3


def test_a_version_knows_its_registration() -> None:
    history = History()
    accepted(history.register("iris", "1.0.0", by="ci", on_behalf="erin"))
    entry, record = history.version("iris", "1.0.0"), history.records[1]
    assert (entry.person, entry.on_behalf, entry.index) == ("ci", "erin", 1)
    assert (entry.commit, entry.path, entry.manifest) == (
        record.object,
        "models/iris",
        record.manifest,
    )
    assert str(entry.metrics["accuracy"]) == "0.95"
    assert entry.time == record.tagger.time == history.state.last_time("iris")


def test_the_newest_is_the_highest_release_that_is_not_yanked() -> None:
    history = History()
    assert history.state.newest("iris") is None
    for added, newest in [
        ("1.0.0-rc.1", "1.0.0-rc.1"),
        ("0.9.0", "0.9.0"),
        ("1.10.0", "1.10.0"),
        ("1.9.0", "1.10.0"),
        ("2.0.0-rc.1", "1.10.0"),
    ]:
        accepted(history.register("iris", added))
        entry = history.state.newest("iris")
        assert entry is not None
        assert entry.version == newest
    for yanked, left in [
        ("1.10.0", "1.9.0"),
        ("1.9.0", "0.9.0"),
        ("0.9.0", "2.0.0-rc.1"),
        ("2.0.0-rc.1", "1.0.0-rc.1"),
        ("1.0.0-rc.1", None),
    ]:
        accepted(history.yank("iris", yanked))
        entry = history.state.newest("iris")
        assert (entry.version if entry else None) == left


def test_deprecating_and_yanking_keep_a_versions_place() -> None:
    history = History()
    staged(history, "1.0.0")
    accepted(history.register("iris", "1.1.0"))
    time = history.state.last_time("iris")
    accepted(history.deprecate("iris", "1.0.0"), history.yank("iris", "1.1.0"))
    assert [entry.version for entry in history.state.versions("iris")] == ["1.0.0", "1.1.0"]
    assert history.version("iris", "1.0.0").deprecated == 4
    assert history.version("iris", "1.1.0").yanked == 5
    assert history.state.last_time("iris") == time


def test_a_stage_has_a_history_by_number() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    accepted(history.vacate("iris", "production"))
    changes = history.state.stage_history("iris", "production")
    assert [(change.seq, change.version, change.replaces) for change in changes] == [
        (1, "1.0.0", None),
        (2, "1.1.0", "1.0.0"),
        (3, None, "1.1.0"),
    ]
    assert history.state.stage("iris", "production") == changes[2]
    assert history.state.stage_before(changes[2]) == changes[1]
    assert history.state.stage_before(changes[1]) == changes[0]
    assert history.state.stage_before(changes[0]) is None
    assert history.state.stages("iris") == ["staging", "production"]


def test_a_version_has_the_changes_that_it_came_or_left_by() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    accepted(history.vacate("iris", "production"))
    for version in ("1.0.0", "1.1.0"):
        changes = history.state.changes_of("iris", version)
        assert [(change.stage, change.version, change.replaces) for change in changes] == {
            "1.0.0": [
                ("staging", "1.0.0", None),
                ("production", "1.0.0", None),
                ("staging", "1.1.0", "1.0.0"),
                ("production", "1.1.0", "1.0.0"),
            ],
            "1.1.0": [
                ("staging", "1.1.0", "1.0.0"),
                ("production", "1.1.0", "1.0.0"),
                ("production", None, "1.1.0"),
            ],
        }[version]
    assert history.state.changes_of("rose", "1.0.0") == []


def test_a_version_holds_the_stages_it_entered_last() -> None:
    history = History()
    in_production(history, "1.0.0")
    staged(history, "1.1.0")
    state = history.state
    assert [*state.held_stages("iris", "1.0.0")] == ["production"]
    assert [*state.held_stages("iris", "1.1.0")] == ["staging"]
    assert state.has_held("iris", "1.0.0", "staging")
    assert not state.has_held("iris", "1.1.0", "production")
    assert not state.has_held("rose", "1.0.0", "staging")


def test_the_champion_holds_the_stage_or_held_it_last() -> None:
    history = History()
    in_production(history, "1.0.0", "1.1.0")
    assert history.state.champion("iris", "production") == "1.1.0"
    accepted(history.vacate("iris", "production"), history.vacate("iris", "staging"))
    assert history.state.champion("iris", "production") == "1.1.0"
    accepted(history.yank("iris", "1.1.0"))
    assert history.state.champion("iris", "production") == "1.0.0"
    accepted(history.yank("iris", "1.0.0"))
    assert history.state.champion("iris", "production") is None


def test_each_persons_newest_verdict_is_kept() -> None:
    history = History()
    accepted(
        history.register("iris", "1.0.0"),
        history.evaluate("iris", "1.0.0"),
        history.approve("iris", "1.0.0", "production", by="carol"),
        history.approve("iris", "1.0.0", "production", by="dave"),
        history.approve("iris", "1.0.0", "production", by="carol", verdict="reject"),
    )
    verdicts = history.state.verdicts("iris", "1.0.0", "production", 1)
    assert {(entry.person, entry.verdict, entry.index) for entry in verdicts} == {
        ("carol", "reject", 5),
        ("dave", "approve", 4),
    }


def test_the_newest_report_is_told_by_its_data() -> None:
    history = History()
    accepted(
        history.register("iris", "1.0.0"),
        history.evaluate("iris", "1.0.0", 0.9),
        history.evaluate("iris", "1.0.0", 0.8),
        history.evaluate("iris", "1.0.0", 0.7, data=EASY),
    )
    for data, index in [(HOLDOUT, 3), (EASY, 4), (None, 4)]:
        report = history.state.newest_report("iris", "1.0.0", data)
        assert report is not None
        assert (report.index, report.person) == (index, "ci")
    assert history.state.newest_report("iris", "1.0.0", sha256(b"")) is None
    told = [entry.index for entry in history.state.reports("iris", "1.0.0")]
    assert told == sorted(told)
    assert len(told) > 1
    assert [*history.state.reports("iris", "9.9.9")] == []


def test_deployments_are_kept_in_their_order() -> None:
    history = History()
    staged(history, "1.0.0")
    accepted(history.deploy("iris", "staging", outcome="failed"), history.deploy("iris", "staging"))
    deploys = history.state.deploys("iris")
    assert {(entry.model, entry.version, entry.stage, entry.person) for entry in deploys} == {
        ("iris", "1.0.0", "staging", "ci")
    }
    assert [(entry.outcome, entry.target, entry.seq, entry.index) for entry in deploys] == [
        ("failed", "cluster", 1, 3),
        ("succeeded", "cluster", 1, 4),
    ]
