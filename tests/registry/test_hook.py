from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitreg.errors import SetupError
from gitreg.git.repository import Repository
from gitreg.registry.hook import install_hook
from tests.fixtures import Cli, Team, freeze, refs_of, run_git, write

FOREIGN = "#!/bin/sh\nsed 's/^/seen /' >{log}\nexit {status}\n"


def install(path: Path, *, server: bool = True) -> Path:
    return install_hook(Repository.discover(path), server=server).path


def line_to_add(path: Path) -> str:
    """What `install` tells to add to the hook that is there."""
    with pytest.raises(SetupError, match="there is a hook already") as caught:
        install(path)
    return str(caught.value.next_step).split(": ", 1)[1]


def push(team: Team, *specs: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(team.clone), "push", "origin", *specs]
    return subprocess.run(command, capture_output=True, check=False, text=True)


class TestInstalling:
    def test_on_a_server_it_is_a_program_that_everybody_may_run(self, team: Team) -> None:
        os.umask(mask := os.umask(0o077))
        path = install(team.origin)
        os.umask(mask)
        assert path == team.origin / "hooks/pre-receive"
        assert path.stat().st_mode & 0o777 == 0o755
        assert path.read_text().splitlines()[0] == "#!/bin/sh"
        assert f"exec {sys.executable} -I -m gitreg hook pre-receive" in path.read_text()

    def test_in_a_clone_it_is_the_pre_push_hook(self, team: Team) -> None:
        assert install(team.clone, server=False) == team.clone / ".git/hooks/pre-push"

    def test_a_linked_work_tree_has_the_hooks_of_its_clone(self, team: Team) -> None:
        team.git("worktree", "add", "-q", "--detach", str(team.folder / "linked"))
        path = install(team.folder / "linked", server=False)
        assert path == team.clone / ".git/hooks/pre-push"

    def test_a_second_time_changes_nothing(self, team: Team, cli: Cli) -> None:
        first = cli.ok("hook", "install", "--server", "--repo", team.origin).out
        before = freeze(team.origin)
        second = cli.ok("hook", "install", "--server", "--repo", team.origin).out
        assert freeze(team.origin) == before
        path = team.origin / "hooks/pre-receive"
        assert (first, second) == (f"{path} is in place\n", f"{path} is in place already\n")

    def test_here_is_the_default(self, team: Team, cli: Cli) -> None:
        cli.folder = team.clone / "models"
        assert cli.ok("hook", "install").out == f"{team.clone}/.git/hooks/pre-push is in place\n"

    def test_one_of_an_earlier_python_is_brought_up_to_date(self, team: Team) -> None:
        path = install(team.origin)
        now = path.read_text()
        path.write_text(now.replace(sys.executable, "'/opt/old python/bin/python'"))
        assert install_hook(Repository.discover(team.origin), server=True).changed
        assert path.read_text() == now

    def test_one_that_cannot_be_run_is_made_to(self, team: Team) -> None:
        path = install(team.origin)
        path.chmod(0o644)
        assert install_hook(Repository.discover(team.origin), server=True).changed
        assert path.stat().st_mode & 0o111

    def test_a_hook_that_was_changed_by_hand_stays(self, team: Team) -> None:
        path = install(team.origin)
        mine = path.read_text().replace("exec", "# mine\nexec")
        path.write_text(mine)
        line_to_add(team.origin)
        assert path.read_text() == mine


class TestWhereGitLooks:
    @pytest.fixture
    def hooks(self, home: Path) -> Path:
        run_git(home, "config", "--global", "core.hooksPath", "~/my hooks")
        return home / "my hooks"

    def test_the_users_own_folder_of_hooks_is_used(self, team: Team, hooks: Path) -> None:
        assert install(team.clone, server=False) == hooks / "pre-push"
        run_git(team.clone, "tag", "-f", "iris@v1.0.0", "main")
        assert "gitreg" not in push(team, "iris@v1.0.0").stderr  # it passes: no ledger has iris

    @pytest.mark.usefixtures("hooks")
    def test_the_repositorys_own_setting_wins(self, team: Team) -> None:
        team.git("config", "core.hooksPath", ".hooks")
        assert install(team.clone, server=False) == team.clone / ".hooks/pre-push"

    def test_on_a_server_too(self, team: Team, hooks: Path) -> None:
        assert install(team.origin) == hooks / "pre-receive"
        assert "gitreg refuses" in push(team, ":gitreg-ledger").stderr

    def test_hooks_that_are_turned_off_are_told(self, team: Team) -> None:
        run_git(team.origin, "config", "core.hooksPath", "/dev/null")
        with pytest.raises(SetupError, match=r"turned off: core\.hooksPath is /dev/null"):
            install(team.origin)


