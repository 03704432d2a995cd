"""What a server with gitreg's hook refuses: each by a real push to a real bare repository."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.appending import Draft, append, complete
from gitreg.ledger.reading import read_ledger
from gitreg.registry.hook import install_hook
from gitreg.signing import sign
from tests.fixtures import (
    Cli,
    Team,
    add_junk,
    forge,
    make_repository,
    refs_of,
    run_git,
    signer_of,
    store_tree,
    write,
)

DAY = 86_400


@pytest.fixture
def hooked(released: Team) -> Team:
    """A released team whose server has the hook."""
    install_hook(Repository.discover(released.origin), server=True)
    return released


def push(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Push with Git alone, as somebody who goes around gitreg."""
    command = ["git", "-C", str(folder), "push", "--no-verify", *words]
    return subprocess.run(command, capture_output=True, check=False, text=True)


def refuse(team: Team, *specs: str, folder: Path | None = None) -> list[str]:
    """Push what must be refused whole; return the rules that the server names."""
    before = refs_of(team.origin)
    done = push(folder or team.clone, str(team.origin), *specs)
    assert done.returncode == 1
    assert refs_of(team.origin) == before
    assert "remote: gitreg refuses this push, and nothing was changed:" in done.stderr
    assert "Traceback" not in done.stderr
    rules = re.findall(r"remote:   rule: (\S+) \(docs/hosting.md\)", done.stderr)
    assert len(re.findall(r"remote:   next: \S", done.stderr)) == len(rules)
    return rules


def accept(team: Team, *specs: str) -> None:
    """Push what must be taken."""
    done = push(team.clone, str(team.origin), *specs)
    assert done.returncode == 0, done.stderr


def draft_of(team: Team, action: str = "deprecate", **fields: object) -> Draft:
    """A record about iris 1.0.0 that Alice may write."""
    commit = team.git("rev-parse", "iris@v1.0.0^{commit}")
    about = {"model": "iris", "version": "1.0.0", **fields}
    return Draft(action=action, object=commit, fields=about)  # type: ignore[arg-type]


def signed(folder: Path, team: Team, key: Path, when: int) -> str:
    """Sign a valid record at that time on top of the ledger of a repository; move no ref."""
    repository = Repository.discover(folder)
    ledger = read_ledger(repository, run_git(folder, "rev-parse", BRANCH))
    return append(repository, ledger, draft_of(team), signer_of(key, time=when)).commit


