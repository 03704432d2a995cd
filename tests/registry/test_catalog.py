from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg import yaml12
from gitreg.errors import InvalidError, NotFoundError, UntrustedError, UsageError
from gitreg.ledger.freshness import Trust
from gitreg.memory import pinned_root
from gitreg.registry import catalog
from gitreg.registry.catalog import Catalog, CatalogEntry, read_catalog
from gitreg.registry.open import Registry, open_registry
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team, start_team

ROOT = "ab" * 32


def open_catalog(names: Sequence[str] = ()) -> list[tuple[str, Registry]]:
    return [
        (entry.name, open_registry(entry.where, trust=Trust(root=entry.root)))
        for entry in read_catalog().choose(names)
    ]


@pytest.fixture
def file(home: Path) -> Path:
    return home / ".config/gitreg/catalog.yaml"


@pytest.fixture
def other(released: Team, tmp_path: Path) -> Team:
    """A registry beside the released one, with another root and no model."""
    folder = tmp_path / "other"
    folder.mkdir()
    start_team(folder)
    return Team(folder)


def names(found: Catalog) -> list[str]:
    return [entry.name for entry in found.entries]


def test_an_added_registry_is_kept_with_the_root_that_it_had(released: Team, file: Path) -> None:
    root = released.open().ledger.root
    catalog.add("research", released.url)
    assert yaml12.load(file.read_bytes(), name="x").value == {
        "gitreg": 1,
        "registries": {"research": {"where": released.url, "root": f"sha256:{root}"}},
    }
    assert pinned_root(released.url) == root
    ((name, registry),) = open_catalog()
    assert (name, registry.state.models()) == ("research", ["iris"])


def test_a_path_is_kept_as_an_absolute_one(
    released: Team, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(released.folder)
    catalog.add("here", "clone")
    monkeypatch.chdir(tmp_path)
    ((_, registry),) = open_catalog(["here"])
    assert registry.state.models() == ["iris"]


def test_registries_are_chosen_by_name_in_the_order_that_is_asked_for(
    released: Team, other: Team
) -> None:
    catalog.add("b", str(other.clone))
    catalog.add("a", str(released.clone))
    assert [name for name, _ in open_catalog()] == ["a", "b"]
    assert [name for name, _ in open_catalog(["b", "a", "b"])] == ["b", "a"]
    with pytest.raises(NotFoundError, match="no registry c"):
        open_catalog(["c"])


def test_each_is_held_to_its_own_root(released: Team, other: Team) -> None:
    catalog.add("mine", str(released.clone))
    shutil.rmtree(released.clone)
    shutil.copytree(other.clone, released.clone)
    ((_, registry),) = open_catalog()
    with pytest.raises(UntrustedError, match="is another registry"):
        registry.state.models()
    with pytest.raises(UntrustedError, match="is another registry"):
        catalog.add("mine", str(released.clone))


def test_a_root_that_is_given_must_be_the_registrys(released: Team) -> None:
    with pytest.raises(UntrustedError, match="is another registry"):
        catalog.add("mine", released.url, root=f"sha256:{ROOT}")
    assert read_catalog() == Catalog()
    assert pinned_root(released.url) is None


def test_a_taken_name_is_refused_and_the_same_again_is_not(released: Team, other: Team) -> None:
    catalog.add("mine", released.url)
    before = read_catalog()
    assert catalog.add("mine", released.url)[0] == before.entries[0]
    with pytest.raises(UsageError, match="mine is the name of file://"):
        catalog.add("mine", other.url)
    assert read_catalog() == before


@pytest.mark.parametrize("name", ["", "A", "-x", "a/b", "../x", "a\n", "x" * 65])
def test_a_name_has_a_grammar(released: Team, name: str) -> None:
    with pytest.raises(UsageError, match="is not a name for a registry"):
        catalog.add(name, released.url)


@pytest.mark.parametrize("url", ["https://me:secret@host.example/x.git", "https://ghp_x@h/x"])
def test_a_login_is_not_kept(url: str, file: Path) -> None:
    with pytest.raises(UsageError, match="has a login or a token") as caught:
        catalog.add("mine", url)
    assert "secret" not in str(caught.value)
    assert not file.exists()


@pytest.mark.parametrize("url", ["ext::sh -c id", "ssh://-oProxyCommand=id/x"])
def test_a_url_that_runs_something_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        catalog.add("mine", url)


def test_what_is_removed_is_gone_and_its_root_stays_remembered(released: Team) -> None:
    catalog.add("mine", released.url)
    catalog.remove("mine")
    assert names(read_catalog()) == []
    assert pinned_root(released.url) == released.open().ledger.root
    with pytest.raises(NotFoundError, match="no registry mine"):
        catalog.remove("mine")


def test_nobody_else_changes_the_catalog_meanwhile(file: Path) -> None:
    with catalog._changing():
        folder = os.open(file.parent, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(folder)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[]", "does not have the keys"),
        ("gitreg: 2\nregistries: {}", "its format is 2"),
        ("gitreg: 1\nregistries: []", "registries is not a mapping"),
        ("gitreg: 1\nregistries: {a: {}}", "does not have where and root"),
        (f"gitreg: 1\nregistries: {{a: {{where: x, root: 'sha256:{ROOT}'}}}}", "nor an absolute"),
        ("gitreg: 1\nregistries: {a: {where: /x, root: 'sha256:0'}}", "is not the root"),
        (f"gitreg: 1\nregistries: {{A: {{where: /x, root: 'sha256:{ROOT}'}}}}", "is not a name"),
        ("&a x", "anchors"),
    ],
)
def test_a_file_that_is_no_catalog_is_told_and_never_written_over(
    released: Team, file: Path, text: str, what: str
) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(text)
    for act in (read_catalog, lambda: catalog.add("a", str(released.clone))):
        with pytest.raises(InvalidError, match=what):
            act()
    assert file.read_text() == text


