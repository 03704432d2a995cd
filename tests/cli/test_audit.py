"""`audit` as people and spreadsheets read it."""

from __future__ import annotations

import csv
import html
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from gitreg.cli.audit import command
from gitreg.site.audit import render_audit
from tests.audits import a_year, audit_of
from tests.fixtures import Cli, Team, add_junk
from tests.ledgers import accepted

DAY = 24 * 60 * 60


@pytest.fixture
def shell(cli: Cli, released: Team) -> Cli:
    cli.folder = released.clone
    return cli


def table(text: str) -> list[str]:
    """The lines without what the clock of the test says."""
    return re.sub(r"\d{4}-\d\d-\d\d", "2026-11-21", text).splitlines()


def test_a_stage_is_a_table_that_fits_80_columns(shell: Cli) -> None:
    shell.ok("promote", "iris@1.1.0", "--stage", "production")
    ran = shell.ok("audit", "--model", "iris", "--stage", "production", "--since", "2020-01-01")
    lines = table(ran.out)
    assert lines[:4] == [
        "iris production",
        "version  since          until          promoted by  approved by  evidence",
        "1.0.0    2026-11-21 #3  2026-11-21 #6  alice        -            claimed",
        "1.1.0    2026-11-21 #6  still          alice        -            claimed",
    ]
    assert re.fullmatch("checkpoint  6:sha256:[0-9a-f]{64}", lines[5])
    assert lines[6:] == ["order       the ledger's; dates are what signers claim, in UTC"]
    assert ran.err == ""


def test_the_state_is_one_table(shell: Cli) -> None:
    lines = table(shell.ok("audit", "--at-record", "5").out)
    assert lines[:3] == [
        "model  stage       version  since          promoted by  approved by  evidence",
        "iris   production  1.0.0    2026-11-21 #3  alice        -            claimed",
        "iris   staging     1.1.0    2026-11-21 #5  alice        -            claimed",
    ]


def test_what_else_happened_and_what_is_void_stand_below(shell: Cli, released: Team) -> None:
    shell.ok("vacate", "iris", "--stage", "staging")
    shell.ok("yank", "iris@1.1.0", "--reason", "licence")
    file = released.clone / "gitreg.yaml"
    file.write_text(f"{file.read_text()}max_age: 30d\n")
    shell.ok("policy", "apply", "--reason", "news are wanted")
    add_junk(released.clone)
    out = shell.ok("audit", "--stage", "production").out
    assert "#7  alice      Yank iris v1.1.0" in out
    assert "Change the policy: max_age is 30d" in out
    assert "news are wanted" in out
    assert re.search(r"[0-9a-f]{12}  #8     commit  ", out)


def test_a_rollback_is_told_as_one(shell: Cli) -> None:
    shell.ok("promote", "iris@1.1.0", "--stage", "production")
    shell.ok("rollback", "iris", "--stage", "production")
    line = shell.ok("audit", "--stage", "production").out.splitlines()[4]
    assert line.split()[-1] == "rollback"


def test_nothing_held_is_said(shell: Cli) -> None:
    out = shell.ok("audit", "--model", "iris", "--stage", "production", "--at", "2020-01-01").out
    assert out.startswith("nothing held production of iris\n")
    assert "checkpoint  before record 0" in out


def test_csv_is_for_spreadsheets(shell: Cli) -> None:
    ran = shell.ok("audit", "--csv", "--stage", "production")
    rows = list(csv.DictReader(io.StringIO(ran.out, newline="")))
    assert [(row["kind"], row["version"]) for row in rows] == [("policy", ""), ("tenure", "1.0.0")]


def test_a_report_is_named_when_it_is_written(shell: Cli, tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    assert shell.ok("audit", "--html", page).out == f"{page}\n"
    assert page.read_text().startswith("<!DOCTYPE html>")
    ran = shell.ok("audit", "--html", page, "--json")
    assert ran.json["tenures"]


def test_no_more_warnings_are_shown_than_a_person_reads(
    shell: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = a_year()
    for _ in range(7):
        history.time += 2 * DAY
        accepted(history.beat())
        history.time -= DAY
        accepted(history.beat())
    monkeypatch.setattr("gitreg.cli.audit.audit", lambda *_: audit_of(history))
    ran = shell.ok("audit")
    assert ran.err.count("warning: ") == 5
    assert "2 more of that kind are in --json" in ran.err
    assert "*           a record before it claims" not in ran.out  # heartbeats are not told
    history.time -= DAY
    accepted(history.deprecate("iris", "1.0.0"))
    out = shell.ok("audit").out
    assert "* #31" in out
    assert "*           a record before it claims a later date" in out


def test_two_forms_at_once_are_refused(shell: Cli) -> None:
    ran = shell("audit", "--csv", "--json")
    assert ran.code == 2
    assert "choose one" in ran.err


def test_a_url_will_do(cli: Cli, released: Team, tmp_path: Path) -> None:
    cli.folder = tmp_path
    ran = cli.ok("audit", "--repo", released.url, "--stage", "production")
    assert "1.0.0" in ran.out
    assert "first contact" in ran.err


@pytest.mark.parametrize(
    "asked",
    [
        {"model": "iris", "stage": "production", "since": "2026-01-01", "until": "2026-03-31"},
        {"at": "2026-03-01"},
        {"at_record": 7},
        {},
    ],
)
def test_the_command_in_a_report_makes_it_again(asked: dict[str, Any]) -> None:
    year = a_year()
    audit = audit_of(year, **asked)
    _, again = re.findall("<pre[^>]*>(.*?)</pre>", render_audit(audit), re.DOTALL)[:2]
    program, verb, *words = shlex.split(html.unescape(again).replace("\\\n", ""))
    assert (program, verb) == ("gitreg", "audit")
    assert words[words.index("--checkpoint") + 1] == str(audit.checkpoint)
    context = command.make_context("audit", words)
    options = {
        name: value
        for name, value in context.params.items()
        if name in {"model", "stage", "since", "until", "until_record", "at", "at_record"}
    }
    repeated = audit_of(year, **options)
    assert render_audit(repeated) == render_audit(audit)
