"""A pull request from a stranger, and what merging it by mistake could do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitreg.registry.ci_check import check
from gitreg.registry.ci_plan import find_plan
from gitreg.registry.ci_sync import sync
from tests.fixtures import Team, ledger_length, write
from tests.merging import (
    BAD,
    GOOD,
    commit,
    prepare_iris,
    push,
    want,
)


def test_a_policy_that_came_with_the_pull_request_grants_nothing(
    merging: Team, bob_key: Path
) -> None:
    """gitreg.yaml is a wish; in force is what the root has signed, and that alone judges."""
    file = merging.clone / "gitreg.yaml"
    bob = bob_key.with_suffix(".pub").read_text().strip()
    text = file.read_text().replace("people:\n", f'people:\n  bob: {{keys: ["{bob}"]}}\n')
    text = text.replace("min: 0.9", "min: 0.0").replace("min_change: -0.01", "min_change: -1")
    file.write_text(text.replace("register: [maintainers]", "register: [maintainers, bob]"))
    prepare_iris(merging, BAD, "1.0.0")
    want(merging, "production", "1.0.0", 1)
    push(merging)

    found = check(merging.open())
    done = sync(merging.open(), key=bob_key)

    assert not found.ok
    assert any("bob" in change for change in found.plan.policy)
    assert {item.verdict for item in done.outcomes} == {"refused"}
    assert merging.open().state.versions("iris") == []


def test_a_registered_version_is_not_changed_by_a_merge(released: Team) -> None:
    length = ledger_length(released.clone)
    text = (released.iris / "model.yaml").read_text()
    write(released.iris / "model.yaml", text.replace("accuracy: 0.97", "accuracy: 0.999"))
    released.git("commit", "--quiet", "--all", "--message", "Improve the figures")
    released.git("push", "--quiet", "origin", "main")
    done = sync(released.open())
    assert done.outcomes == ()
    assert [item.code for item in done.findings] == ["model.changed"]
    assert ledger_length(released.clone) == length


def test_a_model_file_that_is_a_link_is_not_read(released: Team, tmp_path: Path) -> None:
    secret = write(tmp_path / "secret", "schema: gitreg/model/v1\nname: stolen\nversion: 1.0.0\n")
    folder = released.clone / "models/stolen"
    folder.mkdir()
    (folder / "model.yaml").symlink_to(secret)
    (folder / "stages.yaml").symlink_to(secret)
    released.git("add", "--all")
    released.git("commit", "--quiet", "--message", "Add a link")
    plan = find_plan(released.open())
    assert (plan.versions, plan.stages, plan.findings) == ((), (), ())


@pytest.mark.parametrize(
    "name", ["$(touch hacked)", "a;touch hacked", "`touch hacked`", "${{ github.token }}", "../x"]
)
def test_names_with_shell_text_are_told_and_never_names(released: Team, name: str) -> None:
    text = (released.iris / "model.yaml").read_text()
    path = "models/" + name.replace("/", "_") + "/model.yaml"
    write(released.clone / path, text.replace("name: iris", f'name: "{name}"'))
    released.git("add", "--all")
    released.git("commit", "--quiet", "--message", "Add a name")
    plan = find_plan(released.open())
    assert plan.models == []
    assert [item.severity for item in plan.findings] == ["error"]
    assert not list(released.clone.rglob("hacked"))


def test_a_report_behind_a_link_is_not_signed(merging: Team, tmp_path: Path) -> None:
    """What the job that ran model code hands over is read as files, never as ways elsewhere."""
    prepare_iris(merging, GOOD, "1.0.0")
    push(merging)
    secret = write(tmp_path / "secret", '{"schema": "gitreg/report/v1"}')
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "iris@1.0.0.report.json").symlink_to(secret)
    os.mkfifo(folder / "pipe.report.json")
    done = sync(merging.open(), reports=folder)
    assert [item.action for item in done.outcomes] == ["register"]
    assert done.ok


def test_a_pull_request_cannot_read_a_secret_through_its_data_set(
    merging: Team, tmp_path: Path
) -> None:
    secret = write(tmp_path / "secret.csv", "a,species\n1,2\n")
    text = (merging.iris / "model.yaml").read_text()
    out = os.path.relpath(secret, merging.clone)
    write(merging.iris / "model.yaml", text.replace("data/test.csv", out))
    commit(merging, "Look elsewhere")
    prepare_iris(merging, GOOD, "1.0.0")
    found = check(merging.open())
    (failed,) = [item for item in found.versions[0].findings if item.code == "evaluate.failed"]
    assert "outside" in failed.what
