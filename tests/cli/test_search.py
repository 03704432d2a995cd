"""`search` as people, spreadsheets and programs read it."""

from __future__ import annotations

import csv
import io

import pytest

from tests.fixtures import Cli, Team


@pytest.fixture
def shell(cli: Cli, released: Team) -> Cli:
    cli.folder = released.clone
    return cli


def test_the_table_has_the_fields_that_the_query_names(shell: Cli) -> None:
    ran = shell.ok("search", "metrics.accuracy > 0.9 and name~iris order by size desc")
    assert ran.out.splitlines() == [
        "name  version  stage       metrics.accuracy  size",
        "iris  1.1.0    staging     0.97              2950",
        "iris  1.0.0    production  0.95              1600",
    ]
    assert ran.err == ""


def test_words_need_no_quotes(shell: Cli) -> None:
    assert shell.ok("search", "iris", "botany").out.splitlines()[1].split()[:2] == ["iris", "1.1.0"]


def test_pages_say_where_they_are_and_how_to_go_on(shell: Cli) -> None:
    assert shell.ok("search", "--limit", "1").err == "1 to 1 of 2 versions; for more: --offset 1\n"
    assert shell.ok("search", "limit 1", "--offset", "1").err == "2 to 2 of 2 versions\n"
    beyond = shell.ok("search", "iris", "--offset", "7")
    assert (beyond.out, beyond.err) == ("", "2 versions found, none from number 8 on\n")


def test_finding_nothing_is_an_answer(shell: Cli) -> None:
    ran = shell.ok("search", "metrics.acuracy > 0")
    assert ran.out == ""
    assert ran.err.splitlines() == [
        "0 versions found",
        "no version has metrics.acuracy; did you mean metrics.accuracy?",
    ]


def test_what_was_withdrawn_is_marked(shell: Cli) -> None:
    shell.ok("deprecate", "iris@1.0.0")
    shell.ok("yank", "iris@1.1.0", "--vacate")
    lines = shell.ok("search", "iris order by yanked").out.splitlines()
    assert lines[0].split() == ["name", "version", "stage", "note"]
    assert lines[1].split() == ["iris", "1.0.0", "production", "deprecated"]
    assert lines[2].split() == ["iris", "1.1.0", "-", "yanked"]


def test_a_spreadsheet_is_given_lines_of_csv(shell: Cli) -> None:
    text = shell.ok("search", "claimed.accuracy > 0", "--csv", "--limit", "1").out
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "version", "stage", "claimed.accuracy"],
        ["iris", "1.1.0", "staging", "0.97"],
    ]
    assert shell("search", "iris", "--csv", "--json").code == 2


def test_a_mistake_is_pointed_at(shell: Cli) -> None:
    ran = shell("search", "stage:production and metrcs.accuracy > 0.9")
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.splitlines() == [
        "error: the query, at character 22: there is no field metrcs.accuracy",
        "  stage:production and metrcs.accuracy > 0.9",
        "                       ^^^^^^^^^^^^^^^",
        "  next: did you mean metrics.accuracy?",
    ]
