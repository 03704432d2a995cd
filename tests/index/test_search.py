from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.entries import VersionEntry
from gitreg.domain.query.page import Page, show_field
from gitreg.domain.query.parser import parse
from gitreg.index.search import search
from tests import indexes
from tests.documents_to_find import DAY, document
from tests.indexes import make_index, register_entry, settle

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
NOW = document(
    version="1.2.0", stage=["staging"], held=["production", "staging"], measured__accuracy=["0.95"]
)


def ask(query: str, entry: VersionEntry = ENTRY, metadata: dict[str, Any] = METADATA) -> Page:
    """Put a query to a registry with one version."""
    connection = make_index()
    register_entry(connection, entry, metadata)
    settle(connection, NOW)
    return search([("", connection)], parse(query))


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
    assert ask(query).total == 1


@pytest.mark.parametrize(
    "query", ["tag.none = ''", "tag.none ~ *", "alice", "apache", "held:canary", "size > 15"]
)
def test_a_version_is_not_found_by(query: str) -> None:
    assert ask(query).total == 0


def test_a_yanked_version_is_found_when_asked_for() -> None:
    documents = [document(yanked=[True], texts=["flower"])]
    assert indexes.ask(documents, "name:iris").total == 0
    assert indexes.ask(documents, "flower and yanked:true").total == 1
    assert indexes.ask(documents, "order by yanked").total == 1


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
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
    page = ask("order by author, size, parameters, license, params.x", metadata=metadata)
    assert [hit.document.reference for hit in page] == ["iris@1.2.0"]
    page.to_dict()
    page.to_csv()


def test_lineage_goes_through_parents_of_parents_and_ends_in_circles() -> None:
    documents = [
        document("a", parent=["https://e.org/bert"]),
        document("b", parent=["a@1.0.0", "c@1.0.0"]),
        document("c", parent=["b@1.0.0"]),
        document("d"),
    ]

    def names(query: str) -> str:
        return "".join(hit.document.model for hit in indexes.ask(documents, query))

    assert names("lineage ~ bert") == "abc"
    assert names("lineage:b@1.0.0") == "bc"
    assert names("lineage in (a@1.0.0, d@1.0.0)") == "bc"
    assert names("lineage !~ bert") == "d"
    assert names("parent ~ bert") == "a"


def test_lineage_does_not_go_through_what_was_yanked() -> None:
    documents = [
        document("a", parent=["x"]),
        document("b", parent=["a@1.0.0"], yanked=[True]),
        document("c", parent=["b@1.0.0"]),
        document("d", parent=["x"], yanked=[True]),
        document("e", parent=["d@1.0.0"]),
    ]
    assert [hit.document.model for hit in indexes.ask(documents, "lineage:x")] == ["a"]


def test_lineage_stays_within_a_registry() -> None:
    documents = [
        document("a", registry="here", parent=["x"]),
        document("b", registry="there", parent=["a@1.0.0"]),
    ]
    assert [hit.document.model for hit in indexes.ask(documents, "lineage:x")] == ["a"]


def test_a_score_is_that_of_the_formula() -> None:
    documents = [
        document("a", texts=["iris flower"]),
        document("b", texts=["flower flower power"]),
        document("c", texts=["fraud"]),
        document("d", texts=["flower"], yanked=[True]),
    ]
    page = indexes.ask(documents, "flower")
    idf, average = math.log(1 + 1.5 / 2.5), 9 / 3
    expected = {
        "b": idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 4 / average)),
        "a": idf * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / average)),
    }
    assert [hit.document.model for hit in page] == list(expected)
    assert [hit.score for hit in page] == pytest.approx(list(expected.values()))


def test_many_values_are_compared_as_few_are() -> None:
    """Beyond a few distinct values, those that fit are found by their order."""
    documents = [
        document(
            f"m{number:03}",
            claimed__f1=[Decimal(number) / 100],
            params__C=[Decimal(number)],
            params__kind=[f"K{number:03}"],
            params__both=[Decimal(number) if number % 2 else f"{number:03}"],
            registered=[number * DAY],
        )
        for number in range(100)
    ]
    for query, total in {
        "claimed.f1 = 0.50": 1,
        "claimed.f1 != 0.5": 99,
        "claimed.f1 < 0.5": 50,
        "claimed.f1 <= 0.50": 51,
        "claimed.f1 > 0.5": 49,
        "claimed.f1 >= 0.4999999999999999999999": 50,
        "params.C >= 90": 10,
        "params.C = x": 0,
        "params.C > x": 0,
        "params.kind = k010": 1,
        "params.kind >= k010": 90,
        "params.kind > 10": 0,
        "params.kind ~ K01": 10,
        "params.both >= 90": 5,
        "params.both = 010": 1,
        "params.both < x": 50,
        "name ~ m00?": 10,
        "name > M050": 49,
        "registered > 1970-01-31": 69,
        "registered = 1970-01-31": 1,
    }.items():
        assert indexes.ask(documents, query).total == total, query


def test_a_figure_is_shown_as_it_was_written() -> None:
    """A sum of doubles, a decimal that is none's text, and a whole number."""
    figures = [Decimal("0.30000000000000004"), Decimal("0.950"), Decimal(12)]
    documents = [
        document(f"m{place}", measured__f1=[figure]) for place, figure in enumerate(figures)
    ]
    page = indexes.ask(documents, "measured.f1 > 0")
    assert [show_field(hit.document, "measured.f1", exact=True) for hit in page] == [
        "0.30000000000000004",
        "0.950",
        "12",
    ]
