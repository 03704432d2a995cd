"""After a merge: the ledger follows the default branch, however often, whatever was missed."""

from __future__ import annotations

from pathlib import Path

import pytest

import gitreg
from gitreg.domain.record import Record
from gitreg.registry.api import Registry
from gitreg.registry.ci_check import check, write_check
from gitreg.registry.ci_plan import find_plan
from gitreg.registry.ci_steps import Steps
from gitreg.registry.ci_sync import sync
from gitreg.registry.writing import Plan
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team, freeze, ledger_length, run_git, write
from tests.merging import (
    BAD,
    BETTER,
    GOOD,
    ci_clone,
    prepare_iris,
    push,
    want,
)


def fetched(team: Team) -> Registry:
    """Alice's clone, after git fetch."""
    team.git("fetch", "--quiet")
    return team.open()


def verdicts(done: object) -> list[tuple[str, str]]:
    return [(item.action, item.verdict) for item in done.outcomes]  # type: ignore[attr-defined]


def test_a_merge_registers_measures_and_promotes(merging: Team, tmp_path: Path, cli: Cli) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    want(merging, "production", "1.0.0", 1)
    push(merging)
    cli.folder = ci_clone(merging)

    checked = cli.ok("ci", "check", "--reports", tmp_path / "out", "--json").json
    assert checked["ok"]
    done = cli.ok("ci", "sync", "--reports", tmp_path / "out", "--on-behalf", "Alice", "--json")

    check_shape("ci-check", checked)
    check_shape("ci-sync", done.json)
    assert [item["verdict"] for item in done.json["outcomes"]] == ["done"] * 3
    assert done.json["deployments"] == [
        {
            "model": "iris",
            "version": "1.0.0",
            "stage": "production",
            "seq": 1,
            "tag": "iris#production#1",
        }
    ]
    registry = fetched(merging)
    assert registry["iris@production"].version == "1.0.0"
    assert registry.verify(artifacts=True).ok
    records = registry.ledger.records[-3:]
    assert [item.record.action for item in records] == ["register", "evaluate", "promote"]
    assert {item.record.on_behalf for item in records} == {"alice"}
    tags = run_git(merging.origin, "tag").split()
    assert {"iris@v1.0.0", "iris#production#1"} <= set(tags)


def test_run_again_it_does_nothing(merging: Team, tmp_path: Path) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    want(merging, "production", "1.0.0", 1)
    push(merging)
    write_check(check(merging.open()), tmp_path)
    assert sync(merging.open(), reports=tmp_path).ok
    before = freeze(merging.origin)
    again = sync(merging.open(), reports=tmp_path)
    assert verdicts(again) == [("evaluate", "there")]
    assert freeze(merging.origin) == before


def test_what_was_missed_is_healed(merging: Team) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    push(merging)
    prepare_iris(merging, BETTER, "1.1.0")
    push(merging)
    done = sync(gitreg.open(ci_clone(merging)))
    assert verdicts(done) == [("register", "done")] * 2
    versions = fetched(merging).versions("iris")
    assert [item.version for item in versions] == ["1.0.0", "1.1.0"]
    assert versions[0].path().read_bytes() != versions[1].path().read_bytes()


def test_a_squashed_merge_is_registered_at_the_squashed_commit(merging: Team) -> None:
    merging.git("switch", "--quiet", "--create", "better")
    prepare_iris(merging, GOOD, "1.0.0")
    want(merging, "production", "1.0.0", 1)
    merging.git("switch", "--quiet", "main")
    merging.git("merge", "--quiet", "--squash", "better")
    merging.git("commit", "--quiet", "--message", "Add iris 1.0.0 (#1)")
    push(merging)
    merging.git("branch", "-D", "better")
    sync(merging.open())
    entry = merging.open()["iris@1.0.0"].entry
    assert entry.commit == merging.git("rev-parse", "main")


def test_a_promotion_without_its_evidence_is_refused_and_the_rest_is_done(
    merging: Team, cli: Cli
) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    want(merging, "production", "1.0.0", 1)
    push(merging)
    cli.folder = merging.clone
    ran = cli("ci", "sync")
    assert ran.code == 1
    assert "register iris 1.0.0: done" in ran.out
    assert "promote iris 1.0.0 to production: refused: production wants measured" in ran.out
    assert not merging.open().state.stage("iris", "production")


def test_a_worse_model_does_not_replace_the_champion(merging: Team, tmp_path: Path) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    want(merging, "production", "1.0.0", 1)
    push(merging)
    write_check(check(merging.open()), tmp_path / "first")
    assert sync(merging.open(), reports=tmp_path / "first").ok
    prepare_iris(merging, BAD, "1.1.0")
    want(merging, "production", "1.1.0", 2)
    push(merging)

    checked = check(merging.open())
    write_check(checked, tmp_path / "second")
    done = sync(merging.open(), reports=tmp_path / "second")

    assert not checked.ok
    assert verdicts(done) == [("register", "done"), ("evaluate", "done"), ("promote", "refused")]
    assert "accuracy" in (done.outcomes[-1].what or "")
    assert merging.open()["iris@production"].version == "1.0.0"


