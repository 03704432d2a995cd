from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitreg.domain.ancestry import parents_of
from gitreg.domain.lineage import Branch, Lineage
from gitreg.errors import NotFoundError, UsageError
from gitreg.ledger.verified import Ledger
from gitreg.registry.lineage import lineage
from gitreg.registry.metadata import read_metadata
from gitreg.registry.open import Registry
from tests.fixtures import Cli, Team, run, write
from tests.registry.test_pipelines import DVC
from tests.shelves import register

PIPELINE = """\
stages:
  prepare:
    wdir: data
    cmd: cp raw.csv clean.csv
    deps: [raw.csv]
    outs: [clean.csv]
  train:
    cmd: cp data/clean.csv models/iris/model.skops
    deps: [data/clean.csv]
    params: [lr]
    outs: [models/iris/model.skops]
"""


@pytest.fixture
def trained(team: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A team whose iris 1.0.0 was made by a pipeline of two steps."""
    monkeypatch.chdir(team.clone)
    team.model_file.unlink()
    write(team.clone / "data/raw.csv", "length,species\n1,0\n")
    write(team.clone / "dvc.yaml", PIPELINE)
    write(team.clone / "params.yaml", "lr: 0.1\n")
    run(*DVC, "repro", "--quiet", folder=team.clone)
    team.git("add", "--all")
    team.git("commit", "--quiet", "--message", "Train with a pipeline")
    team.open().register(new="iris", files=[team.model_file], version="1.0.0")
    return team


def say(team: Team, training: str) -> None:
    """Register the next version of iris, which says this of its training."""
    path = team.iris / "model.yaml"
    text = re.sub(r"(?m)^training: .*\n", "", path.read_text())
    write(path, f"{text}training: {training}\n")
    team.open().register(team.iris, bump="minor")


def lines(branch: Branch) -> list[str]:
    return [line for part in branch.branches for line in (part.relation, *lines(part))]


def of(found: Lineage, kind: str) -> list[str]:
    return [node.label for node in found.nodes if node.kind == kind]


def test_a_pipeline_is_followed_back_to_the_raw_data(trained: Team) -> None:
    for registry in (trained.open(), trained.open().at(trained.url)):
        found = registry.lineage("iris")
        assert found.findings == ()
        assert of(found, "step") == ["train", "prepare"]
        assert of(found, "file") == ["data/clean.csv", "data/raw.csv"]
        assert lines(found.as_tree()) == ["code", "artifact", "made by", "uses", "made by", "uses"]
        train = next(node for node in found.nodes if node.label == "train")
        assert train.details["params"] == {"params.yaml": {"lr": 0.1}}


def test_the_lock_is_that_of_the_versions_commit(trained: Team) -> None:
    write(trained.clone / "params.yaml", "lr: 0.2\n")
    run(*DVC, "repro", "--quiet", folder=trained.clone)
    trained.git("commit", "--quiet", "--all", "--message", "Train faster")
    train = next(node for node in lineage(trained.open(), "iris").nodes if node.label == "train")
    assert train.details["params"] == {"params.yaml": {"lr": 0.1}}


def test_without_a_pipeline_the_dvc_file_is_told(released: Team) -> None:
    found = lineage(released.open(), "iris@1.1.0")
    files = [node.details["file"] for node in found.nodes if node.kind == "step"]
    assert {edge.relation for edge in found.edges} >= {"tracked by"}
    assert files == ["models/iris/model.skops.dvc", "models/iris/weights.dvc"]
    assert found.findings == ()


def test_the_family_the_stages_and_what_is_outside(released: Team) -> None:
    say(released, "{parents: [iris@1.1.0, {uri: 'hf://bert', sha256: '%s'}]}" % ("ab" * 32))
    say(released, "{parents: [iris@1.1.0, iris@1.2.0]}")
    registry = released.open()
    found = lineage(registry, "iris@1.2.0")
    assert of(found, "version") == ["iris@1.2.0", "iris@1.1.0", "iris@1.3.0"]
    assert of(found, "outside") == ["hf://bert"]
    before = lineage(registry, "iris@1.1.0")
    assert of(before, "version") == ["iris@1.1.0", "iris@1.2.0", "iris@1.3.0"]
    assert of(before, "stage") == ["staging number 2"]
    held = next(node for node in lineage(registry, "iris@1.0.0").nodes if node.kind == "stage")
    assert (held.label, held.details["until record"]) == ("staging number 1", 5)


def test_children_are_found_by_either_spelling_and_not_by_an_address(
    released: Team, alice_key: Path
) -> None:
    say(released, "{parents: [{uri: 'iris@1.0.0', sha256: '%s'}]}" % ("ab" * 32))
    say(released, "{parents: [iris@1.0.0]}")
    both = {"parents": ["iris@v1.0.0", "iris@1.0.0"]}
    register(released, alice_key, "iris", "1.4.0", training=both)
    registry = released.open()
    before = children_by_all_metadata(registry)
    for version in registry.state.versions("iris"):
        found = lineage(registry, f"iris@{version.version}", depth=1)
        mine = [edge.target for edge in found.edges if edge.source == found.subject]
        assert [item for item in mine if item.startswith("version:")] == before[version.version]
    assert before["1.0.0"] == ["version:iris@1.3.0", "version:iris@1.4.0"]


def children_by_all_metadata(registry: Registry) -> dict[str, list[str]]:
    """The children of each version of iris, from the ledger's own files alone."""
    found: dict[str, list[str]] = {item.version: [] for item in registry.state.versions("iris")}
    for child in registry.state.versions("iris"):
        metadata = read_metadata(
            registry.repository, Ledger(records=registry.ledger.records), child
        )
        for name in {parent.split() for parent in parents_of(metadata)}:
            if name:
                found[name[1]].append(f"version:iris@{child.version}")
    return found


@pytest.mark.parametrize(
    ("lock", "what"),
    [
        (b"stages: &a {x: *a}\n", "anchors"),
        (b"stages: [1]\n", "stages is not a mapping"),
        (b"\xff", "UTF-8"),
        (b"[" * 100_000, "deeper"),
    ],
)
def test_a_hostile_lock_is_told_and_the_rest_is_shown(
    released: Team, lock: bytes, what: str
) -> None:
    write(released.clone / "dvc.lock", lock)
    released.git("add", "dvc.lock")
    released.git("commit", "--quiet", "--message", "Lock")
    say(released, "{parents: [iris@1.0.0]}")
    found = lineage(released.open(), "iris@1.2.0")
    (finding,) = found.findings
    assert (finding.code, finding.where) == ("lineage.unreadable", "dvc.lock")
    assert what in finding.what
    assert of(found, "artifact") == ["models/iris/model.skops", "models/iris/weights"]


def test_locks_beyond_the_bound_are_left_out(
    released: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("a", "b"):
        write(released.clone / folder / "dvc.lock", "stages: {}\n")
    released.git("add", "a", "b")
    released.git("commit", "--quiet", "--message", "Locks")
    say(released, "{}")
    monkeypatch.setattr("gitreg.registry.pipeline._MAX_BYTES", 15)
    (finding,) = lineage(released.open(), "iris@1.2.0").findings
    assert (finding.code, finding.where) == ("lineage.cut", "b/dvc.lock")


def test_a_commit_that_is_not_here_is_told(released: Team) -> None:
    url = released.url
    registry = released.open().at(url)
    assert registry.lineage("iris@1.1.0").findings == ()
    other = released.open().at(str(released.origin))
    run("git", "-C", str(released.origin), "tag", "--delete", "iris@v1.0.0", "iris@v1.1.0")
    fresh = released.open().at(url)
    (finding,) = fresh.lineage("iris@1.0.0").findings
    assert finding.code == "lineage.no-commit"
    assert of(fresh.lineage("iris@1.0.0"), "artifact") == ["models/iris/model.skops"]
    assert other.lineage("iris@1.0.0").subject == "version:iris@1.0.0"


def test_what_names_nothing_has_no_lineage(released: Team) -> None:
    with pytest.raises(NotFoundError):
        lineage(released.open(), "rose")
    with pytest.raises(UsageError, match="depth is 101"):
        lineage(released.open(), "iris", depth=101)


def test_a_yanked_version_has_a_lineage(released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.1.0", vacate=True)
    assert "yanked" in lineage(registry, "iris@1.1.0").as_tree().text


def test_the_tree_fits_80_columns_and_cannot_steer_the_terminal(cli: Cli, released: Team) -> None:
    name, uri = "\\e[31m\\u202e" + "x" * 150, "数据" * 90
    say(released, f'{{dataset: {{name: "{name}", uri: "{uri}"}}}}')
    cli.folder = released.clone
    out = cli.ok("lineage", "iris@1.2.0").out
    assert out.startswith("iris@1.2.0, date ")
    assert "\\x1b[31m\\u202ex" in out
    assert "\x1b" not in out
    assert max(len(line) + len(re.findall("[数据]", line)) for line in out.splitlines()) <= 80


def test_a_deep_lineage_fits_80_columns(cli: Cli, released: Team) -> None:
    for number in range(1, 13):
        say(released, f"{{parents: [iris@1.{number}.0]}}")
    cli.folder = released.clone
    ran = cli.ok("lineage", "iris@1.13.0", "--depth", "20")
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "iris@1.1.0" in ran.out
    assert ran.err == ""
    assert "note: iris@1.8.0: has parents that are not shown" in cli.ok("lineage", "iris").err


def test_one_way_to_print_is_chosen(cli: Cli, released: Team) -> None:
    cli.folder = released.clone
    assert cli.ok("lineage", "iris", "--dot").out.startswith("digraph lineage {")
    assert cli.ok("lineage", "iris", "--mermaid").out.startswith("flowchart LR")
    assert cli("lineage", "iris", "--mermaid", "--json").code == 2


def test_the_same_file_in_two_places_is_read_where_it_is(trained: Team, tmp_path: Path) -> None:
    write(trained.clone / "elsewhere/dvc.lock", "stages: {other: {outs: [{path: model.skops}]}}\n")
    trained.git("add", "elsewhere")
    trained.git("commit", "--quiet", "--message", "Another pipeline")
    say(trained, "{}")
    assert of(lineage(trained.open(), "iris@1.1.0"), "step") == ["train", "prepare"]