NAMES = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,9}[a-z0-9])?", fullmatch=True)
PLACES = st.sampled_from(
    ["/srv/models", "https://git.example.org/x.git", "git@host:x", "/no: # 'x'"]
)


@given(st.dictionaries(NAMES, PLACES))
def test_what_is_written_is_read_the_same(places: dict[str, str]) -> None:
    entries = [CatalogEntry(name=n, where=places[n], root=ROOT) for n in sorted(places)]
    with catalog._changing() as known:
        known.clear()
        known.update({entry.name: entry for entry in entries})
    assert read_catalog().entries == entries


def test_models_of_all_registries_are_listed(cli: Cli, released: Team, other: Team) -> None:
    cli.folder = released.folder
    assert "your catalog is empty" in cli.ok("list", "--catalog").err
    assert "your catalog is empty" in cli.ok("catalog", "list").err
    added = cli.ok("catalog", "add", "flowers", released.url)
    assert added.out.startswith(f"flowers is {released.url}, with the root sha256:")
    assert "first contact" in added.err
    cli.ok("catalog", "add", "none", str(other.clone))
    ran = cli.ok("list", "--catalog")
    assert [line.split() for line in ran.out.splitlines()] == [
        ["registry", "model", "newest", "versions", "staging", "production"],
        ["flowers", "iris", "1.1.0", "2", "1.1.0", "1.0.0"],
    ]
    assert ran.err == ""
    check_shape("list-catalog", cli.ok("list", "--catalog", "--json").json)
    check_shape("catalog", cli.ok("catalog", "list", "--json").json)
    head, *lines = cli.ok("catalog", "list").out.splitlines()
    assert head.split() == ["name", "where", "root"]
    assert {"flowers", "none"} <= {line.split()[0] for line in lines}


def test_one_that_cannot_be_read_stops_no_other(cli: Cli, released: Team, other: Team) -> None:
    cli.folder = released.folder
    for name, team in (("gone", other), ("here", released)):
        cli.ok("catalog", "add", name, team.clone, "--json")
    shutil.rmtree(other.clone)
    ran = cli("list", "--catalog")
    assert ran.code == 1
    assert "here      iris   1.1.0" in ran.out
    assert "error: gone: " in ran.err
    ran = cli("list", "--catalog", "--json")
    assert ran.code == 1
    check_shape("list-catalog", ran.json)
    gone, here = ran.json["registries"]
    assert (gone["models"], here["error"]) == (None, None)
    assert str(other.clone) in gone["error"]
    check_shape("catalog", cli.ok("catalog", "remove", "gone", "--json").json)
    assert cli.ok("catalog", "remove", "here").out.startswith("here is no longer /")


def test_a_catalog_and_one_registry_are_not_asked_for_together(cli: Cli, released: Team) -> None:
    cli.folder = released.clone
    ran = cli("list", "--catalog", "--repo", released.url)
    assert ran.code == 2
    assert "leave out --repo" in ran.err