class TestAForeignHook:
    @pytest.fixture
    def foreign(self, team: Team, tmp_path: Path) -> Path:
        """A hook that writes what it reads to `log`, and says yes."""
        text = FOREIGN.format(log=tmp_path / "log", status=0)
        path = write(team.origin / "hooks/pre-receive", text)
        path.chmod(0o755)
        return path

    def test_it_is_never_overwritten(self, team: Team, foreign: Path, cli: Cli) -> None:
        before = foreign.read_text()
        said = cli.no("hook", "install", "--server", "--repo", team.origin)
        assert "next: add this as its second line: " in said
        assert foreign.read_text() == before

    def test_the_line_that_is_told_works_there(
        self, team: Team, foreign: Path, tmp_path: Path
    ) -> None:
        first, *rest = foreign.read_text().splitlines()
        foreign.write_text("\n".join([first, line_to_add(team.origin), *rest, ""]))
        assert not install_hook(Repository.discover(team.origin), server=True).changed
        before = refs_of(team.origin)
        assert "rule: ledger.deleted" in push(team, ":gitreg-ledger").stderr
        assert refs_of(team.origin) == before
        assert not (tmp_path / "log").exists()
        assert push(team, "main:topic").returncode == 0
        main = team.git("rev-parse", "main")
        assert (tmp_path / "log").read_text() == f"seen {'0' * 40} {main} refs/heads/topic\n"

    def test_what_the_foreign_hook_refuses_stays_refused(self, team: Team, tmp_path: Path) -> None:
        text = FOREIGN.format(log=tmp_path / "log", status=1)
        path = write(team.origin / "hooks/pre-receive", text)
        path.chmod(0o755)
        path.write_text(text.replace("#!/bin/sh", f"#!/bin/sh\n{line_to_add(team.origin)}"))
        assert push(team, "main:topic").returncode == 1

    def test_one_of_another_language_is_called_from_a_script(self, team: Team) -> None:
        path = write(team.origin / "hooks/pre-receive", f"#!{sys.executable}\nimport missing\n")
        path.chmod(0o755)
        with pytest.raises(SetupError, match="no shell script") as caught:
            install(team.origin)
        line = str(caught.value.next_step).split(": ", 1)[1]
        path.rename(f"{path}.own")
        path.write_text(f'#!/bin/sh\n{line}\nexec "$0.own" "$@"\n')
        path.chmod(0o755)
        assert "No module named 'missing'" in push(team, "main:topic").stderr
        assert "rule: ledger.deleted" in push(team, ":gitreg-ledger").stderr

    def test_in_a_clone_the_line_works_too(self, team: Team, tmp_path: Path) -> None:
        text = FOREIGN.format(log=tmp_path / "log", status=0)
        path = write(team.clone / ".git/hooks/pre-push", text)
        path.chmod(0o755)
        with pytest.raises(SetupError) as caught:
            install(team.clone, server=False)
        line = str(caught.value.next_step).split(": ", 1)[1]
        path.write_text(text.replace("#!/bin/sh", f"#!/bin/sh\n{line}"))
        assert "rule: ledger.deleted" in push(team, ":gitreg-ledger").stderr
        assert push(team, "main:topic").returncode == 0
        assert "refs/heads/topic" in (tmp_path / "log").read_text()


class TestWhatCannotBe:
    def test_a_clone_is_no_server(self, team: Team) -> None:
        with pytest.raises(SetupError, match="people push to a bare repository"):
            install(team.clone)

    def test_a_bare_repository_pushes_nothing(self, team: Team) -> None:
        with pytest.raises(SetupError, match="pushes nothing") as caught:
            install(team.origin, server=False)
        assert "--server" in str(caught.value.next_step)

    def test_a_gitreg_that_only_this_shell_finds_is_told(
        self, team: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Such as one that PYTHONPATH names: the hook would not find it."""
        monkeypatch.setattr("gitreg.__file__", "/elsewhere/gitreg/__init__.py")
        with pytest.raises(SetupError, match="only with the settings of your shell"):
            install(team.origin)
        assert not (team.origin / "hooks/pre-receive").exists()


def test_a_clone_whose_gitreg_is_gone_pushes_on(team: Team) -> None:
    path = install(team.clone, server=False)
    path.write_text(path.read_text().replace(sys.executable, "/nonexistent/python"))
    done = push(team, "main:topic")
    assert done.returncode == 0
    assert "gitreg is gone from here: gitreg hook install" in done.stderr
