"""The report as an auditor reads it: its text, without the markup."""

from __future__ import annotations

import copy
from html.parser import HTMLParser
from typing import Any

import pytest

from gitreg.domain.model import Artifact
from gitreg.site.audit import render_audit
from gitreg.site.style import STYLE
from gitreg.site.tenure import tenure_section
from gitreg.value import replace
from tests.audits import HOSTILE, SOURCE, VOID, a_year, audit_of
from tests.ledgers import EASY, History, accepted, team


class Page(HTMLParser):
    """What a report shows, which elements it has, and where its links go."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        """All that is shown, with a bar between two elements."""
        body = self.texts[self.texts.index(STYLE) + 1 :] if STYLE in self.texts else self.texts
        return "|".join(text.strip() for text in body if text.strip())


def shown(history: History, **asked: Any) -> str:
    return Page(render_audit(audit_of(history, **asked))).text


@pytest.fixture(scope="module")
def year() -> History:
    return a_year()


def test_the_report_answers_who_what_when_and_on_what(year: History) -> None:
    text = shown(year, stage="production", since="2026-03-01", until="2026-03-31")
    for said in (
        "Audit of all models, production",
        "What held a stage from 2026-03-01 00:00:00 UTC to 2026-03-31 23:59:59 UTC",
        f"Found at|{SOURCE}",
        "1.1.0|2026-03-01|record 12|still|bob|carol|measured, 2 gates",
        "iris 1.1.0 in production",
        "Since|2026-03-01 12:04:00 UTC,|record 12",
        "Promoted by|bob, key|SHA256:",
        "Reason|=1+1 is more",
        "Until|it still held the stage at the end of this report",
        "Registered by|ci for alice, key|SHA256:",
        "Verdicts: 1 counted, the policy asked for 1",
        "reject|2026-03-01 12:01:00 UTC,|record 9|no: overtaken by record 11",
        "Evidence|measured by ci, key|SHA256:",
        "Measured on|holdout,|sha256:abab",
        "accuracy >= 0.9 on holdout|it is 0.97|passed",
        "accuracy|0.97",
        f"model.skops|5,312|{'e' * 64}",
        "cluster|succeeded|ci, key|SHA256:",
        "The policy since record 0",
        "Signatures|who began the registry",
    ):
        assert said in text


def test_a_rollback_a_vacate_and_a_yank_are_told(year: History) -> None:
    text = shown(year)
    for said in (
        "Kind|a rollback to the version before",
        "A rollback is not asked for evidence",
        ". The stage was emptied.",
        "Its reason|nothing to try",
        "The version is yanked by record 16.",
        "Yank iris v1.1.0",
        "Nobody approved it: the policy asked for no approval.",
        "Evidence|claimed in model.yaml",
    ):
        assert said in text


def test_void_records_are_listed_and_are_no_facts(year: History) -> None:
    text = Page(render_audit(audit_of(year, VOID))).text
    assert "counts for nothing" in text
    assert f"{VOID.commit}|7|signer|the key is of nobody" in text


def test_warnings_come_first() -> None:
    history = a_year()
    history.time -= 24 * 60 * 60
    accepted(history.deprecate("iris", "1.0.0", reason="late"))
    text = shown(history)
    assert text.index("Record 17: dated 2026-03-31T12:04:00Z") < text.index("Summary")
    assert "; a record before it claims 2026-04-01 12:03:00 UTC, which is what counts" in text


def test_a_policy_is_told_in_words_and_to_the_letter() -> None:
    policy = team()
    policy["root"]["threshold"] = 2
    history = History(policy)
    wanted = copy.deepcopy(policy) | {"max_age": "9d"}
    accepted(
        history.propose(wanted, by="alice"),
        history.enact(wanted, by="bob"),
    )
    text = shown(history)
    assert "Approved by|alice, key|SHA256:" in text
    assert "the policy before asked for 2, this one for 2" in text
    assert "max_age is 9d, not 30d" in text
    assert '"max_age":"9d"' in text
    wanted["models"]["*"]["stages"]["staging"]["gates"] = []
    accepted(history.enact(wanted, by="erin"))
    assert "an owner of the entries that changed needs no other" in shown(history)


def test_evidence_without_a_name_and_none_at_all_are_told() -> None:
    policy = team()
    policy["models"]["*"]["stages"]["staging"]["gates"] = []
    history = History(policy)
    accepted(
        history.register("iris", "1.0.0", document={"metrics": {}}),
        history.promote("iris", "1.0.0", "canary"),
        history.evaluate("iris", "1.0.0", data=EASY),
        history.promote("iris", "1.0.0", "staging"),
    )
    text = shown(history)
    assert "Evidence|none" in text
    assert f"Measured on|sha256:{EASY}" in text


def test_a_folder_is_told_by_the_digest_of_its_list(year: History) -> None:
    (tenure,) = audit_of(year, at="2026-03-31", stage="production").tenures
    folder = Artifact(path="weights", sha256="c" * 64, md5="d" * 32, size=9_000, files=2)
    text = Page(tenure_section(replace(tenure, artifacts=[folder]))).text
    assert f"weights/|(2 files; the digest is of their list)|9,000|{'c' * 64}" in text


def test_nothing_held_is_said(year: History) -> None:
    assert "Nothing held a stage." in shown(year, model="fraud/*")
    assert "no record: it had not begun" in shown(year, until="2020-01-01")


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ({"at": "2026-03-01"}, "What was held at 2026-03-01 23:59:59 UTC"),
        ({"at_record": 7}, "What was held right after record 7"),
        ({}, "What held a stage from the beginning to the end of the ledger"),
    ],
)
def test_the_question_stands_above(year: History, asked: dict[str, Any], question: str) -> None:
    assert question in shown(year, **asked)


def test_what_people_wrote_is_text_and_never_markup() -> None:
    history = a_year()
    page = Page(render_audit(audit_of(history)))
    assert "script" not in page.tags
    assert HOSTILE.replace("\u202e", "\\u202e") in page.text
    assert "\u202e" not in page.text


def test_nothing_comes_from_elsewhere(year: History) -> None:
    page = Page(render_audit(audit_of(year)))
    loaded = {"img", "link", "script", "iframe", "object", "embed", "video", "form", "base"}
    assert page.tags.isdisjoint(loaded)
    assert {name for name, _ in page.attributes}.isdisjoint({"src", "srcset", "style", "onclick"})
    links = [value for name, value in page.attributes if name == "href"]
    targets = {f"#{value}" for name, value in page.attributes if name == "id"}
    assert set(links) <= targets
