"""What a clone's hook stops, by real pushes to a server that would take everything."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.registry.hook import install_hook
from tests.fixtures import Cli, Team, add_junk, make_repository, refs_of, run_git, write


@pytest.fixture
def hooked(released: Team) -> Team:
    """A released team with the hook in Alice's clone."""
    install_hook(Repository.discover(released.clone), server=False)
    return released


@pytest.fixture
def ahead(hooked: Team) -> Team:
    """Alice's clone has a record, and its tag, that the server has not."""
    hooked.git("remote", "rename", "origin", "away")
    hooked.git("config", "remote.away.url", str(hooked.folder / "away.git"))
    run_git(hooked.folder, "clone", "-q", "--bare", str(hooked.origin), "away.git")
    hooked.open().promote("iris@1.1.0", stage="production")
    hooked.git("remote", "add", "origin", str(hooked.origin))
    hooked.git("fetch", "-q", "origin")
    return hooked


def push(team: Team, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(team.clone), "push", *words]
    return subprocess.run(command, capture_output=True, check=False, text=True)


def stop(team: Team, *specs: str, remote: str = "origin") -> list[str]:
    """Push what must be stopped before anything is sent; return the rules that are named."""
    before = refs_of(team.origin)
    done = push(team, remote, *specs)
    assert done.returncode == 1
    assert refs_of(team.origin) == before
    assert "gitreg stops this push; git push --no-verify sends it all the same:" in done.stderr
    assert "Traceback" not in done.stderr
    return re.findall(r"^  rule: (\S+) \(docs/hosting.md\)", done.stderr, flags=re.MULTILINE)


def passes(team: Team, *specs: str) -> str:
    """Push what must not be stopped; return what was said."""
    done = push(team, "origin", *specs)
    assert done.returncode == 0, done.stderr
    return done.stderr


class TestStopped:
    def test_tags_without_their_ledger(self, ahead: Team) -> None:
        assert stop(ahead, "--tags") == ["tag.alone"]
        assert stop(ahead, "--follow-tags", "main:topic") == ["tag.alone"]

    def test_a_ledger_without_its_tags(self, ahead: Team) -> None:
        assert stop(ahead, "gitreg-ledger") == ["tag.missing"]

    def test_a_tag_that_the_ledger_does_not_know(self, hooked: Team) -> None:
        hooked.git("tag", "iris@v9.0.0", "main")
        assert stop(hooked, "--tags") == ["tag.unknown"]

    def test_a_signed_tag_moved_or_deleted(self, hooked: Team) -> None:
        assert stop(hooked, "+main:refs/tags/iris@v1.0.0") == ["tag.moved"]
        assert stop(hooked, "--delete", "iris@v1.0.0") == ["tag.deleted"]

    def test_the_ledger_forced_back_or_deleted(self, hooked: Team) -> None:
        assert stop(hooked, "+gitreg-ledger~1:gitreg-ledger") == ["ledger.rewritten"]
        assert stop(hooked, "--delete", "gitreg-ledger") == ["ledger.deleted"]

    def test_the_ledger_forced_over_what_was_never_fetched(self, hooked: Team) -> None:
        hooked.git("update-ref", BRANCH, f"{BRANCH}~1")
        add_junk(hooked.origin)
        assert stop(hooked, "+gitreg-ledger") == ["ledger.rewritten"]

    def test_junk_in_the_ledger(self, hooked: Team) -> None:
        add_junk(hooked.clone)
        assert stop(hooked, "gitreg-ledger") == ["ledger.void"]

    def test_replace_refs_and_what_waits_here(self, hooked: Team) -> None:
        hooked.git("replace", "main", "main~1")
        hooked.git("update-ref", "refs/gitreg/pending", BRANCH)
        assert stop(hooked, "refs/*:refs/*") == ["replace", "private"]

    def test_all_by_a_mirror(self, hooked: Team) -> None:
        hooked.git("update-ref", "refs/gitreg/pending", BRANCH)
        assert stop(hooked, "--mirror") == ["private"]


