"""`search` as people, spreadsheets and programs read it."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
from pathlib import Path

import pytest

import gitreg
from gitreg.index.columns import LENGTH
from gitreg.index.store import Store
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team, start_team, write


@pytest.fixture
def shell(cli: Cli, released: Team) -> Cli:
    cli.folder = released.clone
    return cli


def test_the_table_has_the_fields_that_the_query_names(shell: Cli) -> None:
    ran = shell.ok("search", "metrics.accuracy > 0.9 and name~iris order by size desc")
    assert ran.out.splitlines() == [
        "name  version  stage       metrics.accuracy  size",
        "iris  1.1.0    staging     0.97              2950",
        "iris  1.0.0    production  0.95              1600",
    ]
    assert ran.err == ""


def test_words_need_no_quotes(shell: Cli) -> None:
    assert shell.ok("search", "iris", "botany").out.splitlines()[1].split()[:2] == ["iris", "1.1.0"]


def test_pages_say_where_they_are_and_how_to_go_on(shell: Cli) -> None:
    assert shell.ok("search", "--limit", "1").err == "1 to 1 of 2 versions; for more: --offset 1\n"
    assert shell.ok("search", "limit 1", "--offset", "1").err == "2 to 2 of 2 versions\n"
    beyond = shell.ok("search", "iris", "--offset", "7")
    assert (beyond.out, beyond.err) == ("", "2 versions found, none from number 8 on\n")


def test_finding_nothing_is_an_answer(shell: Cli) -> None:
    ran = shell.ok("search", "metrics.acuracy > 0")
    assert ran.out == ""
    assert ran.err.splitlines() == [
        "0 versions found",
        "no version has metrics.acuracy; did you mean metrics.accuracy?",
    ]


def test_what_was_withdrawn_is_marked(shell: Cli) -> None:
    shell.ok("deprecate", "iris@1.0.0")
    shell.ok("yank", "iris@1.1.0", "--vacate")
    lines = shell.ok("search", "iris order by yanked").out.splitlines()
    assert lines[0].split() == ["name", "version", "stage", "note"]
    assert lines[1].split() == ["iris", "1.0.0", "production", "deprecated"]
    assert lines[2].split() == ["iris", "1.1.0", "-", "yanked"]


def test_a_spreadsheet_is_given_lines_of_csv(shell: Cli) -> None:
    text = shell.ok("search", "claimed.accuracy > 0", "--csv", "--limit", "1").out
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "version", "stage", "claimed.accuracy"],
        ["iris", "1.1.0", "staging", "0.97"],
    ]
    assert shell("search", "iris", "--csv", "--json").code == 2


def test_a_mistake_is_pointed_at(shell: Cli) -> None:
    ran = shell("search", "stage:production and metrcs.accuracy > 0.9")
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.splitlines() == [
        "error: the query, at character 22: there is no field metrcs.accuracy",
        "  stage:production and metrcs.accuracy > 0.9",
        "                       ^^^^^^^^^^^^^^^",
        "  next: did you mean metrics.accuracy?",
    ]


@pytest.fixture
def other(released: Team, tmp_path: Path) -> Team:
    """A registry beside the released one, with an iris of its own."""
    folder = tmp_path / "other"
    folder.mkdir()
    start_team(folder)
    other = Team(folder)
    registry = other.open()
    registry.register(new="iris", files=[other.model_file], version="9.0.0", tags={"domain": "x"})
    write(other.iris / "model.yaml", (other.iris / "model.yaml").read_text() + _CHILD)
    registry.register(other.iris, version="9.1.0")
    return other


@pytest.fixture
def two(shell: Cli, released: Team, other: Team) -> Cli:
    """A catalog of both."""
    shell.ok("catalog", "add", "ours", released.clone)
    shell.ok("catalog", "add", "theirs", other.clone)
    return shell


_CHILD = "training: {parents: [iris@9.0.0, iris@1.0.0]}\n"


def test_one_query_is_put_to_all_registries_of_the_catalog(two: Cli) -> None:
    found = two.ok("search", "--catalog", "name:iris", "--json").json
    check_shape("search", found)
    assert [(hit["registry"], hit["version"]) for hit in found["hits"]] == [
        ("theirs", "9.1.0"),
        ("theirs", "9.0.0"),
        ("ours", "1.1.0"),
        ("ours", "1.0.0"),
    ]
    lines = two.ok("search", "--catalog", "registry:theirs and tag.domain:x").out.splitlines()
    assert lines[0].split() == ["registry", "name", "version", "stage", "tag.domain"]
    assert lines[1].split() == ["theirs", "iris", "9.1.0", "-", "x"]
    text = two.ok("search", "--catalog", "--csv", "limit 1").out
    assert next(csv.reader(io.StringIO(text)))[:3] == ["registry", "name", "version"]


def test_a_lineage_stays_within_its_registry(two: Cli) -> None:
    """Theirs names iris@1.0.0 for a parent, which is not ours of that name."""
    found = two.ok("search", "--catalog", "lineage:iris@9.0.0", "--json").json
    assert [(hit["registry"], hit["version"]) for hit in found["hits"]] == [("theirs", "9.1.0")]
    assert (
        two.ok("search", "--catalog", "registry:ours lineage:iris@1.0.0", "--json").json["total"]
        == 0
    )


def test_a_registry_that_cannot_be_read_is_told_and_stops_no_other(
    two: Cli, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "other")
    ran = two("search", "--catalog", "name:iris", "--json")
    assert ran.code == 1
    assert "theirs: " in ran.err
    assert {hit["registry"] for hit in ran.json["hits"]} == {"ours"}
    assert [bool(item["error"]) for item in ran.json["registries"]] == [False, True]


def test_a_query_with_a_mistake_reads_no_registry(two: Cli, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "other")
    ran = two("search", "--catalog", "metrcs.accuracy > 1")
    assert ran.code == 2
    assert "theirs" not in ran.err


def test_one_query_is_put_to_all_registries_that_are_named(shell: Cli, other: Team) -> None:
    shell.folder = other.folder.parent
    ran = shell.ok("search", "--repo", "other/clone", "--repo", other.url, "version:9.1", "--json")
    check_shape("search", ran.json)
    assert [(hit["registry"], hit["version"]) for hit in ran.json["hits"]] == [
        (other.url, "9.1.0"),
        ("other/clone", "9.1.0"),
    ]
    root = f"sha256:{other.open().ledger.root}"
    assert [(item["where"], item["root"]) for item in ran.json["registries"]] == [
        (str(other.clone), root),
        (other.url, root),
    ]
    assert f"first contact with {other.url}: its root is {root}" in ran.err
    text = "registry:other/clone tag.domain:x"
    again = shell.ok("search", "--repo", other.url, "--repo", "other/clone", text)
    assert again.out.splitlines()[1].split() == ["other/clone", "iris", "9.1.0", "-", "x"]
    assert again.err == ""


@pytest.mark.parametrize("place", [0, 1])
def test_a_damaged_index_of_one_of_several_is_made_anew(
    two: Cli, released: Team, other: Team, place: int
) -> None:
    query = ("search", "--repo", released.clone, "--repo", other.clone, "iris botany", "--json")
    whole = two.ok(*query)
    indices = [Store.open(team.clone / ".git").path for team in (released, other)]
    with sqlite3.connect(indices[place] or "") as connection:
        damage = "UPDATE columns SET body = x'00' WHERE field <> ?"  # it is told as whole at first
        assert connection.execute(damage, (LENGTH,)).rowcount > 0
    connection.close()
    assert two.ok(*query).out == whole.out


def test_one_that_is_named_twice_is_one(shell: Cli, released: Team) -> None:
    found = shell.ok("search", "--repo", released.clone, "--repo", released.clone, "--json").json
    assert found["total"] == 2
    assert "registries" not in found


def test_each_that_is_named_is_held_to_the_root_it_was_met_with(
    shell: Cli, released: Team, other: Team
) -> None:
    shell.ok("search", "--repo", released.url, "--repo", other.url)
    shutil.rmtree(other.origin)
    shutil.copytree(released.origin, other.origin)
    ran = shell("search", "--repo", released.url, "--repo", other.url, "--json")
    assert ran.code == 1
    assert f"error: {other.url}: " in ran.err
    check_shape("search", ran.json)
    assert {hit["registry"] for hit in ran.json["hits"]} == {released.url}
    assert [item["root"] is None for item in ran.json["registries"]] == [False, True]


@pytest.mark.parametrize("option", [["--root", "sha256:" + "0" * 64], ["--catalog"]])
def test_several_are_neither_pinned_as_one_nor_the_catalog(
    shell: Cli, released: Team, other: Team, option: list[str]
) -> None:
    ran = shell("search", "--repo", released.clone, "--repo", other.clone, *option)
    assert (ran.code, ran.out) == (2, "")
    assert "unset GITREG_ROOT" in ran.err


def test_a_login_in_a_url_is_not_shown(shell: Cli, released: Team) -> None:
    ran = shell("search", "--repo", released.clone, "--repo", "https://me:s3cret@127.0.0.1:9/x")
    assert ran.code == 1
    assert "error: https://127.0.0.1:9/x: " in ran.err


def test_python_code_asks_several_too(shell: Cli, released: Team, other: Team) -> None:
    found = gitreg.search("version >= 1.1", [released.clone, other.clone], limit=2)
    assert [hit.document.reference for hit in found.page] == ["iris@9.1.0", "iris@9.0.0"]
    assert (found.ok, found.page.total) == (True, 3)
    shell.ok("catalog", "add", "ours", released.clone)
    assert [hit.document.registry for hit in gitreg.search("iris").page] == ["ours"] * 2
    nowhere = gitreg.search("iris", [released.folder / "nowhere"])
    assert (nowhere.ok, len(nowhere.page)) == (False, 0)
