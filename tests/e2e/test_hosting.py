"""A registry on a server: over a path, over SSH with git-shell alone, over smart HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.registry.hook import install_hook
from tests.fixtures import (
    Cli,
    Team,
    add_junk,
    ledger_length,
    make_repository,
    refs_of,
    run_git,
    write,
)
from tests.servers import serve_http, serve_ssh

# What a service may have of an environment: nothing of it is needed.
POOR = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
WAYS = ["path", "ssh", "http"]
DVC_CONFIG = "[core]\n    remote = storage\n['remote \"storage\"']\n    url = {url}\n"


@dataclass(frozen=True)
class Host:
    """Bare repositories in a folder, and the way to them."""

    folder: Path
    base: str

    def url(self, name: str) -> str:
        return f"{self.base}/{name}"

    def found(self, name: str = "origin.git") -> Path:
        """Make a bare repository with the hook of a server."""
        run_git(self.folder, "init", "--quiet", "--bare", name)
        self.enforce(name)
        return self.folder / name

    def enforce(self, name: str = "origin.git") -> None:
        install_hook(Repository.discover(self.folder / name), server=True)


@contextmanager
def serve(way: str, folder: Path, key: Path, patch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Serve the bare repositories of a folder; pushing is allowed."""
    if way == "ssh":
        with serve_ssh(folder / "sshd", key, environment=POOR) as server:
            patch.setenv("GIT_SSH_COMMAND", server.command)
            yield Host(folder, server.url(folder))
    elif way == "http":
        with serve_http(folder / "web", folder, environment=POOR) as web:
            web.log_in()
            yield Host(folder, web.url("").rstrip("/"))
    else:
        yield Host(folder, str(folder))


@pytest.fixture(params=WAYS)
def host(
    request: pytest.FixtureRequest,
    released: Team,
    alice_key: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Host]:
    """The released team's origin, served; Alice's clone knows it by this way."""
    with serve(request.param, released.folder, alice_key, monkeypatch) as host:
        released.git("remote", "set-url", "origin", host.url("origin.git"))
        yield host


