from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

from gitreg.domain.query.page import Page, show_field
from tests import indexes
from tests.documents_to_find import document

DOCUMENTS = [
    document(version="1.0.0", metrics__f1=[Decimal("0.9123456789")], registered=[0]),
    document(version="1.10.0", tag__owner=["=1+1", "b"], stage=["staging"]),
    document(version="1.9.0", size=[Decimal(12345678)], deprecated=[True], yanked=[False]),
    document(version="2.0.0", metrics__f1=[Decimal(1)], yanked=[True]),
]


def ask(query: str) -> Page:
    return indexes.ask(DOCUMENTS, query)


def test_hits_come_by_name_and_the_highest_version_first() -> None:
    assert [str(hit.document.version) for hit in ask("")] == ["1.10.0", "1.9.0", "1.0.0"]


def test_what_has_no_value_comes_last_whichever_way_it_is_ordered() -> None:
    for order in ("metrics.f1", "metrics.f1 desc"):
        assert str(ask(f"order by {order}").hits[0].document.version) == "1.0.0"


def test_a_page_says_how_many_there_are_in_all() -> None:
    page = ask("limit 1 offset 1")
    assert ([str(hit.document.version) for hit in page], page.total, page.rest) == (["1.9.0"], 3, 1)
    assert (len(ask("offset 9")), ask("offset 9").rest, ask("limit 0").total) == (0, 0, 3)


def first(page: Page) -> dict[str, Any]:
    hits: Any = page.to_dict()["hits"]
    return dict(hits[0])


def test_programs_are_given_the_fields_that_the_query_names() -> None:
    hit = first(ask("metrics.f1 > 0 order by registered"))
    assert hit["fields"] == {"metrics.f1": [0.9123456789], "registered": ["1970-01-01T00:00:00Z"]}
    assert (hit["model"], hit["version"], hit["stages"], hit["score"]) == ("iris", "1.0.0", [], 0.0)
    hit = first(ask("size = 12345678"))
    assert (hit["fields"], hit["deprecated"]) == ({"size": [12345678]}, True)


def test_people_are_given_six_digits_and_spreadsheets_all() -> None:
    first, second = DOCUMENTS[0], DOCUMENTS[2]
    assert show_field(first, "metrics.f1") == "0.912346"
    assert show_field(first, "metrics.f1", exact=True) == "0.9123456789"
    assert show_field(first, "registered") == "1970-01-01"
    assert show_field(second, "size") == "12345678"
    assert show_field(second, "metrics.f1") is None


def test_no_cell_is_a_formula() -> None:
    text = ask("tag.owner ~ *").to_csv()
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "version", "stage", "tag.owner"],
        ["iris", "1.10.0", "staging", "'=1+1, b"],
    ]


def test_a_metric_that_no_version_has_is_noted_with_the_nearest() -> None:
    assert ask("metrics.f2 > 0 or tag.zzz:1").notes == [
        "no version has metrics.f2; did you mean metrics.f1?",
        "no version has tag.zzz",
    ]
    assert ask("metrics.f1 > 0 and framework.version > 1").notes == []
