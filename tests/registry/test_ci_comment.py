"""One comment of a pull request, from a folder that a stranger's run may have written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Cli, Team, write
from tests.forge_server import ForgeServer, serve_forge
from tests.site.test_checks import HOSTILE, check, version

COMMIT = "c" * 40
MARKER = "<!-- gitreg ci comment -->"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeServer]:
    with serve_forge() as running:
        for name, value in running.actions().items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return write_check(tmp_path / "reports", check(version(notes=["measured well"]))).parent


def write_check(folder: Path, value: Any, name: str = "iris") -> Path:
    return write(folder / f"{name}.check.json", json.dumps(value))


def of_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **others: Any) -> None:
    """Set the event of `workflow_run` for a stranger's pull request."""
    run = {
        "event": "pull_request",
        "head_branch": "patch-1",
        "head_sha": COMMIT,
        "head_repository": {"owner": {"login": "stranger"}},
        "html_url": "https://github.com/team/models/actions/runs/7",
        "pull_requests": [],
        **others,
    }
    event = write(tmp_path / "event.json", json.dumps({"workflow_run": run}))
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))


def test_a_strangers_pull_request_is_found_and_told(
    server: ForgeServer, cli: Cli, reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_a_run(monkeypatch, tmp_path)
    server.add_pull("patch-1", commit="d" * 40, owner="team")
    server.add_pull("patch-1", commit=COMMIT, owner="stranger")
    cli.ok("ci", "comment", reports)
    cli.ok("ci", "comment", reports)
    (posted,) = server.comments
    assert posted["pull"] == 2
    assert posted["body"].startswith(f"{MARKER}\n### gitreg: merging {'c' * 12}")
    assert "measured well" in posted["body"]
    assert "[the run](https://github.com/team/models/actions/runs/7)" in posted["body"]


def test_a_pull_request_that_has_gone_on_is_left_to_its_next_run(
    server: ForgeServer, cli: Cli, reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_a_run(monkeypatch, tmp_path)
    server.add_pull("patch-1", commit="e" * 40, owner="stranger")
    assert "nowhere to say it" in cli.ok("ci", "comment", reports).out
    assert server.comments == []


def test_the_folder_does_not_say_which_pull_request(
    server: ForgeServer, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_check(tmp_path / "reports", {**check(), "pull": 1, "number": 1}).parent
    write(folder / "pull", "1")
    ran = cli("ci", "comment", folder)
    assert (ran.code, server.requests) == (2, [])
    assert "name it with --pull 12" in ran.err
    cli.ok("ci", "comment", folder, "--pull", "5")
    assert [posted["pull"] for posted in server.comments] == [5]


def test_a_pull_request_that_asks_for_nothing_is_not_bothered(
    server: ForgeServer, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "reports").mkdir()
    cli.ok("ci", "comment", tmp_path / "reports", "--pull", "1")
    assert server.comments == []
    server.add_comment(1, f"{MARKER}\nIt would be promoted.", "github-actions[bot]")
    cli.ok("ci", "comment", tmp_path / "reports", "--pull", "1")
    assert "asks for nothing" in server.comments[0]["body"]


def test_a_check_that_failed_before_it_found_anything_is_told(
    server: ForgeServer, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_a_run(monkeypatch, tmp_path, conclusion="failure")
    server.add_pull("patch-1", commit=COMMIT, owner="stranger")
    (tmp_path / "reports").mkdir()
    cli.ok("ci", "comment", tmp_path / "reports")
    assert "the check itself failed" in server.comments[0]["body"]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[]",
        "{}",
        '{"ok": true, "versions": [{}], "findings": []}',
        json.dumps(check(version(ok="yes"))),
        json.dumps(check(version(notes=["x" * 5000]))),
        json.dumps(check(version(outcomes=[{"action": "rm", "verdict": "done"}]))),
        '{"ok": true, "ok": true, "versions": [], "findings": []}',
        json.dumps(check()).replace('"ok": true', '"ok": true, "n": NaN'),
        "[" * 10_000,
        json.dumps(check()) + " " * (8 << 20),
    ],
    ids=[
        "empty",
        "list",
        "bare",
        "hollow",
        "type",
        "long",
        "verb",
        "twice",
        "nan",
        "deep",
        "large",
    ],
)
def test_what_is_no_result_is_named_and_not_believed(
    server: ForgeServer, cli: Cli, tmp_path: Path, data: str
) -> None:
    write(tmp_path / "reports/iris.check.json", data)
    cli.ok("ci", "comment", tmp_path / "reports", "--pull", "1")
    body = unescape(server.comments[0]["body"])
    assert "something would be refused" in body
    assert "iris.check.json: this is no result of a check" in body


def test_no_link_is_followed_out_of_the_folder(cli: Cli, tmp_path: Path) -> None:
    secret = write_check(tmp_path / "outside", check(version(notes=["a secret"])))
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "iris.check.json").symlink_to(secret)
    (folder / "more").symlink_to(secret.parent)
    said = unescape(cli.ok("ci", "comment", folder, "--summary").out)
    assert "a secret" not in said
    assert "iris.check.json: this is no result" in said


def test_hostile_text_is_inert_in_the_comment(
    server: ForgeServer, cli: Cli, tmp_path: Path
) -> None:
    folder = write_check(
        tmp_path / "reports", check(version(model=HOSTILE, notes=[HOSTILE]))
    ).parent
    cli.ok("ci", "comment", folder, "--pull", "1")
    for mark in ("`$(", "<img", "@alice", "](https://evil", "${{"):
        assert mark not in server.comments[0]["body"]


def test_a_summary_needs_no_forge(cli: Cli, reports: Path) -> None:
    assert "measured well" in cli.ok("ci", "comment", reports, "--summary").out


def test_without_a_token_it_says_which(cli: Cli, reports: Path) -> None:
    assert "give the step GITHUB_TOKEN" in cli.no("ci", "comment", reports, "--pull", "1")


def test_what_ci_check_writes_is_what_is_read(released: Team, cli: Cli, tmp_path: Path) -> None:
    cli.folder = released.clone
    write(released.iris / "stages.yaml", "production: {version: 1.1.0, seq: 2}\n")
    released.git("add", "models/iris/stages.yaml")
    released.git("commit", "--quiet", "--message", "Propose iris 1.1.0")
    cli.ok("ci", "check", "--reports", tmp_path / "reports")
    said = cli.ok("ci", "comment", tmp_path / "reports", "--summary").out
    assert "nothing would be refused" in said
    assert "| promote to production | would be done |" in said
