from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitreg.errors import SetupError, TransferError, UsageError
from gitreg.git import create
from gitreg.git.rejection import PushRejectedError
from gitreg.git.remote import Remote, check_url, is_url, ledger_remote
from gitreg.git.repository import Repository, git_version
from gitreg.git.transfer import fetch, list_refs, push
from tests.fixtures import make_repository, refs_of, run_git, write


@pytest.mark.parametrize(
    "url",
    [
        "https://host/x.git",
        "ssh://git@host/x",
        "file:///srv/x.git",
        "git@host:team/x.git",
        "/srv/x.git",
        "../x.git",
        "host:x",
    ],
)
def test_a_plain_url_is_handed_to_git(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c true",
        "fd::17",
        "-u/tmp/x",
        "--upload-pack=x",
        "ssh://-oProxyCommand=x/y",
        "ftp://host/x",
        "https://h/\n",
        "",
        "a::b",
    ],
)
def test_a_url_that_could_run_something_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="not a URL that gitreg hands to Git"):
        check_url(url)


def test_a_path_that_exists_is_no_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_url("host:x")
    (tmp_path / "host:x").mkdir()
    assert not is_url("host:x")
    assert is_url("file:///x")
    assert is_url("host:" + "x" * 300)
    assert is_url("ext::x")
    assert not is_url(".")


class TestTheLedgersRemote:
    def of(self, path: Path) -> str | None:
        remote = ledger_remote(Repository.discover(path))
        return remote.name if remote else None

    def test_it_is_none_without_remotes(self, repo: Path) -> None:
        assert self.of(repo) is None

    def test_it_is_the_only_one_or_origin_or_the_chosen_one(self, repo: Path) -> None:
        run_git(repo, "remote", "add", "up", "../up.git")
        assert self.of(repo) == "up"
        run_git(repo, "remote", "add", "side", "../side.git")
        with pytest.raises(SetupError, match="several remotes and none is origin"):
            self.of(repo)
        run_git(repo, "remote", "add", "origin", "../origin.git")
        assert self.of(repo) == "origin"
        run_git(repo, "config", "gitreg.remote", "side")
        assert self.of(repo) == "side"
        run_git(repo, "config", "gitreg.remote", "gone")
        with pytest.raises(SetupError, match="no such remote"):
            self.of(repo)

    def test_a_relative_path_is_relative_to_the_repository(self, repo: Path) -> None:
        run_git(repo, "remote", "add", "origin", "../origin.git")
        remote = ledger_remote(Repository.discover(repo))
        assert remote is not None
        assert remote.url == str(repo.parent / "origin.git")

    def test_a_url_that_could_run_something_is_refused(self, repo: Path) -> None:
        run_git(repo, "remote", "add", "origin", "ext::sh -c true")
        with pytest.raises(UsageError):
            self.of(repo)


