"""Deploying: tried before and after, the old one back, and nothing that was not signed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitreg.errors import NotFoundError, RefusedError, SetupError, UsageError
from gitreg.registry.deploy import deploy, find_assignment, preview
from gitreg.registry.deploy_outcome import Deployment
from gitreg.registry.policy import apply_policy
from tests.deploying import (
    SIGNATURE,
    add_target,
    commit_targets,
    in_use,
    let_alice_sign,
    names,
    promote,
    register,
    release,
)
from tests.fixtures import Team, write


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "srv/models"


def run(team: Team, reference: str = "iris@production", **options: Path) -> Deployment:
    registry = team.open()
    return deploy(registry, find_assignment(registry, reference), **options)  # type: ignore[arg-type]


def test_what_holds_a_stage_is_put_into_a_folder_and_answers(team: Team, shelf: Path) -> None:
    release(team, "1.0.0", signature=SIGNATURE)
    add_target(team, shelf)
    done = run(team)
    (outcome,) = done.outcomes
    assert (done.version, done.seq, outcome.outcome, outcome.changed) == (
        "1.0.0",
        1,
        "succeeded",
        True,
    )
    assert outcome.detail.endswith("bytes as signed; loads; answers sample inputs")
    assert in_use(shelf) == "1.0.0"
    assert (shelf / "iris/current/model.skops").read_bytes() == team.model_file.read_bytes()
    assert done.written is None, "the policy asks for no record"


def test_deploying_again_checks_what_is_there_and_changes_nothing(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    run(team)
    before = (shelf / "iris/1.0.0").stat()
    (outcome,) = run(team).outcomes
    assert (outcome.outcome, outcome.changed, outcome.before) == ("succeeded", False, "1.0.0")
    assert "not asked, for it has no examples and no signature" in outcome.detail
    assert (shelf / "iris/1.0.0").stat().st_ino == before.st_ino
    assert (shelf / "iris/1.0.0").stat().st_mtime_ns == before.st_mtime_ns


def test_golden_examples_that_do_not_reproduce_keep_the_old_version(
    team: Team, shelf: Path
) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    run(team)
    add_examples(team, [0, 1])
    release(team, "1.1.0", validation={"examples": "examples.json"})
    assert run(team).outcomes[0].detail.endswith("answers 2 golden examples")
    add_examples(team, [1, 1])
    release(team, "1.2.0", validation={"examples": "examples.json"})
    done = run(team)
    assert not done.ok
    assert "prediction of row 0 is 1, then 0" in done.outcomes[0].detail
    assert in_use(shelf) == "1.1.0"
    assert names(shelf) == [".gitreg-proven", "1.0.0", "1.1.0", "current"]


def add_examples(team: Team, answers: list[int]) -> None:
    inputs = {"length": [0.0, 3.0], "width": [0.0, 3.0]}
    value = {"inputs": inputs, "outputs": {"prediction": answers}}
    write(team.iris / "examples.json", json.dumps(value))
    team.git("add", "models/iris/examples.json")
    team.git("commit", "--quiet", "--message", "Examples", "--", "models/iris/examples.json")


def test_a_model_that_does_not_load_is_not_deployed(team: Team, shelf: Path) -> None:
    release(team, "1.0.0", data=b"no model at all")
    add_target(team, shelf)
    (outcome,) = run(team).outcomes
    assert outcome.outcome == "failed"
    assert "the model model.skops failed: loading it" in outcome.detail
    assert names(shelf) == []


def test_a_target_may_be_content_with_bytes(team: Team, shelf: Path) -> None:
    release(team, "1.0.0", data=b"no model at all")
    add_target(team, shelf, "check: {need: bytes}")
    assert run(team).ok
    assert in_use(shelf) == "1.0.0"


def test_a_target_may_insist_on_an_answer(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf, "check: {need: query}")
    (outcome,) = run(team).outcomes
    assert outcome.outcome == "failed"
    assert "validation.examples" in (outcome.next_step or "")
    assert not shelf.exists()


def test_a_pickle_is_deployed_only_where_the_policy_lets_it_be_loaded(
    team: Team, shelf: Path
) -> None:
    file = write(team.iris / "model.pkl", b"cos\nsystem\n(S'touch /tmp/ran'\ntR.")
    team.open().register(new="iris", files=[file], version="1.0.0")
    promote(team, "1.0.0")
    add_target(team, shelf)
    (outcome,) = run(team).outcomes
    assert "would run code" in outcome.detail
    assert in_use(shelf) is None


def test_a_change_by_somebody_else_is_noticed_and_replaced(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    run(team)
    file = shelf / "iris/current/model.skops"
    file.chmod(0o644)
    file.write_bytes(b"planted")
    assert "is not as it was signed" in preview_of(team).outcomes[0].detail
    (outcome,) = run(team).outcomes
    assert (outcome.outcome, outcome.changed) == ("succeeded", True)
    assert file.read_bytes() == team.model_file.read_bytes()
    assert in_use(shelf) == "1.0.0+2"
    assert not (shelf / "iris/1.0.0").exists()


def preview_of(team: Team) -> Deployment:
    registry = team.open()
    return preview(registry, find_assignment(registry, "iris@production"))


def test_a_preview_changes_nothing(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    (outcome,) = preview_of(team).outcomes
    assert (outcome.outcome, outcome.changed) == ("planned", True)
    assert outcome.detail.endswith("it has nothing, and would have 1.0.0 in use")
    assert not shelf.exists()
    run(team)
    (outcome,) = preview_of(team).outcomes
    assert not outcome.changed
    assert outcome.detail.endswith("it has 1.0.0, and stays as it is")


def test_versions_are_kept_by_when_they_held_the_stage(team: Team, shelf: Path) -> None:
    add_target(team, shelf, "keep: 2")
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        release(team, version)
        run(team)
    write(shelf / "iris/0.9.0/mine", b"of no registry")
    assert {"1.1.0", "1.2.0"} < set(names(shelf))
    promote(team, "1.0.0")
    run(team)
    found = set(names(shelf))
    assert found == {"current", ".gitreg-proven", "1.0.0", "1.2.0", "0.9.0"}
    assert in_use(shelf) == "1.0.0"


def test_a_yanked_version_does_not_stay(team: Team, shelf: Path) -> None:
    add_target(team, shelf, "keep: 3")
    for version in ("1.0.0", "1.1.0"):
        release(team, version)
        run(team)
    team.open().yank("iris@1.0.0")
    run(team)
    assert names(shelf) == [".gitreg-proven", "1.1.0", "current"]


def test_a_model_of_plain_python_is_deployed_and_leaves_no_trace_of_having_run(
    team: Team, shelf: Path
) -> None:
    policy = team.clone / "gitreg.yaml"
    text = policy.read_text().replace("    yank:", "    allow_pickle: true\n    yank:")
    policy.write_text(text)
    apply_policy(team.open())
    write(team.iris / "scorer/rules.py", "def apply(x):\n    return x > 1\n")
    code = "from rules import apply\n\ndef score(columns):\n    return apply(columns['x'])\n"
    write(team.iris / "scorer/main.py", code)
    entry = {"path": "scorer", "role": "model", "format": "python", "entrypoint": "main:score"}
    described: dict[str, object] = {"schema": "gitreg/model/v1", "name": "iris"}
    inputs = [{"name": "x", "datatype": "FP64", "shape": [-1]}]
    described |= {"version": "1.0.0", "artifacts": [entry], "signature": {"inputs": inputs}}
    write(team.iris / "model.yaml", json.dumps(described))
    team.open().register(team.iris)
    promote(team, "1.0.0")
    add_target(team, shelf)
    for changed in (True, False):
        (outcome,) = run(team).outcomes
        assert (outcome.outcome, outcome.changed) == ("succeeded", changed), outcome.detail
    assert sorted(path.name for path in (shelf / "iris/current/scorer").iterdir()) == [
        "main.py",
        "rules.py",
    ]


def test_a_vacated_stage_has_nothing_in_use(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    let_alice_sign(team)
    run(team)
    team.open().vacate("iris", stage="production")
    (outcome,) = preview_of(team).outcomes
    assert outcome.detail.endswith("it has 1.0.0, and would have nothing in use")
    done = run(team)
    assert (done.version, done.outcomes[0].changed, done.written) == (None, True, None)
    assert names(shelf) == ["1.0.0"]
    assert not run(team).outcomes[0].changed


def test_the_outcome_is_signed_once_where_the_policy_asks_for_it(team: Team, shelf: Path) -> None:
    let_alice_sign(team)
    release(team, "1.0.0")
    add_target(team, shelf)
    done = run(team)
    assert done.written is not None
    assert [record.title for record in done.written.records] == [
        "Deploy iris v1.0.0 to shelf: succeeded"
    ]
    again = run(team)
    assert again.written is not None
    assert again.written.records == ()
    (tenure,) = team.open().audit(model="iris", stage="production").tenures
    assert [(item.target, item.outcome) for item in tenure.deployments] == [("shelf", "succeeded")]


def test_a_failure_is_signed_too(team: Team, shelf: Path) -> None:
    let_alice_sign(team)
    release(team, "1.0.0", data=b"\xe2\x80\xa8no model\n\x1b[2J")
    add_target(team, shelf)
    done = run(team)
    assert done.written is not None
    (record,) = done.written.records
    assert (record.outcome, record.seq) == ("failed", 1)
    assert (record.detail or "").startswith("the model model.skops failed")


def test_who_may_not_sign_deploys_nothing(team: Team, shelf: Path, bob_key: Path) -> None:
    let_alice_sign(team)
    release(team, "1.0.0")
    add_target(team, shelf)
    with pytest.raises(SetupError, match="no key at hand is of a person") as caught:
        run(team, key=bob_key)
    assert "--outcome FILE" in str(caught.value.next_step)
    file = team.clone / "gitreg.yaml"
    file.write_text(file.read_text().replace("deploy: [maintainers]", "deploy: [bot]"))
    text = file.read_text().replace("people:\n", f'people:\n  bot: {{keys: ["{key(bob_key)}"]}}\n')
    file.write_text(text)
    apply_policy(team.open())
    with pytest.raises(RefusedError, match="alice may not sign deployments of iris"):
        run(team)
    assert not shelf.exists()


def key(path: Path) -> str:
    return path.with_suffix(".pub").read_text().strip()


def test_one_target_that_fails_does_not_stop_the_others(
    team: Team, shelf: Path, tmp_path: Path
) -> None:
    release(team, "1.0.0")
    write(tmp_path / "a-file", b"")
    targets = "".join(
        f"      - {{name: {name}, target: folder, path: {path}}}\n"
        for name, path in [("broken", tmp_path / "a-file"), ("shelf", shelf)]
    )
    commit_targets(team, f"gitreg: 1\nmodels:\n  iris:\n    production:\n{targets}")
    done = run(team)
    assert [item.outcome for item in done.outcomes] == ["failed", "succeeded"]
    assert in_use(shelf) == "1.0.0"
    only = find_assignment(team.open(), "iris@production", "shelf")
    assert [item.name for item in only.targets] == ["shelf"]


@pytest.mark.parametrize("reference", ["iris", "iris@1.0.0", "iris@^1", "iris@production~1"])
def test_only_what_holds_a_stage_is_deployed(team: Team, shelf: Path, reference: str) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    with pytest.raises(UsageError, match="only what holds one is deployed"):
        find_assignment(team.open(), reference)


def test_what_is_not_there_is_told(team: Team, shelf: Path) -> None:
    register(team, "1.0.0")
    with pytest.raises(NotFoundError, match="nothing ever entered production"):
        find_assignment(team.open(), "iris@production")
    promote(team, "1.0.0")
    with pytest.raises(NotFoundError, match=r"there is no deploy\.yaml here"):
        find_assignment(team.open(), "iris@production")
    write(team.clone / "deploy.yaml", "gitreg: 1\n")
    with pytest.raises(NotFoundError, match=r"deploy\.yaml is not committed"):
        find_assignment(team.open(), "iris@production")
    add_target(team, shelf)
    with pytest.raises(NotFoundError, match="no target for it: iris@staging"):
        find_assignment(team.open(), "iris@staging")
    with pytest.raises(NotFoundError, match="no target barn") as caught:
        find_assignment(team.open(), "iris@production", "barn")
    assert caught.value.next_step == "it has shelf"


def test_what_is_not_committed_does_not_count(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    file = team.clone / "deploy.yaml"
    file.write_text(file.read_text().replace(str(shelf), f"{shelf}-elsewhere"))
    done = run(team)
    assert done.notes == ("deploy.yaml has changes that are not committed, and do not count",)
    assert in_use(shelf) == "1.0.0"


def test_python_deploys_too(team: Team, shelf: Path) -> None:
    release(team, "1.0.0")
    add_target(team, shelf)
    assert team.open().deploy("iris@production", target="shelf").ok
    assert in_use(shelf) == "1.0.0"