class TestWithTheHook:
    def test_a_registry_lives_there(self, host: Host, cli: Cli, tmp_path: Path) -> None:
        bare = host.found("new.git")
        cli.folder = make_repository(tmp_path / "new")
        run_git(cli.folder, "remote", "add", "origin", host.url("new.git"))
        cli.ok("init")
        write(cli.folder / ".dvc/config", DVC_CONFIG.format(url=tmp_path / "storage"))
        model = write(cli.folder / "models/wine/model.skops", b"the first model")
        cli.ok("register", "--new", "wine", "--file", model, "--version", "1.0.0")
        cli.ok("promote", "wine@1.0.0", "--stage", "production")
        write(model, b"another model")
        cli.ok("register", "models/wine", "--bump", "minor", "--no-push")
        cli.ok("push")
        cli.ok("promote", "wine@1.1.0", "--stage", "production")
        cli.ok("rollback", "wine", "--stage", "production")
        cli.ok("vacate", "wine", "--stage", "production")
        run_git(cli.folder, "push", "-q", "origin", "main")
        assert ledger_length(bare) == 7
        assert len([ref for ref in refs_of(bare) if ref.startswith("refs/tags/wine")]) == 6
        assert "verified" in cli.ok("verify", "--deep", "--repo", bare).out

    def test_a_refusal_reaches_who_goes_around_gitreg(self, host: Host, released: Team) -> None:
        host.enforce()
        before = refs_of(released.origin)
        released.git("tag", "iris@v9.0.0", "main")
        done = subprocess.run(
            ["git", "-C", released.clone, "push", "origin", "main:topic", "--tags"],
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 1
        assert "remote: error: refs/tags/iris@v9.0.0: it looks like the registry's" in done.stderr
        assert refs_of(released.origin) == before

    def test_a_refusal_reaches_who_uses_gitreg(self, host: Host, released: Team, cli: Cli) -> None:
        host.enforce()
        add_junk(released.clone)
        before = refs_of(released.origin)
        cli.folder = released.clone
        said = cli.no("promote", "iris@1.1.0", "--stage", "production").splitlines()
        assert said[0] == (
            "error: origin refuses the new refs: [remote rejected] (pre-receive hook declined)"
        )
        assert said[1] == "  remote: gitreg refuses this push, and nothing was changed:"
        assert said[2].startswith("  remote: error: refs/heads/gitreg-ledger: commit ")
        assert said[3] == "  remote:   rule: ledger.void (docs/hosting.md)"
        assert said[4].startswith("  remote:   next: git branch -f gitreg-ledger")
        assert said[5] == "  next: do what the server says, or ask who runs it"
        assert refs_of(released.origin) == before

    def test_two_who_push_at_once_both_get_through(self, host: Host, released: Team) -> None:
        host.enforce()
        run_git(released.folder, "clone", "-q", host.url("origin.git"), "colleague")
        length = ledger_length(released.origin)
        commands = {
            released.clone: ("deprecate", "iris@1.0.0"),
            released.folder / "colleague": ("promote", "iris@1.1.0", "--stage", "production"),
        }
        processes = [
            subprocess.Popen(
                [sys.executable, "-P", "-m", "gitreg", *command],
                cwd=folder,
                env=os.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for folder, command in commands.items()
        ]
        said = [process.communicate()[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], said
        assert ledger_length(released.origin) == length + 2
        assert "refs/tags/iris#production#2" in refs_of(released.origin)


class TestWithoutAHook:
    def test_anybody_reads_and_proves_it_from_its_url(
        self, host: Host, released: Team, cli: Cli, tmp_path: Path
    ) -> None:
        cli.folder = tmp_path
        url = host.url("origin.git")
        root = f"sha256:{released.open().ledger.root}"
        if "://" not in url:
            url = released.url
        assert "verified" in cli.ok("verify", "--repo", url, "--root", root).out
        assert cli.ok("list", "--repo", url, "--json").json["models"][0]["name"] == "iris"
        shown = cli.ok("show", "iris@production", "--repo", url, "--json").json
        assert shown["version"] == "1.0.0"
        cli.ok("pull", "iris@1.0.0", "--repo", url, "-o", tmp_path / "out")
        assert (tmp_path / "out/model.skops").read_bytes() == b"the first model\n" * 100

    def test_somebody_writes_and_a_colleague_sees_it(
        self, host: Host, released: Team, cli: Cli
    ) -> None:
        run_git(released.folder, "clone", "-q", host.url("origin.git"), "colleague")
        cli.folder = released.clone
        cli.ok("promote", "iris@1.1.0", "--stage", "production")
        cli.folder = released.folder / "colleague"
        run_git(cli.folder, "pull", "-q", "--tags")
        assert cli.ok("show", "iris@production", "--json").json["version"] == "1.1.0"


def test_what_is_private_is_read_by_who_may(released: Team, cli: Cli, tmp_path: Path) -> None:
    with serve_http(tmp_path / "web", released.folder, private=True) as web:
        cli.folder = tmp_path
        said = cli.no("list", "--repo", web.url("origin.git"))
        assert "could not be reached" in said
        web.log_in()
        assert "iris" in cli.ok("list", "--repo", web.url("origin.git")).out


def test_what_the_hook_judges_is_in_quarantine(
    released: Team, alice_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused push leaves no object behind."""
    with serve("ssh", released.folder, alice_key, monkeypatch) as host:
        host.enforce()
        junk = add_junk(released.clone)
        url = host.url("origin.git")
        with pytest.raises(AssertionError, match=r"ledger\.void"):
            released.git("push", url, BRANCH)
    with pytest.raises(AssertionError):
        run_git(released.origin, "cat-file", "-e", junk)
