"""Families of versions in memory; over a real ledger: tests/registry/test_lineage.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.ancestry import Parent, add_family, parents_of
from gitreg.domain.entries import VersionEntry
from gitreg.domain.lineage import MAX_EDGES, MAX_NODES, Branch, Gathering, Lineage


class Family:
    """Versions of iris in memory, registered in the order in which they are told."""

    def __init__(self, **parents: Any) -> None:
        self.said = {
            name.strip("v").replace("_", "."): {"training": {"parents": named}}
            for name, named in parents.items()
        }
        self.entries = {
            name: VersionEntry(
                model="iris",
                version=name,
                ordinal=number,
                commit=f"{number:040x}",
                path="models/iris",
                manifest="0" * 64,
                person="alice",
                time=0,
                index=number,
            )
            for number, name in enumerate(self.said, 1)
        }

    def version(self, model: str, version: str) -> VersionEntry | None:
        return self.entries.get(version) if model == "iris" else None

    def held_stages(self, model: str, version: str) -> Sequence[str]:
        return ["production"] if (model, version) == ("iris", "2.0.0") else []

    def metadata(self, entry: VersionEntry) -> Mapping[str, Any]:
        return self.said[entry.version]

    def children(self, entry: VersionEntry) -> Sequence[VersionEntry]:
        name = (entry.model, entry.version)
        return [
            other
            for other in self.entries.values()
            if name in {parent.split() for parent in parents_of(self.metadata(other))}
        ]

    def lineage(self, version: str, depth: int = 5) -> Lineage:
        gathering = Gathering()
        return gathering.finish(add_family(gathering, self.entries[version], self, depth=depth))


def lines(branch: Branch, indent: str = "") -> list[str]:
    """The versions and the parents of a tree, without code and details."""
    first = branch.text.split(",")[0]
    below = [line for part in branch.branches for line in lines(part, indent + "  ")]
    return below if branch.relation == "code" else [f"{indent}{branch.relation} {first}", *below]


def codes(lineage: Lineage) -> list[str]:
    return [finding.code for finding in lineage.findings]


CHAIN = Family(
    v1_0_0=[],
    v1_1_0=["iris@1.0.0"],
    v1_2_0=["iris@1.1.0"],
    v2_0_0=["iris@1.1.0", {"uri": "hf://bert", "sha256": "ab" * 32}],
    v2_1_0=["iris@2.0.0"],
)


def test_parents_and_children_are_followed_both_ways_and_siblings_are_not() -> None:
    assert lines(CHAIN.lineage("2.0.0").as_tree()) == [
        " iris@2.0.0",
        "  parent iris@1.1.0",
        "    parent iris@1.0.0",
        "  parent hf://bert",
        "  child iris@2.1.0",
    ]
    assert lines(CHAIN.lineage("1.1.0").as_tree()) == [
        " iris@1.1.0",
        "  parent iris@1.0.0",
        "  child iris@1.2.0",
        "  child iris@2.0.0",
        "    child iris@2.1.0",
    ]
    assert codes(CHAIN.lineage("1.1.0")) == []
    assert CHAIN.lineage("2.0.0").as_tree().text.endswith("record 4, holds production")


def test_depth_counts_generations_and_what_lies_beyond_is_told() -> None:
    lineage = CHAIN.lineage("2.0.0", depth=1)
    assert lines(lineage.as_tree()) == [
        " iris@2.0.0",
        "  parent iris@1.1.0",
        "  parent hf://bert",
        "  child iris@2.1.0",
    ]
    (finding,) = lineage.findings
    assert str(finding) == "iris@1.1.0: has parents that are not shown"
    alone = CHAIN.lineage("1.1.0", depth=0)
    assert lines(alone.as_tree()) == [" iris@1.1.0"]
    assert codes(alone) == ["lineage.depth", "lineage.depth"]


def test_a_cycle_ends_where_it_began_and_is_told() -> None:
    family = Family(v1_0_0=["iris@1.1.0"], v1_1_0=["iris@1.0.0"], v1_2_0=["iris@1.2.0"])
    lineage = family.lineage("1.0.0")
    assert lines(lineage.as_tree())[:3] == [
        " iris@1.0.0",
        "  parent iris@1.1.0",
        "    parent iris@1.0.0 (shown elsewhere)",
    ]
    told = {finding.code: str(finding) for finding in lineage.findings}
    assert told["lineage.cycle"].split(": ", 1)[1] in {
        "a cycle: iris@1.0.0 <- iris@1.1.0 <- iris@1.0.0",
        "a cycle: iris@1.1.0 <- iris@1.0.0 <- iris@1.1.0",
    }
    assert "iris@1.1.0 was registered after it (record 2)" in told["lineage.later-parent"]
    assert codes(family.lineage("1.2.0")) == ["lineage.cycle"]


def test_a_parent_that_is_not_registered_is_told_and_shown() -> None:
    family = Family(v1_0_0=["rose@9.9.9", "iris@production", "no name at all"])
    lineage = family.lineage("1.0.0")
    assert [node.label for node in lineage.nodes if node.kind == "missing"] == [
        "rose@9.9.9",
        "iris@production",
        "no name at all",
    ]
    assert codes(lineage) == ["lineage.missing-parent"] * 3


def test_what_two_versions_share_has_its_branches_once() -> None:
    family = Family(
        v1_0_0=[], v1_1_0=["iris@1.0.0"], v1_2_0=["iris@1.1.0"], v1_3_0=["iris@1.1.0", "iris@1.2.0"]
    )
    assert lines(family.lineage("1.3.0").as_tree()) == [
        " iris@1.3.0",
        "  parent iris@1.1.0",
        "    parent iris@1.0.0",
        "  parent iris@1.2.0",
        "    parent iris@1.1.0 (shown elsewhere)",
    ]


def test_data_and_code_are_those_that_a_version_says() -> None:
    family = Family(v1_0_0=[])
    family.said["1.0.0"]["training"] = {
        "dataset": {"name": "flowers", "uri": "data/a.csv", "sha256": "cd" * 32, "rows": 120},
        "code": {"repository": "https://git.example.org/x", "entrypoint": "python train.py"},
    }
    _, data, commit, code = family.lineage("1.0.0").nodes
    assert data.summary == "flowers, uri data/a.csv, rows 120, sha256 cdcdcdcdcdcdcdcd…"
    assert commit.details == {"commit": f"{1:040x}"}
    assert code.summary == "python train.py, repository https://git.example.org/x"


def test_no_family_is_too_large() -> None:
    many = {f"v1_{number}_0": ["iris@0.1.0"] for number in range(2 * MAX_NODES)}
    lineage = Family(v0_1_0=[], **many).lineage("0.1.0")
    assert len(lineage.nodes) == MAX_NODES
    assert "lineage.cut" in codes(lineage)
    all_of_all = [f"iris@1.{number}.0" for number in range(60)]
    tangle = Family(**{f"v1_{number}_0": all_of_all for number in range(60)})
    lineage = tangle.lineage("1.0.0")
    assert len(lineage.edges) == MAX_EDGES
    assert lineage.as_tree().branches


def test_a_chain_of_the_greatest_depth_is_drawn() -> None:
    chain = Family(v1_0_0=[], **{f"v1_{n}_0": [f"iris@1.{n - 1}.0"] for n in range(1, 150)})
    drawn = lines(chain.lineage("1.149.0", depth=100).as_tree())
    assert drawn[-1].strip() == "parent iris@1.49.0"
    assert len(drawn) == 101


@pytest.mark.parametrize("said", [None, [], "x", {"parents": 7}, {"parents": {"a": "b"}}])
def test_what_is_of_another_type_names_no_parents(said: Any) -> None:
    assert list(parents_of({"training": said})) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("dataset", "code"), JSON)), st.lists(JSON))
def test_nothing_that_a_version_says_breaks_its_lineage(said: dict[str, Any], named: Any) -> None:
    family = Family(v1_0_0=[])
    family.said["1.0.0"]["training"] = {**said, "parents": named}
    lineage = family.lineage("1.0.0")
    assert lineage.nodes[0].id == lineage.subject
    assert lineage.as_tree().text.startswith("iris@1.0.0")


def test_a_parent_is_a_version_or_a_thing_outside() -> None:
    said = ["iris@1.1.0", {"uri": "s3://b/x", "sha256": "0" * 64}, {"sha256": "1"}, 3]
    assert list(parents_of({"training": {"parents": said}})) == [
        Parent(name="iris@1.1.0"),
        Parent(uri="s3://b/x", sha256="0" * 64),
    ]
    assert Parent(name="iris@v1.1.0").split() == ("iris", "1.1.0")
    assert Parent(name="iris@^1").split() is None
