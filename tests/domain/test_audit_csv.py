"""CSV as a spreadsheet and the standard library read it."""

from __future__ import annotations

import csv
import io

import pytest

from gitreg.domain.audit_csv import COLUMNS
from tests.audits import VOID, a_year, audit_of, change_policy
from tests.ledgers import History, accepted


def rows(text: str) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    found = list(reader)
    assert reader.fieldnames == list(COLUMNS)
    return found


def cell_of(reason: str) -> str:
    """The cell in which a reason arrives."""
    history = History()
    accepted(
        history.register("iris", "1.0.0"),
        history.promote("iris", "1.0.0", "canary", reason=reason),
    )
    return rows(audit_of(history).to_csv())[-1]["reason"]


def test_everything_is_a_row_in_the_order_of_the_ledger() -> None:
    history = a_year()
    change_policy(history, "longer", max_age="40d")
    found = rows(audit_of(history, VOID).to_csv())
    assert [(row["kind"], row["version"], row["record"]) for row in found] == [
        ("policy", "", "0"),
        ("tenure", "1.0.0", "2"),
        ("tenure", "1.0.0", "5"),
        ("tenure", "1.1.0", "7"),
        ("void", "", ""),
        ("tenure", "1.1.0", "12"),
        ("tenure", "1.0.0", "14"),
        ("yank", "1.1.0", "16"),
        ("policy", "", "17"),
    ]
    assert found[-1]["note"] == "max_age is 40d, not 30d"
    assert found[4]["note"] == "after record 7, breaks the rule signer: the key is of nobody"


def test_a_row_says_who_approved_on_which_evidence_and_which_bytes() -> None:
    row = rows(audit_of(a_year(), at="2026-03-31", stage="production").to_csv())[-1]
    assert (row["since"], row["until"], row["backdated"]) == ("2026-03-01T12:04:00Z", "", "no")
    assert row["approved_by"].startswith("carol (record 10, key SHA256:")
    assert row["other_verdicts"].startswith("reject by dave (record 9, key SHA256:")
    assert row["other_verdicts"].count(" | ") == 1
    assert row["registered_by"].startswith("ci for alice (record 6, ")
    assert row["measured_by"].startswith("ci (record 8, ")
    assert row["gates"].startswith("accuracy >= 0.9 on holdout: it is 0.97 | accuracy change")
    assert row["artifacts"] == f"model.skops 5312 bytes sha256:{'e' * 64}"
    assert row["deployments"].startswith("cluster: succeeded, by ci (record 13, ")
    assert (row["tag"], row["policy"][-15:]) == ("iris#production#2", " since record 0")


def test_a_tenure_that_is_over_says_who_ended_it() -> None:
    row = rows(audit_of(a_year(), stage="production").to_csv())[2]
    assert (row["version"], row["until_record"], row["next_version"]) == ("1.1.0", "14", "1.0.0")
    assert row["ended_by"].startswith("alice (record 14, ")
    assert row["withdrawn"] == "yanked by record 16"


def test_warnings_are_rows_too_since_a_file_has_no_standard_error() -> None:
    history = a_year()
    history.time -= 24 * 60 * 60
    accepted(history.beat())
    row = rows(audit_of(history).to_csv())[-1]
    assert row["kind"] == "warning"
    assert row["note"].startswith("record 17: dated ")


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("plain, \"quoted\" and 'so'", "plain, \"quoted\" and 'so'"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\uff1d1", "'\uff1d1"),
        ("5-2 = 3", "5-2 = 3"),
        ("see;=1+1;y", "see;'=1+1;y"),
        ("see; =1+1", "see;' =1+1"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
    ],
)
def test_no_cell_is_a_formula(reason: str, shown: str) -> None:
    assert cell_of(reason) == shown


def test_lines_end_as_rfc_4180_says_and_every_cell_is_quoted() -> None:
    text = audit_of(a_year(), model="none").to_csv()
    assert text.endswith('"\r\n')
    assert text.splitlines()[0] == ",".join(f'"{name}"' for name in COLUMNS)