def test_a_report_on_other_bytes_is_not_signed(merging: Team, tmp_path: Path) -> None:
    """What was measured must be what is registered, or a report could be carried over."""
    prepare_iris(merging, GOOD, "1.0.0")
    write_check(check(merging.open()), tmp_path)
    merging.git("reset", "--quiet", "--hard", "HEAD~1")
    prepare_iris(merging, BETTER, "1.0.0")
    push(merging)
    done = sync(merging.open(), reports=tmp_path)
    assert verdicts(done) == [("register", "done"), ("evaluate", "refused")]
    assert "not on iris 1.0.0 as it was registered" in (done.outcomes[-1].what or "")


@pytest.mark.parametrize("text", ["{", "{}", '{"schema": "gitreg/report/v1"}', "[" * 5000])
def test_a_report_that_is_none_is_told_and_passed_over(
    merging: Team, tmp_path: Path, text: str
) -> None:
    write(tmp_path / "x.report.json", text)
    done = sync(merging.open(), reports=tmp_path)
    assert not done.ok
    assert [item.code for item in done.findings if item.severity == "error"] == ["report.invalid"]


def test_bytes_that_never_reached_the_remote_are_not_registered(merging: Team) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    push(merging)
    for path in merging.storage.rglob("*"):
        if path.is_file():
            path.unlink()
    length = ledger_length(merging.clone)
    done = sync(gitreg.open(ci_clone(merging)))
    assert verdicts(done) == [("register", "refused")]
    assert "does not have the artifact model.skops" in (done.outcomes[0].what or "")
    assert ledger_length(merging.clone) == length


def test_bytes_that_somebody_changed_at_the_remote_are_not_registered(merging: Team) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    push(merging)
    for path in merging.storage.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"something else")
    done = sync(gitreg.open(ci_clone(merging)))
    assert verdicts(done) == [("register", "refused")]
    assert "other bytes" in (done.outcomes[0].what or "")


def test_a_folder_is_registered_by_what_was_read_of_it(merging: Team) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    merging.git("reset", "--quiet", "--hard", "HEAD~1")
    write(merging.iris / "weights/a.bin", b"first weights\n")
    write(merging.iris / "weights/deep/b.bin", b"second weights\n")
    text = (merging.iris / "model.yaml").read_text()
    write(merging.iris / "model.yaml", text + "  - {path: weights, role: file}\n")
    prepare_iris(merging, GOOD, "1.0.0")
    push(merging)
    assert sync(gitreg.open(ci_clone(merging))).ok
    pulled = fetched(merging)["iris@1.0.0"].pull(merging.folder / "pulled")
    assert {file.path for file in pulled.files} >= {"weights/a.bin", "weights/deep/b.bin"}


def test_somebody_whom_the_policy_does_not_know_is_not_acted_for(merging: Team) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    push(merging)
    done = sync(merging.open(), on_behalf="mallory; echo")
    assert done.ok
    assert [item.code for item in done.findings] == ["behalf.unknown"]
    assert merging.open().ledger.records[-1].record.on_behalf is None


def test_the_bytes_are_read_once_however_often_somebody_else_is_faster(
    merging: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_iris(merging, GOOD, "1.0.0")
    registry, read = merging.open(), []
    monkeypatch.setattr(
        "gitreg.registry.ci_steps.prove", lambda _, artifact: read.append(artifact.path)
    )

    def write_late(plan: Plan) -> list[Record]:
        assert plan(registry.ledger) == plan(registry.ledger) != []
        return []

    Steps(registry=registry, write=write_late).register(find_plan(registry).versions[0])
    assert read == ["model.skops"]


def test_what_waits_for_approval_is_no_failure(merging: Team, cli: Cli, bob_key: Path) -> None:
    from gitreg.registry.policy import apply_policy

    file = merging.clone / "gitreg.yaml"
    bob = bob_key.with_suffix(".pub").read_text().strip()
    text = file.read_text().replace("people:\n", f'people:\n  bob: {{keys: ["{bob}"]}}\n')
    text = text.replace(
        "staging: {promote: [maintainers]}",
        "staging: {promote: [maintainers], approve: {by: [bob], count: 1}}",
    )
    file.write_text(text)
    apply_policy(merging.open())
    prepare_iris(merging, GOOD, "1.0.0")
    want(merging, "staging", "1.0.0", 1)
    push(merging)
    cli.folder = merging.clone

    assert "promote iris 1.0.0 to staging: waits: 0 of 1 approvals" in cli.ok("ci", "sync").out
    cli.ok("approve", "iris@1.0.0", "--stage", "staging", "--key", bob_key)
    assert "promote iris 1.0.0 to staging: done" in cli.ok("ci", "sync").out