class TestNotStopped:
    def test_ordinary_branches_and_tags(self, hooked: Team) -> None:
        hooked.git("tag", "v1", "main")
        hooked.git("tag", "wine@v1.0.0", "main")
        assert "gitreg" not in passes(hooked, "main:topic", "--tags")

    def test_ledger_and_tags_at_once(self, ahead: Team) -> None:
        passes(ahead, "gitreg-ledger", "--tags")

    def test_what_gitreg_pushes_itself(self, ahead: Team, cli: Cli) -> None:
        ahead.git("config", "gitreg.remote", "origin")
        cli.folder = ahead.clone
        cli.ok("push")
        assert refs_of(ahead.origin)[BRANCH] == ahead.git("rev-parse", BRANCH)

    def test_a_tag_that_somebody_deleted_there(self, hooked: Team) -> None:
        run_git(hooked.origin, "tag", "-d", "iris@v1.0.0")
        passes(hooked, "iris@v1.0.0")
        assert "refs/tags/iris@v1.0.0" in refs_of(hooked.origin)

    def test_what_a_person_insists_on(self, hooked: Team) -> None:
        hooked.git("tag", "iris@v9.0.0", "main")
        passes(hooked, "--no-verify", "--tags")

    def test_what_waits_for_gitreg_push_is_mentioned(self, hooked: Team) -> None:
        hooked.open().promote("iris@1.1.0", stage="production", publish=False)
        said = passes(hooked, "main:topic")
        assert "note: refs/gitreg/pending: signed records wait here" in said
        assert "next: gitreg push publishes them" in said

    def test_a_clone_without_a_ledger(self, repo: Path, tmp_path: Path) -> None:
        run_git(tmp_path, "init", "--quiet", "--bare", "origin.git")
        run_git(repo, "remote", "add", "origin", str(tmp_path / "origin.git"))
        install_hook(Repository.discover(repo), server=False)
        run_git(repo, "tag", "iris@v1.0.0")
        done = subprocess.run(
            ["git", "-C", repo, "push", "origin", "main", "--tags"],
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0
        assert "gitreg" not in done.stderr

    def test_branches_whatever_the_ledger_is(self, hooked: Team) -> None:
        """An ordinary push does not read it."""
        hooked.git("update-ref", BRANCH, "main")
        assert "gitreg" not in passes(hooked, "main:topic")


def test_nothing_of_the_work_tree_is_run(hooked: Team, tmp_path: Path) -> None:
    for name in ("gitreg", "click", "json", "sitecustomize"):
        write(hooked.clone / f"{name}.py", f"open({str(tmp_path / 'pwned')!r}, 'w')")
    assert stop(hooked, "--delete", "gitreg-ledger") == ["ledger.deleted"]
    assert not (tmp_path / "pwned").exists()


def test_a_repository_named_from_elsewhere_is_the_one_that_is_judged(
    hooked: Team, tmp_path: Path
) -> None:
    """With --git-dir Git runs the hook in a folder that is not the repository's."""
    other = make_repository(tmp_path / "other")
    done = subprocess.run(
        ["git", f"--git-dir={hooked.clone}/.git", "push", "origin", ":iris@v1.0.0"],
        cwd=other,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 1
    assert "rule: tag.deleted" in done.stderr


class TestInThisProcess:
    """What Git tells the hook, told by hand."""

    @pytest.fixture
    def judge(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, released: Team
    ) -> Callable[..., tuple[int, str]]:
        """Judge one ref that is set to `new` where it is `old`, at a remote."""

        def tell(ref: str, new: str, old: str | None, remote: str = "origin") -> tuple[int, str]:
            line = f"x {released.git('rev-parse', new)} {ref} {old or '0' * 40}\n"
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line.encode())))
            cli.folder = released.clone
            ran = cli("hook", "pre-push", remote, str(released.origin))
            assert not ran.out
            return ran.code, ran.err

        return tell

    @pytest.mark.parametrize(
        ("ref", "new"),
        [
            (BRANCH, BRANCH),
            ("refs/tags/iris@v1.0.0", "iris@v1.0.0"),
            ("refs/heads/topic", "main"),
        ],
    )
    def test_what_may_go_passes_silently(
        self, judge: Callable[..., tuple[int, str]], released: Team, ref: str, new: str
    ) -> None:
        assert judge(ref, new, refs_of(released.origin).get(ref)) == (0, "")

    @pytest.mark.parametrize(
        ("ref", "new", "rule"),
        [
            (BRANCH, f"{BRANCH}~1", "ledger.rewritten"),
            ("refs/tags/iris@v1.0.0", "main", "tag.moved"),
            ("refs/gitreg/sent", "main", "private"),
        ],
    )
    def test_what_may_not_is_told(
        self, judge: Callable[..., tuple[int, str]], released: Team, ref: str, new: str, rule: str
    ) -> None:
        code, said = judge(ref, new, refs_of(released.origin).get(ref))
        assert code == 1
        assert f"rule: {rule} (docs/hosting.md)" in said

    def test_of_a_remote_without_a_name_its_ledger_is_not_known(
        self, judge: Callable[..., tuple[int, str]], released: Team
    ) -> None:
        said = judge("refs/tags/iris@v1.0.0", "iris@v1.0.0", None, released.url)[1]
        assert "rule: tag.alone" in said

    def test_of_a_ledger_that_is_not_here_nothing_is_known(
        self, judge: Callable[..., tuple[int, str]]
    ) -> None:
        assert "rule: ledger.rewritten" in judge(BRANCH, BRANCH, "f" * 40)[1]

    def test_what_waits_here_is_noted(
        self, judge: Callable[..., tuple[int, str]], released: Team
    ) -> None:
        released.git("update-ref", "refs/gitreg/pending", BRANCH)
        code, said = judge("refs/heads/topic", "main", None)
        assert (code, said.split(":")[0]) == (0, "note")

    def test_a_failure_says_how_to_go_on(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, released: Team
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("of no person's making")

        monkeypatch.setattr("gitreg.registry.pre_push.judge_sent", fail)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
        cli.folder = released.clone
        said = cli.no("hook", "pre-push", "origin")
        assert "next: git push --no-verify goes on without gitreg" in said
