"""What a commit asks for, and the ledger lacks."""

from __future__ import annotations

import pytest

import gitreg
from gitreg.registry.ci_plan import find_plan
from gitreg.registry.ci_sync import sync
from tests.fixtures import Cli, Team, write
from tests.merging import BETTER, GOOD, commit, prepare_iris, push, want


def test_a_registry_whose_tree_asks_for_nothing_has_an_empty_plan(released: Team, cli: Cli) -> None:
    cli.folder = released.clone
    assert "nothing: the ledger has all" in cli.ok("ci", "plan").out
    plan = cli.ok("ci", "plan", "--json").json
    assert (plan["models"], plan["registrations"], plan["promotions"]) == ([], [], [])


def test_a_version_that_is_filled_in_is_to_be_registered_at_its_commit(merging: Team) -> None:
    prepared = prepare_iris(merging, GOOD, "1.0.0")
    write(merging.clone / "notes.md", "more\n")
    commit(merging, "Add notes")
    plan = find_plan(merging.open())
    (version,) = plan.versions
    assert (version.model, version.version, version.path) == ("iris", "1.0.0", "models/iris")
    assert version.commit == prepared.commit


def test_a_missed_version_is_found_behind_the_newest(merging: Team) -> None:
    first = prepare_iris(merging, GOOD, "1.0.0")
    second = prepare_iris(merging, BETTER, "1.1.0")
    found = [(item.version, item.commit) for item in find_plan(merging.open()).versions]
    assert found == [("1.0.0", first.commit), ("1.1.0", second.commit)]


def test_what_is_registered_ends_the_search(released: Team) -> None:
    text = (released.iris / "model.yaml").read_text()
    write(released.iris / "model.yaml", text + "description: more words\n")
    released.git("commit", "--quiet", "--all", "--message", "Describe it")
    plan = find_plan(released.open())
    assert plan.versions == ()
    (finding,) = plan.findings
    assert finding.code == "model.changed"
    assert "iris 1.1.0" in finding.what


def test_a_model_that_is_not_filled_in_is_told(merging: Team) -> None:
    text = (merging.iris / "model.yaml").read_text().replace("0.0.0", "1.0.0")
    write(merging.iris / "model.yaml", text)
    commit(merging, "Name a version")
    (finding,) = find_plan(merging.open()).findings
    assert finding.code == "model.unprepared"
    assert "--prepare" in (finding.next_step or "")


@pytest.mark.parametrize(
    ("seq", "code"), [(1, None), (2, "stages.past"), (3, None), (4, "stages.seq")]
)
def test_only_the_next_number_of_a_stage_asks_for_anything(
    released: Team, seq: int, code: str | None
) -> None:
    """production: 1.0.0 as 1; then 1.1.0 as 2, and back again would be 3."""
    registry = released.open()
    registry.promote("iris@1.1.0", stage="production")
    if code == "stages.past":
        registry.rollback("iris", stage="production")
    version = "1.0.0" if seq == 1 else "1.1.0"
    want(released, "production", version, seq)
    plan = find_plan(released.open())
    wanted = [item.seq for item in plan.stages]
    assert wanted == ([3] if seq == 3 else [])
    codes = [item.code for item in plan.findings]
    assert codes == ([code] if code else ["stages.past"] if seq == 1 else [])


def test_an_old_wish_never_undoes_a_rollback(released: Team) -> None:
    want(released, "production", "1.1.0", 2)
    push(released)
    assert sync(released.open()).ok
    released.open().rollback("iris", stage="production", reason="it misjudges")
    done = sync(released.open())
    assert done.outcomes == ()
    assert gitreg.open(released.clone)["iris@production"].version == "1.0.0"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("models/iris/stages.yaml", "production: 1.1.0\n", "production must be a mapping"),
        ("models/iris/stages.yaml", "production: {version: 1.1.0}\n", "lacks seq"),
        ("models/iris/stages.yaml", "- a\n", "must be a mapping"),
        ("models/other/stages.yaml", "production: {version: 1.1.0, seq: 2}\n", "no model.yaml"),
        ("models/other/model.yaml", "name: [\n", "models/other/model.yaml"),
        ("models/other/model.yaml", "x" * 2_000_000, "larger than any"),
    ],
)
def test_what_cannot_be_read_is_a_finding_with_its_place(
    released: Team, cli: Cli, name: str, text: str, said: str
) -> None:
    write(released.clone / name, text)
    released.git("add", "--all")
    released.git("commit", "--quiet", "--message", "Break it")
    plan = find_plan(released.open())
    assert [item.severity for item in plan.findings] == ["error"]
    assert said in str(plan.findings[0])
    cli.folder = released.clone
    assert cli("ci", "check").code == 1


def test_two_folders_of_one_model_are_told(released: Team) -> None:
    text = (released.iris / "model.yaml").read_text()
    write(released.clone / "models/copy/model.yaml", text)
    released.git("add", "models/copy/model.yaml")
    released.git("commit", "--quiet", "--message", "Copy it")
    (finding,) = find_plan(released.open()).findings
    assert "is of the model iris, and so is" in finding.what


def test_files_of_other_tools_are_none_of_its_business(released: Team) -> None:
    write(released.clone / "helm/model.yaml", "replicas: 3\n")
    released.git("add", "--all")
    released.git("commit", "--quiet", "--message", "Add a chart")
    assert find_plan(released.open()).findings == ()


def test_a_changed_policy_is_said_in_words(released: Team, cli: Cli) -> None:
    file = released.clone / "gitreg.yaml"
    file.write_text(file.read_text().replace("models:", "max_age: 30d\nmodels:", 1))
    cli.folder = released.clone
    assert cli.ok("ci", "plan", "--json").json["policy"] != []
    assert "gitreg policy apply" in cli.ok("ci", "plan").err
