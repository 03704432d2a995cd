"""`list`, `show`, `history`, `verify` and `pull` as people read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import Cli, Team, add_junk, write


@pytest.fixture
def shell(cli: Cli, released: Team) -> Cli:
    cli.folder = released.clone
    return cli


def fits(text: str) -> bool:
    return max(map(len, text.splitlines()), default=0) <= 80


def test_list_fits_80_columns(shell: Cli) -> None:
    ran = shell.ok("list")
    assert ran.out.splitlines() == [
        "model  newest  versions  staging  production",
        "iris   1.1.0   2         1.1.0    1.0.0",
    ]
    assert ran.err == ""


def test_list_of_an_empty_registry_says_what_to_do(cli: Cli, team: Team) -> None:
    cli.folder = team.clone
    ran = cli.ok("list")
    assert ran.out == ""
    assert "gitreg register --new" in ran.err


def test_list_shows_an_empty_stage_as_a_dash(shell: Cli) -> None:
    shell.ok("vacate", "iris", "--stage", "staging")
    assert shell.ok("list").out.splitlines()[1].split() == ["iris", "1.1.0", "2", "-", "1.0.0"]


def test_show_has_everything_and_its_tables_fit_80_columns(shell: Cli) -> None:
    ran = shell.ok("show", "iris@production")
    lines = ran.out.splitlines()
    assert lines[0] == "iris 1.0.0"
    for said in ("stages", "production", "tags.domain", "botany", "accuracy", "0.95"):
        assert said in ran.out
    assert "model.skops  model  skops   1.6 KiB" in ran.out
    assert fits("\n".join(line for line in lines if not line.startswith("manifest")))


def test_show_marks_what_was_withdrawn(shell: Cli) -> None:
    shell.ok("deprecate", "iris@1.0.0")
    assert shell.ok("show", "iris@1.0.0").out.startswith("iris 1.0.0 deprecated\n")
    shell.ok("yank", "iris@1.1.0", "--vacate")
    assert shell.ok("show", "iris@1.1.0").out.startswith("iris 1.1.0 yanked\n")


def test_show_spells_out_nested_fields(shell: Cli, released: Team) -> None:
    text = (released.iris / "model.yaml").read_text()
    text += (
        "authors: [{name: Ada, email: a@b.c}, {name: Bo}]\n"
        "training: {dataset: {rows: 120}, parents: [iris@1.0.0]}\n"
    )
    write(released.iris / "model.yaml", text)
    write(
        released.clone / "m.json",
        '{"accuracy": 0.9, "latency": {"value": 1.5, "unit": "ms", "better": "lower"}}',
    )
    shell.ok("register", "models/iris", "--bump", "minor", "--metrics", "m.json")
    out = shell.ok("show", "iris@1.2.0").out
    assert "training.dataset.rows  120" in out
    assert "email=a@b.c name=Ada, name=Bo" in out
    assert "latency   1.5      ms" in out
    assert "stages                 none" in out


def test_history_fits_80_columns_and_names_the_signer(shell: Cli) -> None:
    ran = shell.ok("history", "iris")
    assert fits(ran.out)
    lines = ran.out.splitlines()
    assert lines[0].split() == ["record", "date", "signed", "by", "what", "reason"]
    assert lines[1].startswith("5 ")
    assert "alice" in lines[1]
    assert "the first one" in ran.out


def test_a_long_reason_is_folded_to_80_columns(shell: Cli) -> None:
    shell.ok("deprecate", "iris@1.0.0", "--reason", "because " * 40 + "so")
    assert fits(shell.ok("history", "iris").out)


def test_what_a_stranger_wrote_cannot_steer_the_terminal(shell: Cli) -> None:
    shell.ok("register", "models/iris", "--bump", "minor", "--tag", 'x="\\e[31m\\u202ered"')
    out = shell.ok("show", "iris").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\\x1b[31m" in out


def test_verify_tells_what_was_proven(shell: Cli) -> None:
    ran = shell.ok("verify", "--deep", "--artifacts")
    assert ran.out.splitlines()[-1] == "verified"
    assert "6 valid, 0 void" in ran.out
    assert "alice 6" in ran.out
    assert "4 files read" in ran.out
    assert ran.err == ""


def test_verify_lists_warnings_and_ends_with_0(shell: Cli, released: Team) -> None:
    add_junk(released.clone)
    ran = shell.ok("verify")
    assert "warning: ledger commit" in ran.err
    assert "6 valid, 1 void" in ran.out


def test_verify_lists_errors_and_ends_with_1(shell: Cli, released: Team) -> None:
    released.git("tag", "iris@v9.9.9")
    ran = shell("verify")
    assert ran.code == 1
    assert "error: tag iris@v9.9.9" in ran.err
    assert "  next: " in ran.err
    assert ran.out.splitlines()[-1] == "1 error: this registry is not what was signed"


def test_pull_prints_the_files(shell: Cli, tmp_path: Path) -> None:
    ran = shell.ok("pull", "iris@production", "-o", tmp_path / "out")
    assert ran.out == f"{tmp_path}/out/model.skops\n"
    assert ran.err == "iris 1.0.0: 1 file, 1.6 KiB, verified\n"


def test_pull_of_many_files_prints_ten(cli: Cli, team: Team, tmp_path: Path) -> None:
    for number in range(12):
        write(team.iris / f"w/{number:02d}", str(number))
    team.open().register(new="iris", files=[team.iris / "w"], version="1.0.0")
    cli.folder = team.clone
    ran = cli.ok("pull", "iris", "-o", tmp_path / "out")
    assert len(ran.out.splitlines()) == 10
    assert "and 2 more" in ran.err


def test_pull_warns_of_a_deprecated_version(shell: Cli, tmp_path: Path) -> None:
    shell.ok("deprecate", "iris@1.0.0")
    ran = shell.ok("pull", "iris@production", "-o", tmp_path / "out")
    assert "warning: iris@production is deprecated" in ran.err


def test_a_first_contact_tells_the_root(cli: Cli, released: Team, tmp_path: Path) -> None:
    cli.folder = tmp_path
    root = released.open().ledger.root
    first = cli.ok("list", "--repo", released.url)
    assert f"its root is sha256:{root}" in first.err
    again = cli.ok("list", "--repo", released.url)
    assert again.err == ""
    assert again.out == first.out


@pytest.mark.parametrize("how", ["path", "url", "bare"])
def test_reading_works_from_anywhere(cli: Cli, released: Team, tmp_path: Path, how: str) -> None:
    where = {"path": str(released.clone), "url": released.url, "bare": str(released.origin)}[how]
    cli.folder = tmp_path
    cli.ok("pull", "iris@production", "--repo", where, "-o", "out")
    assert (tmp_path / "out/model.skops").read_bytes() == b"the first model\n" * 100
    assert "iris" in cli.ok("show", "iris", "--repo", where).out
    assert "iris" in cli.ok("history", "iris", "--repo", where).out or how
    assert cli.ok("verify", "--repo", where).out.endswith("verified\n")
