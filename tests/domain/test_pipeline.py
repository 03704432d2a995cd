from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.lineage import Gathering, Lineage, Node
from gitreg.domain.pipeline import MAX_FILES, File, Step, add_pipeline, read_lock, read_tracked

DEFINITION = {
    "stages": {
        "prepare": {"cmd": "cut raw.csv > clean.csv", "wdir": "../data"},
        "train": {"foreach": ["a", "b"], "do": {"cmd": "train ${item}", "wdir": "."}},
    }
}
LOCK = {
    "schema": "2.0",
    "stages": {
        "prepare": {
            "cmd": "cut raw.csv > clean.csv",
            "deps": [{"path": "raw.csv", "hash": "md5", "md5": "11" * 16, "size": 3}],
            "outs": [{"path": "clean.csv", "hash": "md5", "md5": "22" * 16, "size": 2}],
        },
        "train@a": {
            "cmd": ["mkdir -p out", "train a"],
            "deps": [
                {"path": "../data/clean.csv", "md5": "22" * 16},
                {"path": "s3://bucket/more.csv", "etag": "x"},
            ],
            "params": {"params.yaml": {"lr": 0.1, "depth": 3}},
            "outs": [{"path": "out", "md5": f"{'33' * 16}.dir"}],
        },
    },
}


def trace(steps: list[Step], made: File, depth: int = 5) -> Lineage:
    gathering = Gathering()
    gathering.add(Node(id="model", kind="artifact", label=made.path))
    add_pipeline(gathering, "model", made, steps, depth=depth)
    return gathering.finish("model")


def drawn(lineage: Lineage) -> list[tuple[str, str, str]]:
    labels = {node.id: node.label for node in lineage.nodes}
    return [(labels[edge.target], edge.relation, labels[edge.source]) for edge in lineage.edges]


def test_steps_are_read_with_commands_parameters_and_paths_in_the_repository() -> None:
    prepare, train = read_lock(LOCK, DEFINITION, file="models/dvc.lock")
    assert prepare.deps == (File(path="data/raw.csv", md5="11" * 16),)
    assert train.cmd == "mkdir -p out; train a"
    assert [dep.path for dep in train.deps] == ["data/clean.csv", "s3://bucket/more.csv"]
    assert train.outs[0].path == "models/out"
    assert train.params == {"params.yaml": {"lr": 0.1, "depth": 3}}


def test_without_a_definition_paths_are_relative_to_the_lock() -> None:
    prepare, _ = read_lock(LOCK, None, file="models/dvc.lock")
    assert prepare.deps[0].path == "models/raw.csv"


def test_an_artifact_leads_back_over_all_steps() -> None:
    steps = read_lock(LOCK, DEFINITION, file="models/dvc.lock")
    lineage = trace(steps, File(path="models/out/model.skops", md5="44" * 16))
    assert drawn(lineage) == [
        ("models/out/model.skops", "made by", "train@a"),
        ("train@a", "uses", "data/clean.csv"),
        ("train@a", "uses", "s3://bucket/more.csv"),
        ("data/clean.csv", "made by", "prepare"),
        ("prepare", "uses", "data/raw.csv"),
    ]
    step = next(node for node in lineage.nodes if node.label == "train@a")
    assert "cmd mkdir -p out; train a, params params.yaml: lr=0.1 depth=3" in step.summary
    assert lineage.findings == ()


def test_other_bytes_than_the_step_made_are_told() -> None:
    steps = read_lock(LOCK, DEFINITION, file="models/dvc.lock")
    (finding,) = trace(steps, File(path="data/clean.csv", md5="99" * 16)).findings
    assert finding.code == "lineage.other-bytes"
    assert finding.where == "models/dvc.lock: prepare"
    assert "22222222" in finding.what


def test_depth_bounds_the_steps() -> None:
    steps = read_lock(LOCK, DEFINITION, file="models/dvc.lock")
    lineage = trace(steps, File(path="models/out", md5=f"{'33' * 16}.dir"), depth=0)
    assert drawn(lineage) == [("models/out", "made by", "train@a")]
    assert [finding.code for finding in lineage.findings] == ["lineage.depth"]


def test_steps_that_feed_each_other_are_a_cycle() -> None:
    one = Step(name="one", file="dvc.lock", deps=(File(path="b"),), outs=(File(path="a"),))
    two = Step(name="two", file="dvc.lock", deps=(File(path="a"),), outs=(File(path="b"),))
    lineage = trace([one, two], File(path="a"))
    assert len(lineage.nodes) == 5
    assert [finding.code for finding in lineage.findings] == ["lineage.cycle"]


def test_a_folder_that_a_step_uses_leads_to_whoever_made_a_part_of_it() -> None:
    step = Step(name="one", file="dvc.lock", outs=(File(path="data/a.csv"),))
    assert step.makes("data") == step.makes("data/a.csv") == File(path="data/a.csv")
    assert step.makes("dat") is None
    assert step.makes("data/a.csv.bak") is None


def test_a_tracked_file_says_where_it_was_imported_from() -> None:
    value = {
        "deps": [{"path": "model.bin", "repo": {"url": "https://x.org/r", "rev_lock": "abc"}}],
        "outs": [{"md5": "11" * 16, "path": "model.skops"}],
    }
    step = read_tracked(value, file="models/iris/model.skops.dvc")
    assert step.outs == (File(path="models/iris/model.skops", md5="11" * 16),)
    assert step.deps == (File(path="model.bin", origin="https://x.org/r at abc"),)
    last = trace([step], step.outs[0]).nodes[-1]
    assert last.summary == "model.bin, from https://x.org/r at abc"


@pytest.mark.parametrize(
    ("stage", "what"),
    [
        ([], "stages.x is not a mapping"),
        ({"deps": {}, "outs": "no"}, "stages.x.outs is not a list"),
        ({"deps": ["a"]}, "an entry of stages.x.deps is not a mapping"),
        ({"deps": [{"path": "a\nb"}]}, "a path of stages.x.deps is not one line of text"),
        ({"outs": [{"path": "a", "md5": 3}]}, "the md5 of a is not a text"),
        ({"cmd": ["a", 3]}, "stages.x.cmd is not a text"),
        ({"params": [1]}, "stages.x.params is not a mapping"),
        ({"deps": [{"path": "a"}] * MAX_FILES}, f"more than {MAX_FILES} steps and files"),
    ],
)
def test_a_lock_that_dvc_does_not_write_is_refused(stage: Any, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        read_lock({"stages": {"x": stage}}, None, file="dvc.lock")


KEYS = ("stages", "cmd", "deps", "outs", "params", "path", "md5", "wdir", "do", "repo", "url")
ANYTHING = st.recursive(
    st.none() | st.integers() | st.sampled_from(["a", "../b", "/c", "s3://d", "x" * 2000, "\x1b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=30,
)
STAGES = st.dictionaries(st.sampled_from("ab"), ANYTHING, max_size=2)


@given(ANYTHING | st.builds(lambda stages: {"stages": stages}, STAGES), ANYTHING)
def test_any_value_is_read_or_refused(value: Any, definition: Any) -> None:
    try:
        steps = [
            *read_lock(value, definition, file="x/dvc.lock"),
            read_tracked(value, file="a.dvc"),
        ]
    except ValueError:
        return
    for step in steps:
        for out in step.outs:
            trace(steps, out)