class TestTheLedger:
    def test_it_cannot_be_deleted(self, hooked: Team) -> None:
        assert refuse(hooked, ":gitreg-ledger") == ["ledger.deleted"]

    def test_its_newest_record_cannot_be_taken_away(self, hooked: Team) -> None:
        assert refuse(hooked, "+gitreg-ledger~1:gitreg-ledger") == ["ledger.rewritten"]

    def test_it_cannot_be_replaced_by_another_branch(self, hooked: Team) -> None:
        assert refuse(hooked, "+main:gitreg-ledger") == ["ledger.rewritten"]

    def test_a_merge_that_puts_it_second_is_no_continuation(self, hooked: Team) -> None:
        tree, tip = hooked.git("rev-parse", f"{BRANCH}^{{tree}}"), hooked.git("rev-parse", BRANCH)
        merge = hooked.git("commit-tree", tree, "-p", "main", "-p", tip, "-m", "Merge")
        assert refuse(hooked, f"{merge}:{BRANCH}") == ["ledger.rewritten"]

    def test_a_merge_that_puts_it_first_carries_no_record(self, hooked: Team) -> None:
        tree, tip = hooked.git("rev-parse", f"{BRANCH}^{{tree}}"), hooked.git("rev-parse", BRANCH)
        merge = hooked.git("commit-tree", tree, "-p", tip, "-p", "main", "-m", "Merge")
        assert refuse(hooked, f"{merge}:{BRANCH}") == ["ledger.void"]

    def test_another_registry_is_refused_as_that(self, hooked: Team, cli: Cli) -> None:
        cli.folder = make_repository(hooked.folder / "other")
        cli.ok("init")
        rules = refuse(hooked, "+gitreg-ledger:gitreg-ledger", folder=cli.folder)
        assert rules == ["ledger.other"]

    def test_junk_is_refused_wherever_it_lies(self, hooked: Team, alice_key: Path) -> None:
        add_junk(hooked.clone)
        assert refuse(hooked, BRANCH) == ["ledger.void"]
        forge(hooked.clone, draft_of(hooked), alice_key)
        assert refuse(hooked, BRANCH)[0] == "ledger.void"

    def test_a_strangers_record_is_refused(self, hooked: Team, bob_key: Path) -> None:
        forge(hooked.clone, draft_of(hooked), bob_key)
        done = push(hooked.clone, "origin", BRANCH)
        assert "by the rule signer: the signing key is of nobody" in done.stderr
        assert refuse(hooked, BRANCH) == ["ledger.void"]

    def test_a_record_that_breaks_a_rule_is_refused(self, hooked: Team, alice_key: Path) -> None:
        report = {"verdict": "approve", "stage": "production", "seq": 9, "report": None}
        forge(hooked.clone, draft_of(hooked, "approve", **report), alice_key)
        assert "ledger.void" in refuse(hooked, BRANCH)

    def test_many_void_commits_are_told_in_short(self, hooked: Team) -> None:
        for _ in range(12):
            add_junk(hooked.clone)
        done = push(hooked.clone, "origin", BRANCH)
        assert "remote: and 2 more" in done.stderr
        assert refuse(hooked, BRANCH) == ["ledger.void"] * 10

    def test_a_record_far_ahead_of_the_clock_is_refused(
        self, hooked: Team, alice_key: Path
    ) -> None:
        commit = signed(hooked.clone, hooked, alice_key, int(time.time()) + 2 * DAY)
        assert refuse(hooked, f"{commit}:{BRANCH}") == ["time.ahead"]

    def test_a_record_less_than_a_day_ahead_is_taken(self, hooked: Team, alice_key: Path) -> None:
        commit = signed(hooked.clone, hooked, alice_key, int(time.time()) + DAY // 2)
        accept(hooked, f"{commit}:{BRANCH}")

    def test_a_ledger_begins_with_a_record_0(self, tmp_path: Path, repo: Path) -> None:
        run_git(tmp_path, "init", "--quiet", "--bare", "team.git")
        install_hook(Repository.discover(tmp_path / "team.git"), server=True)
        done = push(repo, str(tmp_path / "team.git"), f"main:{BRANCH}")
        assert "rule: ledger.void" in done.stderr
        tag_object = run_git(repo, "rev-parse", "main^{tree}")
        done = push(repo, str(tmp_path / "team.git"), f"{tag_object}:{BRANCH}")
        assert done.returncode == 1
        assert refs_of(tmp_path / "team.git") == {}

    def test_who_did_not_see_the_newest_record_changes_nothing(
        self, hooked: Team, alice_key: Path
    ) -> None:
        """Between what Git read of the server and what it sends, somebody else is faster."""
        colleague = hooked.colleague()
        run_git(colleague, "branch", "gitreg-ledger", "origin/gitreg-ledger")
        for clone, when in ((hooked.clone, 1), (colleague, 2)):
            run_git(clone, "update-ref", BRANCH, signed(clone, hooked, alice_key, when))
        faster = f"#!/bin/sh\nexec git -C {colleague} push --no-verify -q origin {BRANCH}\n"
        write(hooked.clone / ".git/hooks/pre-push", faster).chmod(0o755)
        command = ["git", "-C", str(hooked.clone), "push", "origin", BRANCH, "main:topic"]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        assert "refs/heads/gitreg-ledger: it has changed meanwhile" in done.stderr
        refs = refs_of(hooked.origin)
        assert refs[BRANCH] == run_git(colleague, "rev-parse", BRANCH)
        assert "refs/heads/topic" not in refs


class TestTags:
    def test_a_signed_tag_cannot_be_deleted(self, hooked: Team) -> None:
        assert refuse(hooked, ":refs/tags/iris@v1.0.0") == ["tag.deleted"]

    def test_a_signed_tag_cannot_be_moved(self, hooked: Team) -> None:
        assert refuse(hooked, "+main:refs/tags/iris@v1.0.0") == ["tag.moved"]
        assert refuse(hooked, "+iris#staging#1:refs/tags/iris#production#1") == ["tag.moved"]

    def test_a_tag_that_the_ledger_does_not_know_is_refused(self, hooked: Team) -> None:
        hooked.git("tag", "iris@v9.0.0", "main")
        hooked.git("tag", "-a", "-m", "x", "iris#production#9", "main")
        rules = refuse(hooked, "refs/tags/iris@v9.0.0", "refs/tags/iris#production#9")
        assert rules == ["tag.unknown"] * 2

    def test_a_signed_tag_under_another_name_is_refused(self, hooked: Team) -> None:
        spec = "refs/tags/iris#production#1:refs/tags/iris#production#2"
        assert refuse(hooked, spec) == ["tag.unknown"]

    def test_a_record_without_its_tag_is_refused(self, hooked: Team) -> None:
        elsewhere(hooked)
        assert refuse(hooked, BRANCH) == ["tag.missing"]

    def test_a_tag_without_its_record_is_refused(self, hooked: Team) -> None:
        elsewhere(hooked)
        assert refuse(hooked, "refs/tags/iris#production#2") == ["tag.unknown"]

    def test_a_record_with_another_tag_is_refused(self, hooked: Team) -> None:
        elsewhere(hooked)
        rules = refuse(hooked, BRANCH, "main:refs/tags/iris#production#2")
        assert rules == ["tag.missing", "tag.moved"]

    def test_a_record_with_its_tag_is_taken(self, hooked: Team) -> None:
        elsewhere(hooked)
        accept(hooked, BRANCH, "refs/tags/iris#production#2")

    def test_a_record_whose_tag_came_first_is_taken(self, hooked: Team) -> None:
        """As it may be on a server that had no hook then."""
        elsewhere(hooked)
        run_git(hooked.origin, "fetch", "-q", str(hooked.clone), "refs/tags/*:refs/tags/*")
        accept(hooked, BRANCH)

    def test_a_deleted_tag_comes_back(self, hooked: Team, cli: Cli) -> None:
        before = refs_of(hooked.origin)
        run_git(hooked.origin, "tag", "-d", "iris@v1.0.0")
        accept(hooked, "refs/tags/iris@v1.0.0")
        run_git(hooked.origin, "tag", "-f", "iris@v1.1.0", "main")
        cli.folder = hooked.clone
        cli.ok("tags", "restore")
        assert refs_of(hooked.origin) == before

    def test_a_tag_that_was_planted_before_can_be_removed(self, hooked: Team) -> None:
        run_git(hooked.origin, "tag", "iris@v9.0.0", "main")
        accept(hooked, ":refs/tags/iris@v9.0.0")

    def test_other_tags_and_branches_pass(self, hooked: Team) -> None:
        hooked.git("tag", "wine@v1.0.0", "main")
        hooked.git("tag", "v1", "main")
        accept(hooked, "main:topic", "refs/tags/wine@v1.0.0", "refs/tags/v1")
        accept(hooked, "+main~1:topic", ":refs/tags/wine@v1.0.0", ":refs/tags/v1")


def elsewhere(team: Team) -> None:
    """Promote iris 1.1.0 where the server does not see it: the clone has ledger and tag."""
    team.git("remote", "rename", "origin", "away")
    team.git("config", "remote.away.url", str(team.folder / "away.git"))
    run_git(team.folder, "clone", "-q", "--bare", str(team.origin), "away.git")
    team.open().promote("iris@1.1.0", stage="production")


class TestTheWholePush:
    def test_replace_refs_are_refused(self, hooked: Team) -> None:
        hooked.git("replace", "main", "main~1")
        assert refuse(hooked, "refs/replace/*:refs/replace/*") == ["replace"]

    def test_one_refusal_refuses_all(self, hooked: Team) -> None:
        hooked.git("tag", "iris@v9.0.0", "main")
        assert refuse(hooked, "main:topic", "refs/tags/iris@v9.0.0") == ["tag.unknown"]

    def test_a_ledger_that_cannot_be_read_lets_nothing_of_the_registry_in(
        self, hooked: Team, alice_key: Path
    ) -> None:
        plant_later_record(hooked, alice_key)
        done = push(hooked.clone, "origin", "iris@v1.0.0:refs/tags/iris@v5.0.0")
        assert done.returncode == 1
        assert "gitreg cannot judge this push, so it is refused" in done.stderr
        assert "upgrade gitreg" in done.stderr
        accept(hooked, "main:topic")

    @pytest.mark.parametrize(
        ("what", "how"),
        [
            (":record", "damaged"),
            (":model.json", "gone"),
            ("^{tree}", "gone"),
            ("^{commit}", "gone"),
        ],
    )
    def test_a_ledger_that_is_damaged_lets_nothing_of_the_registry_in(
        self, hooked: Team, what: str, how: str
    ) -> None:
        """One object of a registration is lost: its commit, its tree, or a file of it."""
        elsewhere(hooked)
        damage(hooked.origin, run_git(hooked.origin, "rev-parse", f"{BRANCH}~4{what}"), how)
        before = refs_of(hooked.origin)
        new = (BRANCH, "refs/tags/iris#production#2")
        for specs in (new, ("main:refs/tags/iris@v9.0.0",), (":refs/tags/iris@v1.0.0",)):
            done = push(hooked.clone, str(hooked.origin), *specs)
            assert done.returncode == 1
            assert "gitreg cannot judge this push, so it is refused" in done.stderr
            assert "remote:   next: " in done.stderr
            assert "Traceback" not in done.stderr
        assert refs_of(hooked.origin) == before
        hooked.git("tag", "v1", "main")
        accept(hooked, "main:topic", "refs/tags/v1")

    def test_without_its_python_nothing_is_taken(self, hooked: Team) -> None:
        hook = hooked.origin / "hooks/pre-receive"
        hook.write_text(hook.read_text().replace(sys.executable, "/nonexistent/python"))
        before = refs_of(hooked.origin)
        assert push(hooked.clone, "origin", "main:topic").returncode == 1
        assert refs_of(hooked.origin) == before

    def test_nothing_of_the_repository_is_run_or_asked(
        self, hooked: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("gitreg", "click", "json", "sitecustomize", "usercustomize"):
            write(hooked.origin / f"{name}.py", f"open({str(tmp_path / 'pwned')!r}, 'w')")
        monkeypatch.setenv("PYTHONPATH", str(hooked.origin))
        monkeypatch.setenv("PYTHONSTARTUP", str(hooked.origin / "json.py"))
        run_git(hooked.origin, "config", "core.fsmonitor", f"touch {tmp_path / 'pwned'}")
        monkeypatch.delenv("HOME")
        assert refuse(hooked, ":gitreg-ledger") == ["ledger.deleted"]
        assert not (tmp_path / "pwned").exists()

    def test_a_namespace_is_not_judged_by_other_refs(
        self, hooked: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_NAMESPACE", "team")
        done = push(hooked.clone, "origin", "main:topic")
        assert done.returncode == 1
        assert "gitreg does not know Git's namespaces" in done.stderr


def damage(bare: Path, name: str, how: str) -> None:
    """Lose an object of a bare repository, or leave something else in its file."""
    file = bare / "objects" / name[:2] / name[2:]
    file.unlink()
    if how == "damaged":
        write(file, b"not an object")


def plant_later_record(team: Team, key: Path) -> None:
    """Put a record of a later format, that the root signed, into the server's ledger."""
    repository = Repository.discover(team.origin)
    tip = run_git(team.origin, "rev-parse", BRANCH)
    ledger = read_ledger(repository, tip)
    record = complete(ledger, draft_of(team), signer_of(key), like=repository.zero)
    payload = record.payload().replace(b"Gitreg: 1", b"Gitreg: 2")
    tree = store_tree(repository, {"record": payload + sign(payload, signer_of(key).key).encode()})
    commit = run_git(team.origin, "commit-tree", tree, "-p", tip, "-m", "Later")
    run_git(team.origin, "update-ref", BRANCH, commit)


class TestInThisProcess:
    """What Git tells the hook, told by hand; the objects are on the server already."""

    @pytest.fixture
    def judge(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, released: Team
    ) -> Callable[..., tuple[int, str]]:
        """Judge `(ref, new)` pairs, with the refs as they are; `old` says otherwise."""

        def tell(*updates: tuple[str, str], old: str | None = None) -> tuple[int, str]:
            refs, zero = refs_of(released.origin), "0" * 40
            text = "".join(f"{old or refs.get(ref, zero)} {new} {ref}\n" for ref, new in updates)
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
            cli.folder = released.origin
            ran = cli("hook", "pre-receive")
            assert not ran.out
            return ran.code, ran.err

        return tell

    def test_what_may_come_passes_silently(
        self, judge: Callable[..., tuple[int, str]], released: Team
    ) -> None:
        refs = refs_of(released.origin)
        ordinary = ("refs/heads/topic", refs["refs/heads/main"])
        assert judge(ordinary) == (0, "")
        assert judge(ordinary, (BRANCH, refs[BRANCH])) == (0, "")

    def test_a_push_that_does_not_concern_the_registry_reads_no_ledger(
        self, judge: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise AssertionError

        monkeypatch.setattr("gitreg.ledger.indexed.open_ledger", fail)
        ordinary = (
            "refs/heads/topic",
            "refs/heads/gitreg-ledger-2",
            "refs/tags/v1",
            "refs/notes/x",
        )
        assert judge(*((ref, "f" * 40) for ref in ordinary)) == (0, "")
        assert judge(("refs/heads/topic", "0" * 40)) == (0, "")
        assert judge((BRANCH, "f" * 40))[0] == 1
        assert judge(("refs/tags/other@v1.0.0", "f" * 40))[0] == 1

    @pytest.mark.parametrize(
        ("ref", "new", "rule"),
        [
            (BRANCH, "0" * 40, "ledger.deleted"),
            (BRANCH, "main", "ledger.rewritten"),
            (BRANCH, "main^{tree}", "ledger.rewritten"),
            (BRANCH, "f" * 40, "ledger.rewritten"),
            ("refs/tags/iris@v1.0.0", "main", "tag.moved"),
            ("refs/replace/x", "main", "replace"),
        ],
    )
    def test_what_may_not_is_told(
        self,
        judge: Callable[..., tuple[int, str]],
        released: Team,
        ref: str,
        new: str,
        rule: str,
    ) -> None:
        code, said = judge((ref, run_git(released.origin, "rev-parse", new)))
        assert code == 1
        assert f"rule: {rule} (docs/hosting.md)" in said

    def test_what_is_read_of_a_push_is_judged(
        self, judge: Callable[..., tuple[int, str]], released: Team, alice_key: Path
    ) -> None:
        before = refs_of(released.origin)
        junk = add_junk(released.origin)
        ahead = signed(released.origin, released, alice_key, int(time.time()) + 9 * DAY)
        assert judge((BRANCH, junk), old=before[BRANCH])[1].count("moved-on") == 1
        run_git(released.origin, "update-ref", BRANCH, before[BRANCH])
        assert "rule: ledger.void" in judge((BRANCH, junk))[1]
        assert "rule: time.ahead" in judge((BRANCH, ahead))[1]

    def test_a_failure_of_gitreg_refuses_in_a_sentence(
        self, judge: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("of no person's making")

        monkeypatch.setattr("gitreg.registry.pre_receive.judge_received", fail)
        code, said = judge(("refs/heads/topic", "f" * 40))
        assert code == 1
        assert "so it is refused (RuntimeError: of no person's making)" in said
        assert "next: tell who runs this server" in said
        assert "Traceback" not in said

    def test_what_is_not_from_git_is_refused(self, judge: Callable[..., tuple[int, str]]) -> None:
        code, said = judge(("refs/heads/topic\n", "f" * 40))
        assert code == 1
        assert "this is not what Git tells a pre-receive hook" in said
