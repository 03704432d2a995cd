"""The servers of tests/servers.py are real ones: they authenticate, serve, and refuse."""

from __future__ import annotations

import shlex
import subprocess
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.fixtures import Team, run_git, write
from tests.servers import HOST, SFTP, serve_http, serve_ssh


@pytest.fixture
def ssh_folder(tmp_path: Path) -> Path:
    return tmp_path / "sshd"


def test_ssh_lets_a_key_in_and_runs_git_alone(
    team: Team, ssh_folder: Path, alice_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_ssh(ssh_folder, alice_key) as server:
        monkeypatch.setenv("GIT_SSH_COMMAND", server.command)
        heads = run_git(team.folder, "ls-remote", "--heads", server.url(team.origin))
        assert "refs/heads/gitreg-ledger" in heads
        address = ["-p", str(server.port), f"{server.user}@{HOST}"]
        done = subprocess.run(
            [*shlex.split(server.command), *address, "id"], capture_output=True, check=False
        )
        assert done.returncode
        assert b"unrecognized command" in done.stderr


def test_ssh_keeps_a_stranger_out(
    team: Team, ssh_folder: Path, alice_key: Path, bob_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_ssh(ssh_folder, alice_key) as server:
        stranger = server.command.replace(str(alice_key), str(bob_key))
        monkeypatch.setenv("GIT_SSH_COMMAND", stranger)
        with pytest.raises(AssertionError, match="Permission denied"):
            run_git(team.folder, "ls-remote", server.url(team.origin))
        server.authorize(bob_key)
        run_git(team.folder, "ls-remote", server.url(team.origin))


def test_sftp_moves_files(tmp_path: Path, ssh_folder: Path, alice_key: Path) -> None:
    write(tmp_path / "file", "bytes")
    with serve_ssh(ssh_folder, alice_key, options=SFTP) as server:
        options = shlex.split(server.command)[1:]
        address = f"sftp://{server.user}@{HOST}:{server.port}/{tmp_path}/file"
        subprocess.run(
            ["sftp", "-q", *options, address, str(tmp_path / "copy")],
            check=True,
            capture_output=True,
        )
    assert (tmp_path / "copy").read_text() == "bytes"


def test_http_serves_repositories_and_files(team: Team, tmp_path: Path) -> None:
    write(team.folder / "static/file", "bytes")
    with serve_http(tmp_path / "web", team.folder) as server:
        heads = run_git(team.folder, "ls-remote", "--heads", server.url("origin.git"))
        assert "refs/heads/gitreg-ledger" in heads
        connection = HTTPConnection(HOST, server.port)
        connection.request("GET", "/static/file")
        assert connection.getresponse().read() == b"bytes"
        connection.request("GET", "/static/other")
        assert connection.getresponse().status == 404
        connection.close()


def test_http_takes_pushes_of_who_logs_in(team: Team, tmp_path: Path) -> None:
    with serve_http(tmp_path / "web", team.folder) as server:
        push = ("push", server.url("origin.git"), "main:refs/heads/topic")
        with pytest.raises(AssertionError, match="could not read Username"):
            team.git(*push)
        server.log_in()
        team.git(*push)
    assert run_git(team.origin, "rev-parse", "topic") == team.git("rev-parse", "main")


def test_private_http_is_read_by_who_logs_in(team: Team, tmp_path: Path) -> None:
    with serve_http(tmp_path / "web", team.folder, private=True) as server:
        with pytest.raises(AssertionError, match="could not read Username"):
            team.git("ls-remote", server.url("origin.git"))
        server.log_in()
        team.git("ls-remote", server.url("origin.git"))
