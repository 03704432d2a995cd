# ruff: noqa: ARG002, PLR0917  fixtures
"""The command line as a whole: help, exit codes, completion, pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import gitreg
from gitreg.cli import boundary, output
from gitreg.cli.main import cli as commands
from gitreg.cli.main import main
from gitreg.domain.printable import clean
from tests.fixtures import Cli, Team

NAMES = sorted(commands.list_commands(click.Context(commands)))


def gitreg_process(*args: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "gitreg", *args],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("name", NAMES)
def test_help_of_every_command_has_an_example(cli: Cli, name: str) -> None:
    ran = cli.ok(name, "--help")
    assert "Example" in ran.out
    assert f"\n    gitreg {name}" in ran.out
    examples = ran.out.index("Example")
    assert max(map(len, ran.out[:examples].splitlines())) <= 80


def test_help_lists_every_command(cli: Cli) -> None:
    ran = cli.ok("-h")
    for name in NAMES:
        assert f"\n  {name} " in ran.out


def test_no_command_shows_help(cli: Cli) -> None:
    ran = cli()
    assert "Usage: gitreg" in ran.out + ran.err


def test_the_version_is_told(cli: Cli) -> None:
    assert cli.ok("--version").out == f"gitreg {gitreg.__version__}\n"


@pytest.mark.parametrize(("typed", "meant"), [("promte", "promote"), ("lst", "list")])
def test_an_unknown_command_is_told_with_what_was_meant(cli: Cli, typed: str, meant: str) -> None:
    ran = cli(typed)
    assert ran.code == 2
    assert f"there is no command '{typed}'. Did you mean {meant}?" in ran.err


def test_a_command_like_no_other_has_no_hint(cli: Cli) -> None:
    ran = cli("zzzzzz")
    assert ran.code == 2
    assert "Did you mean" not in ran.err


@pytest.mark.parametrize("arguments", [["promote", "iris"], ["show"], ["list", "--nope"]])
def test_a_wrong_call_ends_with_2(cli: Cli, arguments: list[str]) -> None:
    assert cli(*arguments).code == 2


@pytest.mark.parametrize("reference", ["Iris", "iris@", "iris@1.0"])
def test_a_bad_reference_ends_with_2(cli: Cli, released: Team, reference: str) -> None:
    cli.folder = released.clone
    ran = cli("show", reference)
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert ran.out == ""


def test_outside_a_repository_every_command_ends_with_1(cli: Cli, tmp_path: Path) -> None:
    cli.folder = tmp_path
    assert "next: run git init here" in cli.no("list")
    assert "not in a Git repository" in cli.no("verify")


class TestTheBoundary:
    def run(self, capsys: pytest.CaptureFixture[str], error: BaseException) -> tuple[int, str]:
        def command() -> int:
            raise error

        return boundary.guard(command), capsys.readouterr().err

    def test_a_defect_ends_with_3_and_asks_for_a_report(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, err = self.run(capsys, RuntimeError("odd"))
        assert code == 3
        assert "Traceback" in err
        assert "this is a defect of gitreg" in err

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
    def test_an_interruption_ends_with_130(
        self, capsys: pytest.CaptureFixture[str], error: BaseException
    ) -> None:
        code, err = self.run(capsys, error)
        assert code == 130
        assert "interrupted" in err

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (OSError(28, "No space left on device", "/x"), "/x: No space left on device"),
            (OSError("odd"), "error: odd"),
        ],
    )
    def test_the_systems_refusal_ends_with_1(
        self, capsys: pytest.CaptureFixture[str], error: OSError, said: str
    ) -> None:
        code, err = self.run(capsys, error)
        assert code == 1
        assert said in err
        assert "space left" in err

    def test_nothing_wrong_ends_with_0(self) -> None:
        assert boundary.guard(lambda: None) == 0


class TestAProcess:
    def test_the_module_runs_the_same_command(self, released: Team) -> None:
        done = gitreg_process("list", folder=released.clone)
        assert (done.returncode, done.stderr) == (0, "")
        assert "iris" in done.stdout

    def test_a_reader_that_goes_away_is_no_error(self, released: Team) -> None:
        command = (
            f"'{sys.executable}' -P -m gitreg show iris --json | head -c 1; echo ${{PIPESTATUS}}"
        )
        done = subprocess.run(
            ["bash", "-c", command], cwd=released.clone, capture_output=True, text=True, check=True
        )
        assert done.stdout == "{0\n"
        assert "Error" not in done.stderr

    def test_a_closed_reader_before_the_first_byte_is_no_error(self, released: Team) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "gitreg", "list"],
                cwd=released.clone,
                stdout=writing,
                stderr=subprocess.PIPE,
                check=False,
            )
        finally:
            os.close(writing)
        assert (done.returncode, done.stderr) == (0, b"")

    def test_nothing_is_coloured_in_a_pipe(self, released: Team) -> None:
        done = gitreg_process("show", "iris", folder=released.clone)
        assert "\x1b" not in done.stdout


def test_main_ends_with_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gitreg", "--version"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 0


class TestCompletion:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_each_shell_has_a_script(self, cli: Cli, shell: str) -> None:
        script = cli.ok("completion", shell).out
        assert "_GITREG_COMPLETE" in script

    def test_another_shell_is_refused(self, cli: Cli) -> None:
        assert cli("completion", "tcsh").code == 2

    @pytest.mark.parametrize(
        ("words", "cword", "found"),
        [
            ("gitreg sh", 1, ["show"]),
            ("gitreg show ir", 2, ["iris"]),
            ("gitreg show iris@", 2, ["iris@staging", "iris@production", "iris@1.0.0",
                                      "iris@1.1.0"]),
            ("gitreg show iris@pro", 2, ["iris@production"]),
            ("gitreg history i", 2, ["iris"]),
            ("gitreg history iris@", 2, []),
            ("gitreg promote iris --stage ", 4, ["production", "staging"]),
        ],
    )  # fmt: skip
    def test_names_are_completed(
        self,
        released: Team,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        words: str,
        cword: int,
        found: list[str],
    ) -> None:
        monkeypatch.chdir(released.clone)
        monkeypatch.setenv("_GITREG_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(cword))
        monkeypatch.setattr(sys, "argv", ["gitreg"])
        with pytest.raises(SystemExit):
            main()
        lines = capsys.readouterr().out.split()
        assert sorted(line.partition(",")[2] for line in lines) == sorted(found)

    def test_outside_a_registry_nothing_is_offered(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("_GITREG_COMPLETE", "bash_complete")
        monkeypatch.setattr(sys, "argv", ["gitreg"])
        for words, cword in (("gitreg show ", "2"), ("gitreg promote iris --stage ", "4")):
            monkeypatch.setenv("COMP_WORDS", words)
            monkeypatch.setenv("COMP_CWORD", cword)
            with pytest.raises(SystemExit):
                main()
        assert capsys.readouterr().out.split() == []


class TestOutput:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("plain é 模", "plain é 模"),
            ("a\x1b[31mb", "a\\x1b[31mb"),
            ("a\nb\tc", "a\\nb\\tc"),
            ("\u202egnp", "\\u202egnp"),
            ("zero\u200bwidth", "zero\\u200bwidth"),
            ("\ud800", "\\ud800"),
        ],
    )
    def test_control_characters_are_escaped(self, text: str, shown: str) -> None:
        assert clean(text) == shown

    def test_no_cell_of_a_table_is_cut_off(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "40")
        row = ["2026-03-01", "first second", "third fourth", "fifth sixth"]
        output.print_table(["date", "a", "b", "c"], [row])
        out = capsys.readouterr().out
        assert set(out.split()) == {"date", "a", "b", "c", *" ".join(row).split()}
        assert max(map(len, out.splitlines())) <= 40

    def test_the_day_of_a_time_is_in_utc(self) -> None:
        assert output.date(1_772_366_400) == "2026-03-01"
        assert output.date((1 << 37) + 1) == "6325-04-08"  # no record can claim much later

    @pytest.mark.parametrize(
        ("count", "shown"),
        [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (5 << 20, "5.0 MiB"),
            (3 << 30, "3.0 GiB"),
            (2 << 40, "2.0 TiB"),
        ],
    )
    def test_sizes_are_read_as_people_do(self, count: int, shown: str) -> None:
        assert output.size(count) == shown

    def test_a_bar_is_drawn_on_a_terminal_alone(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with output.progress("pulling") as begin:
            begin(10)(5)
        assert capsys.readouterr().err == ""
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        with output.progress("pulling") as begin:
            begin(10)(5)

    def test_a_question_is_asked_beside_the_data(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("click.confirm", lambda *_, **how: how["err"])
        assert output.ask("Make one?")


def test_text_that_standard_output_cannot_say_is_escaped(cli: Cli, released: Team) -> None:
    cli.folder = released.clone
    cli.ok("deprecate", "iris@1.0.0", "--reason", "花")
    ran = gitreg_process("history", "iris", folder=released.clone, PYTHONIOENCODING="latin-1")
    assert ran.returncode == 0
    assert "\\u82b1" in ran.stdout
