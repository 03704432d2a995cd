from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key, partial
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.domain.query import tree
from gitreg.domain.query.document import Document
from gitreg.domain.query.page import Page
from gitreg.index import columns
from gitreg.index.corpus import Source
from gitreg.index.search import search
from gitreg.value import replace
from tests.documents_to_find import Reading, collections, place_of, queries
from tests.indexes import ask, index_of, make_index, register, settle

REGISTRIES = ("b", "a")


def sources_of(documents: Sequence[Document]) -> list[Source]:
    return [
        (name, index_of(item for item in documents if item.registry == name)) for name in REGISTRIES
    ]


def shown(page: Page) -> list[tuple[Any, float]]:
    return [(place_of(hit.document), hit.score) for hit in page]


def whole(query: tree.Query) -> tree.Query:
    return replace(query, limit=100, offset=None)


def assert_is_the_plain_answer(
    page: Page, documents: Sequence[Document], query: tree.Query
) -> None:
    reading = Reading(documents, query)
    plain = {place_of(item): item for item in reading.documents}
    where = query.where
    found = {
        place_of(item) for item in plain.values() if where is None or reading.holds(item, where)
    }
    assert {place_of(hit.document) for hit in page} == found
    assert page.total == len(found)
    for hit in page:
        item = plain[place_of(hit.document)]
        assert hit.score == pytest.approx(reading.score(item, where))
        fields = dict.fromkeys([*query.fields(), "name", "version", "stage", "deprecated"])
        for name in fields:
            field = "parent" if name == "lineage" else name
            assert hit.document.values.get(field, ()) == item.values.get(field, ()), name
    hits = [(plain[place_of(hit.document)], hit.score) for hit in page]
    assert hits == sorted(hits, key=cmp_to_key(partial(order, query)))


def order(query: tree.Query, one: tuple[Document, float], two: tuple[Document, float]) -> int:
    for key in query.order:
        ours, theirs = (item.values.get(key.field) for item, _ in (one, two))
        if not ours or not theirs:
            if bool(ours) != bool(theirs):
                return -1 if ours else 1
            continue
        best: Any = max if key.descending else min
        left, right = best(ours), best(theirs)
        if left != right:
            return -1 if (left < right) is not key.descending else 1
    if one[1] != two[1]:
        return -1 if one[1] > two[1] else 1
    if one[0].model != two[0].model:
        return -1 if one[0].model < two[0].model else 1
    if one[0].version != two[0].version:
        return -1 if one[0].version > two[0].version else 1
    return -1 if one[0].registry < two[0].registry else 1


@given(collections(), queries)
def test_the_answer_is_that_of_the_plainest_reading(
    documents: list[Document], query: tree.Query
) -> None:
    page = ask(documents, whole(query))
    assert_is_the_plain_answer(page, documents, query)
    page.to_csv()
    page.to_dict()


@given(collections(REGISTRIES), queries)
def test_several_registries_are_searched_as_one(
    documents: list[Document], query: tree.Query
) -> None:
    sources = sources_of(documents)
    page = search(sources, whole(query))
    assert_is_the_plain_answer(page, documents, query)
    assert shown(search(sources[::-1], whole(query))) == shown(page)


@given(collections(), queries, st.lists(st.integers(0, 9)), st.randoms())
def test_an_index_built_in_steps_answers_as_one_built_at_once(
    documents: list[Document], query: tree.Query, steps: list[int], random: Any
) -> None:
    """Meanwhile the ledger says other things of the versions than in the end."""
    connection = make_index()
    with mock.patch.multiple(columns, CHUNK=2, _BATCH=4):
        for place, item in enumerate(documents):
            register(connection, item)
            if place in steps:
                for known in documents[: place + 1]:
                    said = random.choice(documents).values
                    settle(connection, replace(known, values=said))
                search([("", connection)], query)
        for item in documents:
            settle(connection, item)
        warm = search([("", connection)], whole(query))
        again = search([("", connection)], whole(query))
    cold = search([("", index_of(documents))], whole(query))
    assert warm.to_dict() == cold.to_dict() == again.to_dict()
    assert_is_the_plain_answer(warm, documents, query)


@given(collections(), queries)
def test_pages_put_together_are_the_whole(documents: list[Document], query: tree.Query) -> None:
    source = [("", index_of(documents))]
    pages = [search(source, replace(query, limit=2, offset=start)) for start in range(0, 12, 2)]
    hits = [hit for page in pages for hit in page]
    assert hits == list(search(source, whole(query)))
    assert {page.total for page in pages} == {len(hits)}


@given(collections(), queries)
def test_the_order_of_registration_orders_no_hits(
    documents: list[Document], query: tree.Query
) -> None:
    assert shown(ask(documents, query)) == shown(ask(documents[::-1], query))
