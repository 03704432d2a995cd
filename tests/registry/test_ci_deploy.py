"""CI deploys what the ledger says, whatever tag it was started by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitreg.errors import InvalidError, NotFoundError, SetupError, UntrustedError, UsageError
from gitreg.ledger.freshness import Trust
from gitreg.registry.ci_deploy import deploy_tag
from gitreg.registry.deploy_outcome import Deployment, read_statements, record
from gitreg.registry.open import Registry, open_registry
from gitreg.registry.policy import apply_policy
from tests.deploying import add_target, in_use, let_alice_sign, promote, register, release
from tests.fixtures import Cli, Team


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "srv"


def open_in_ci(team: Team, folder: Path | None = None) -> Registry:
    proof = team.open().verify()
    trust = Trust.parse(f"sha256:{proof.root}", f"{proof.head_index}:sha256:{proof.head}")
    return open_registry(folder or team.clone, trust=trust)


def run(team: Team, tag: str, **options: Path) -> Deployment:
    return deploy_tag(open_in_ci(team), tag, **options)  # type: ignore[arg-type]


def test_the_last_change_of_a_stage_is_deployed(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    assert run(team, "iris#production#1").ok
    assert in_use(shelf) == "1.0.0"
    release(team, "1.1.0")
    old = run(team, "iris#production#1")
    assert (old.ok, old.outcomes) == (True, ())
    assert old.notes == (
        "iris#production#1 is no longer the last change of production: nothing is done",
    )
    assert in_use(shelf) == "1.0.0"
    run(team, "iris#production#2")
    assert in_use(shelf) == "1.1.0"


def test_a_vacated_stage_is_withdrawn_by_its_own_tag(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    run(team, "iris#production#1")
    team.open().vacate("iris", stage="production")
    with pytest.raises(NotFoundError, match="the ledger has no iris#production#2"):
        run(team, "iris#production#2")
    assert run(team, "iris#production!#2").outcomes[0].changed
    assert in_use(shelf) is None


@pytest.mark.parametrize(
    "tag", ["iris#production#2", "iris#staging#9", "iris#production!#1", "oak#production#1"]
)
def test_a_tag_that_the_ledger_does_not_know_is_refused(team: Team, shelf: Path, tag: str) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    team.git("tag", tag)
    with pytest.raises(NotFoundError, match="the ledger has no"):
        run(team, tag)
    assert not shelf.exists()


@pytest.mark.parametrize(
    "tag", ["iris@v1.0.0", "$(id)", "--help", "../iris#production#1", "iris#production#01", ""]
)
def test_what_is_no_tag_of_a_stage_is_refused(team: Team, tag: str) -> None:
    release(team, "1.0.0")
    with pytest.raises(UsageError, match="is not the tag of a stage"):
        run(team, tag)


@pytest.mark.parametrize("given", [(True, False), (False, True), (False, False)])
def test_without_root_and_checkpoint_nothing_is_deployed(
    team: Team, shelf: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, given: tuple[bool, bool]
) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    trust = open_in_ci(team).trust
    values = (f"sha256:{trust.root}", str(trust.checkpoint))
    for name, value, wanted in zip(("ROOT", "CHECKPOINT"), values, given, strict=True):
        if wanted:
            monkeypatch.setenv(f"GITREG_{name}", value)
    cli.folder = team.clone
    said = cli.no("ci", "deploy", "iris#production#1")
    assert "set GITREG_ROOT and GITREG_CHECKPOINT" in said
    assert not shelf.exists()


def test_another_registry_than_the_one_that_was_meant_is_refused(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    trust = Trust.parse("sha256:" + "0" * 64, f"0:sha256:{'0' * 64}")
    with pytest.raises(UntrustedError, match="is another registry"):
        deploy_tag(open_registry(team.clone, trust=trust), "iris#production#1")


def test_the_newest_ledger_counts_and_not_the_one_that_was_checked_out(
    team: Team, shelf: Path
) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    team.git("push", "--quiet")
    ci = open_in_ci(team, team.colleague())
    assert ci.state.stage("iris", "production") is not None
    release(team, "1.1.0")
    assert deploy_tag(ci, "iris#production#1").outcomes == ()
    assert not shelf.exists()


def test_a_ledger_that_is_held_back_deploys_nothing(
    team: Team, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = team.clone / "gitreg.yaml"
    file.write_text(file.read_text() + "max_age: 30d\n")
    apply_policy(team.open())
    release(team, "1.0.0")
    add_target(team, shelf)
    monkeypatch.setattr("gitreg.registry.ci_deploy.time.time", lambda: 4_000_000_000.0)
    with pytest.raises(UntrustedError, match="STALE"):
        run(team, "iris#production#1")
    assert not shelf.exists()


def test_a_stage_without_targets_has_nothing_to_do(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    assert run(team, "iris#production#1").notes == (
        "there is no deploy.yaml here: nothing is done",
    )
    add_target(team, shelf)
    done = run(team, "iris#staging#1")
    assert done.notes == ("deploy.yaml has no target for it: iris@staging: nothing is done",)


def test_the_tagged_commit_has_no_say_in_where_to(team: Team, shelf: Path, tmp_path: Path) -> None:
    add_target(team, tmp_path / "hostile")
    release(team, "1.0.0")
    add_target(team, shelf)
    assert run(team, "iris#production#1").ok
    assert in_use(shelf) == "1.0.0"
    assert not (tmp_path / "hostile").exists()


def test_the_job_that_deploys_may_leave_signing_to_another(
    team: Team, shelf: Path, tmp_path: Path, cli: Cli, bob_key: Path
) -> None:
    let_alice_sign(team)
    release(team, "1.0.0")
    add_target(team, shelf)
    file = tmp_path / "outcome.json"
    done = run(team, "iris#production#1", outcome=file, key=bob_key)  # a key that nobody knows
    assert (done.ok, done.written) == (True, None)
    cli.folder = team.clone
    assert "Deploy iris v1.0.0 to shelf: succeeded" in cli.ok("ci", "record", file).out
    assert "nothing new to sign" in cli.ok("ci", "record", file).out
    release(team, "1.1.0")
    run(team, "iris#production#2", outcome=file)
    promote(team, "1.0.0")
    assert "nothing new to sign" in cli.ok("ci", "record", file).out


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "../iris"),
        ("model", None),
        ("version", "1.0"),
        ("seq", True),
        ("seq", "1\nReason: x"),
        ("stage", "$(id)"),
        ("outcomes", [{"target": "-x", "outcome": "succeeded", "detail": "x"}]),
        ("outcomes", [{"target": "x", "outcome": "planned", "detail": "x"}]),
        ("outcomes", [{"target": "x", "outcome": "failed", "detail": "a\nReason: b"}]),
        ("outcomes", [{"target": "x", "outcome": "failed"}]),
        ("outcomes", {"a": 1}),
        ("outcomes", 3),
    ],
)
def test_an_outcome_that_no_deployment_wrote_is_not_signed(field: str, value: object) -> None:
    good = {"target": "shelf", "outcome": "succeeded", "detail": "x"}
    base = {"model": "iris", "version": "1.0.0", "stage": "production", "seq": 1}
    assert read_statements(json.dumps({**base, "outcomes": [good]}).encode(), name="o")
    with pytest.raises(InvalidError, match="is not what gitreg deploy --outcome wrote"):
        read_statements(json.dumps({**base, "outcomes": [good], field: value}).encode(), name="o")


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_a_file_that_is_no_outcome_is_not_signed(data: bytes) -> None:
    with pytest.raises(InvalidError, match="is not what gitreg deploy --outcome wrote"):
        read_statements(data, name="o")


def test_an_outcome_of_what_does_not_hold_the_stage_is_not_signed(team: Team) -> None:
    let_alice_sign(team)
    release(team, "1.0.0")
    register(team, "1.1.0")
    base = {"stage": "production", "target": "x", "outcome": "succeeded", "detail": "x"}
    for told in ({"version": "1.1.0", "seq": 1}, {"version": "1.0.0", "seq": 2}):
        outcomes = [{"model": "iris", **base, **told}]
        value = {"version": told["version"], "outcomes": outcomes}
        statements = read_statements(json.dumps(value).encode(), name="o")
        assert record(team.open(), statements).records == ()


def test_setup_error_names_the_next_step(team: Team) -> None:
    with pytest.raises(SetupError, match="CI has no memory") as caught:
        deploy_tag(team.open(), "iris#production#1")
    assert "gitreg verify" in str(caught.value.next_step)