def test_fetching_changes_no_ref_and_returns_what_is_there(repo: Path, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other")
    run_git(other, "tag", "a-tag")
    before = refs_of(repo)
    repository = Repository.discover(repo)
    found = fetch(repository, str(other), ["refs/heads/main", "refs/tags/*", "refs/heads/none"])
    head = run_git(other, "rev-parse", "main")
    assert found == {"refs/heads/main": head, "refs/tags/a-tag": head}
    assert refs_of(repo) == before
    assert repository.has_commit(head)


def test_a_push_goes_forward_only_and_all_or_nothing(repo: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    url = str(tmp_path / "bare.git")
    repository = Repository.discover(repo)
    first = run_git(repo, "rev-parse", "main")
    run_git(repo, "commit", "--quiet", "--allow-empty", "--message", "Second")
    second = run_git(repo, "rev-parse", "main")
    push(repository, url, [("refs/heads/x", second)])
    with pytest.raises(PushRejectedError, match="non-fast-forward"):
        push(repository, url, [("refs/heads/x", first), ("refs/heads/y", first)])
    assert refs_of(tmp_path / "bare.git") == {"refs/heads/x": second}


def test_what_a_server_says_to_a_refusal_is_told_line_by_line(repo: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    hook = write(
        tmp_path / "bare.git/hooks/pre-receive", "#!/bin/sh\necho no; echo '  ask'; exit 1"
    )
    hook.chmod(0o755)
    repository = Repository.discover(repo)
    head = run_git(repo, "rev-parse", "main")
    with pytest.raises(PushRejectedError) as caught:
        push(repository, str(tmp_path / "bare.git"), [("refs/heads/x", head)])
    assert caught.value.declined
    assert caught.value.said == ("no", "  ask")
    told = caught.value.told("origin")
    assert told.what == "origin refuses the new refs: [remote rejected] (pre-receive hook declined)"
    assert str(told).endswith("declined); no; ask")


@pytest.mark.parametrize("name", [b"not-utf-8-\xff", "line\N{LINE SEPARATOR}separator".encode()])
def test_a_ref_may_have_any_name_that_git_allows(repo: Path, tmp_path: Path, name: bytes) -> None:
    ref = f"refs/tags/{os.fsdecode(name)}"
    head = run_git(repo, "rev-parse", "main")
    run_git(repo, "update-ref", ref, head)
    repository = Repository.discover(repo)
    assert repository.refs("refs/tags/") == {ref: head}
    assert list_refs(repository, str(repo), "refs/tags/") == {ref: head}
    assert fetch(repository, str(repo), ["refs/tags/*"]) == {ref: head}


def test_a_remote_that_is_not_there_is_told(repo: Path, tmp_path: Path) -> None:
    repository = Repository.discover(repo)
    with pytest.raises(TransferError, match="could not be reached"):
        fetch(repository, str(tmp_path / "none"), ["refs/heads/main"])
    head = run_git(repo, "rev-parse", "main")
    with pytest.raises(TransferError, match="could not be reached"):
        push(repository, str(tmp_path / "none"), [("refs/heads/x", head)])


def test_repositories_are_created_and_cloned_for_people(tmp_path: Path) -> None:
    create.create(tmp_path / "a/b.git", bare=True)
    create.clone(str(tmp_path / "a/b.git"), tmp_path / "c")
    assert run_git(tmp_path / "c", "symbolic-ref", "HEAD") == "refs/heads/main"
    with pytest.raises(TransferError, match="could not be cloned"):
        create.clone(str(tmp_path / "none"), tmp_path / "d")


def test_gits_version_is_told() -> None:
    assert git_version().startswith("2.")


def test_without_git_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SetupError, match="git is not installed"):
        Repository.discover(tmp_path)


def test_refs_whose_names_only_begin_alike_are_not_fetched(repo: Path, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other")
    run_git(other, "commit", "--quiet", "--allow-empty", "--message", "Large")
    run_git(other, "branch", "main-of-another")
    run_git(other, "reset", "--quiet", "--hard", "HEAD^")
    fetch(Repository.discover(repo), str(other), ["refs/heads/main"])
    large = run_git(other, "rev-parse", "main-of-another")
    assert not Repository.discover(repo).has_commit(large)


def test_a_push_means_the_full_name_and_no_other_that_ends_in_it(
    repo: Path, tmp_path: Path
) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    url, head = str(tmp_path / "bare.git"), run_git(repo, "rev-parse", "main")
    run_git(repo, "push", "--quiet", url, "main:refs/heads/x", "main:refs/heads/refs/heads/x")
    run_git(repo, "commit", "--quiet", "--allow-empty", "--message", "Second")
    second = run_git(repo, "rev-parse", "main")
    push(Repository.discover(repo), url, [("refs/heads/x", second), ("refs/tags/y", head)])
    assert refs_of(tmp_path / "bare.git") == {
        "refs/heads/refs/heads/x": head,
        "refs/heads/x": second,
        "refs/tags/y": head,
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://git.example.org/team/x.git", "https://git.example.org/team/x.git"),
        ("https://ci:secret@git.example.org:8443/x", "https://git.example.org:8443/x"),
        ("https://secret@git.example.org/x@y", "https://git.example.org/x@y"),
        ("https://ci:sec@ret@git.example.org", "https://git.example.org"),
        ("ssh://git:secret@git.example.org/x", "ssh://git@git.example.org/x"),
        ("git@git.example.org:team/x", "git@git.example.org:team/x"),
        ("git.example.org:team/x", "git.example.org:team/x"),
        ("file:///srv/x@y.git", "file:///srv/x@y.git"),
        ("/srv/x.git", None),
    ],
)
def test_a_url_is_shown_to_others_without_what_lets_one_in(url: str, shown: str | None) -> None:
    assert Remote(name="origin", url=url, push_url=url).public_url == shown
