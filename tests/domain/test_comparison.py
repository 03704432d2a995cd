"""Every field of two versions has its section, and only what differs is told."""

from __future__ import annotations

from typing import Any

from gitreg.domain.comparison import Comparison, Subject, compare

ARTIFACT = {"path": "model.skops", "format": "skops", "size": 100, "sha256": "ab" * 32, "md5": "c"}
MODEL: dict[str, Any] = {
    "schema": "gitreg/model/v1",
    "name": "iris",
    "version": "1.0.0",
    "description": "Species.",
    "license": "MIT",
    "tags": {"domain": "botany"},
    "framework": {"name": "scikit-learn", "version": "1.5.0"},
    "architecture": {"family": "tree", "hyperparameters": {"depth": 3, "grow.by": 1}},
    "training": {
        "dataset": {"name": "iris", "rows": 120},
        "code": {"commit": "abc"},
        "environment": {"python": "3.11"},
        "parents": ["iris@0.9.0"],
    },
    "evaluation": {"dataset": "test.csv"},
    "metrics": {"accuracy": 0.9},
    "artifacts": [ARTIFACT],
}


def subject(metadata: Any = MODEL, **known: Any) -> Subject:
    given = {"reference": "iris@1.0.0", "model": "iris", "version": "1.0.0", "record": 1}
    place = {"commit": "c" * 40, "path": "models/iris"}
    return Subject(**{**given, **place, **known}, metadata=metadata)


def told(*subjects: Subject) -> dict[str, dict[str, tuple[Any, ...]]]:
    found = compare(subjects, lambda _: None)
    return {
        name: {row.path: row.values for row in rows}
        for name, rows in found.sections.items()
        if rows
    }


def between(one: Subject, other: Subject) -> Comparison:
    return compare([one, other], lambda _: None)


def test_the_same_version_does_not_differ_from_itself() -> None:
    assert told(subject(), subject()) == {}
    assert not between(subject(), subject()).differs


def test_every_field_has_its_section() -> None:
    assert {
        name: set(rows) for name, rows in told(subject(), subject({"artifacts": []})).items()
    } == {
        "metadata": {"description", "license", "tags.domain", "training.parents"},
        "parameters": {
            "architecture.family",
            "architecture.hyperparameters.depth",
            'architecture.hyperparameters."grow.by"',
        },
        "artifacts": {f"model.skops: {key}" for key in ("format", "size", "sha256")},
        "data": {"training.dataset.name", "training.dataset.rows", "evaluation.dataset"},
        "code": {"training.code.commit"},
        "environment": {"framework.name", "framework.version", "training.environment.python"},
    }


def test_a_field_has_one_value_a_version() -> None:
    smaller = MODEL | {"architecture": {"family": "tree", "hyperparameters": {"depth": 2}}}
    without = {key: value for key, value in MODEL.items() if key != "architecture"}
    rows = told(subject(), subject(smaller), subject(without), subject())["parameters"]
    assert rows["architecture.hyperparameters.depth"] == (3, 2, None, 3)
    assert rows["architecture.family"] == ("tree", "tree", None, "tree")


def test_what_the_ledger_knows_is_told_too() -> None:
    other = subject(
        commit="d" * 40,
        model="rose",
        path="models/rose",
        stages={"production": "holds", "staging": "held"},
        deprecated=True,
        yanked=True,
    )
    assert told(subject(stages={"staging": "holds"}), other) == {
        "code": {"commit": ("c" * 40, "d" * 40)},
        "stages": {"production": (None, "holds"), "staging": ("holds", "held")},
        "metadata": {
            "model": ("iris", "rose"),
            "path": ("models/iris", "models/rose"),
            "deprecated": (None, True),
            "yanked": (None, True),
        },
    }


def test_versions_are_called_by_their_model_where_there_are_several() -> None:
    assert between(subject(), subject(version="1.1.0")).labels == ("1.0.0", "1.1.0")
    assert between(subject(), subject(model="rose")).labels == ("iris 1.0.0", "rose 1.0.0")


def test_each_is_compared_with_the_first() -> None:
    inputs = [{"name": "x", "datatype": "FP64", "shape": [-1]}]
    known = MODEL | {"signature": {"inputs": inputs}}
    found = compare([subject(known), subject(known), subject()], lambda _: "higher")
    assert [len(changes) for changes in found.interface] == [0, 0, 1]
    assert found.is_breaking
    better = MODEL | {"metrics": {"accuracy": 0.95}}
    found = compare([subject(), subject(better), subject()], lambda _: "higher")
    (row,) = found.claimed
    assert [change.verdict if change else None for change in row.changes] == [
        None,
        "better",
        "same",
    ]
    assert found.differs
    assert not found.is_breaking


def test_a_document_of_any_shape_is_compared() -> None:
    odd = {"signature": "x", "evaluation": [], "training": 3, "architecture": None, "artifacts": []}
    assert told(subject(), subject(odd))["metadata"]["training"] == (None, 3)
