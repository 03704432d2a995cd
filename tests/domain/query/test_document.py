from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.entries import VersionEntry
from gitreg.domain.query.document import Document, Standing, describe
from gitreg.domain.query.evaluation import Corpus
from gitreg.domain.query.page import search
from gitreg.domain.query.parser import parse
from gitreg.domain.version import Version

ENTRY = VersionEntry(
    model="iris",
    version="1.2.0",
    ordinal=1,
    commit="c" * 40,
    path="models/iris",
    manifest="e" * 64,
    metrics={"accuracy": Decimal("0.97"), "f1": Decimal("0.9")},
    person="alice",
    time=1_800_000_000,
    index=3,
)
METADATA: dict[str, Any] = {
    "description": "Species of a flower.",
    "task": "tabular-classification",
    "license": "Apache-2.0",
    "authors": [{"name": "Alice"}, {"name": "Bob"}],
    "tags": {"domain": "botany", "reviewed": True, "none": None},
    "framework": {"name": "scikit-learn", "version": "1.9.1"},
    "architecture": {
        "family": "LogisticRegression",
        "parameters": 15,
        "hyperparameters": {"C": 1.0, "layers": [3, 4], "solver": {"name": "lbfgs"}},
    },
    "training": {
        "dataset": {"name": "iris"},
        "parents": ["iris@1.1.0", {"uri": "https://e.org/m", "sha256": "0" * 64}],
    },
    "card": {"limitations": "Not for tulips."},
    "artifacts": [{"format": "skops", "size": 10}, {"format": "skops", "size": 5}],
}
STANDING = Standing(
    stages=["staging"], held=["staging", "production"], measured={"accuracy": Decimal("0.95")}
)
DOCUMENT = describe(ENTRY, METADATA, STANDING)


@pytest.mark.parametrize(
    "query",
    [
        *("name:iris", "version:1.2", "description~species", "task:tabular-classification"),
        *("license:apache-2.0", "author:bob", "framework:scikit-learn", "framework.version>=1.5"),
        *("family:LogisticRegression", "parameters:15", "dataset:iris", "parent:iris@1.1.0"),
        *("parent:https://e.org/m", "lineage:iris@1.1.0", "format:skops", "size = 15"),
        *("stage:staging", "stage != production", "held:production", "registered:2027-01-15"),
        *("by:alice", "newest:false", "deprecated:false", "yanked:false", "params.C = 1"),
        *("params.layers = 4", "params.solver.name:lbfgs", "tag.domain:botany"),
        *("tag.reviewed:true", "measured.accuracy = 0.95", "claimed.accuracy = 0.97"),
        *("metrics.accuracy = 0.95", "metrics.f1 = 0.9", "not measured.f1 > 0", "tulips"),
        *("botany", "flower", "'domain botany'"),
    ],
)
def test_a_version_is_found_by(query: str) -> None:
    assert search(Corpus([DOCUMENT]), parse(query)).total == 1


@pytest.mark.parametrize(
    "query", ["tag.none = ''", "tag.none ~ *", "alice", "apache", "held:canary", "size > 15"]
)
def test_a_version_is_not_found_by(query: str) -> None:
    assert search(Corpus([DOCUMENT]), parse(query)).total == 0


def test_a_yanked_version_is_found_when_asked_for() -> None:
    corpus = Corpus([describe(replace(ENTRY, yanked=5), METADATA, STANDING)])
    assert search(corpus, parse("name:iris")).total == 0
    assert search(corpus, parse("flower and yanked:true")).total == 1
    assert search(corpus, parse("order by yanked")).total == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["name", "uri", "format", "size", "x"]), inner, max_size=2
        )
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(METADATA)), _json))
def test_a_document_without_the_schemas_shape_is_searched_all_the_same(
    metadata: dict[str, Any],
) -> None:
    found = describe(ENTRY, metadata, Standing())
    page = search(Corpus([found]), parse("order by author, size, parameters, license, params.x"))
    assert [hit.document.reference for hit in page] == ["iris@1.2.0"]
    page.to_dict()
    page.to_csv()


def child(name: str, *parents: str) -> Document:
    version = Version(1, 0, 0)
    values: dict[str, Sequence[Any]] = {"name": (name,), "parent": parents}
    return Document(model=name, version=version, values=values)


def test_lineage_goes_through_parents_of_parents_and_ends_in_circles() -> None:
    corpus = Corpus(
        [
            child("a", "https://e.org/bert"),
            child("b", "a@1.0.0", "c@1.0.0"),
            child("c", "b@1.0.0"),
            child("d"),
        ]
    )

    def names(query: str) -> str:
        return "".join(hit.document.model for hit in search(corpus, parse(query)))

    assert names("lineage ~ bert") == "abc"
    assert names("lineage:b@1.0.0") == "bc"
    assert names("lineage in (a@1.0.0, d@1.0.0)") == "bc"
    assert names("lineage !~ bert") == "d"
    assert names("parent ~ bert") == "a"
