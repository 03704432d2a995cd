"""Real servers on the loopback: OpenSSH's `sshd`, and lighttpd with `git http-backend`.

Both get a socket that listens already, so that nobody waits for them, and are gone at the end.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from tests.fixtures import make_key, run, write

HOST = "127.0.0.1"
GIT_SHELL = r'command="git-shell -c \"$SSH_ORIGINAL_COMMAND\"",restrict'
SFTP = 'command="internal-sftp",restrict'

_SSHD_CONFIG = """\
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
AuthenticationMethods publickey
KbdInteractiveAuthentication no
PermitUserRC no
PidFile none
StrictModes no
UsePAM no
Subsystem sftp internal-sftp
SetEnv {environment}
"""
_LIGHTTPD_CONFIG = """\
server.modules = ("mod_alias", "mod_setenv", "mod_auth", "mod_authn_file", "mod_cgi")
server.systemd-socket-activation = "enable"
server.bind = "{host}"
server.port = {port}
server.document-root = "{root}"
server.errorlog = "{folder}/errors.log"
alias.url = ("/git/" => "{backend}/")
auth.backend = "plain"
auth.backend.plain.userfile = "{folder}/users"
$HTTP["url"] =~ "^/git/" {{
  cgi.assign = ("" => "")
  setenv.set-environment = ({environment})
}}
$HTTP["url"] =~ "{locked}" {{ auth.require = ("" => {basic}) }}
$HTTP["querystring"] =~ "service=git-receive-pack" {{ auth.require = ("" => {basic}) }}
"""
_BASIC = '("method" => "basic", "realm" => "git", "require" => "valid-user")'


def require_program(name: str) -> str:
    """Return the full path of a server's program, or skip the test that needs it."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@dataclass(frozen=True)
class SshServer:
    """A running `sshd`, and what a client needs to reach it."""

    folder: Path
    port: int
    user: str
    key: Path
    known_hosts: Path

    def url(self, path: Path) -> str:
        """Return the URL of a repository or folder of this machine."""
        return f"ssh://{self.user}@{HOST}:{self.port}{path}"

    @property
    def command(self) -> str:
        """The `ssh` that reaches the server, such as for GIT_SSH_COMMAND."""
        options = {
            "UserKnownHostsFile": self.known_hosts,
            "IdentityFile": self.key,
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
        }
        words = " ".join(f"-o {name}={value}" for name, value in options.items())
        return f"ssh -F /dev/null {words}"

    def authorize(self, key: Path, options: str = "restrict") -> None:
        """Let in one more private key, under the options of authorized_keys(5)."""
        public = key.with_suffix(".pub").read_text(encoding="utf-8").strip()
        with (self.folder / "authorized_keys").open("a", encoding="utf-8") as file:
            file.write(f"{options} {public}\n")


@contextmanager
def serve_ssh(
    folder: Path,
    key: Path,
    *,
    options: str = GIT_SHELL,
    environment: Mapping[str, str] | None = None,
) -> Iterator[SshServer]:
    """Run `sshd` for the current user; its files, and the home of who logs in, are in `folder`.

    `key` is the private key that is let in, under the `options` of authorized_keys(5);
    `environment` comes on top of what a session has.
    """
    program = require_program("sshd")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    home = folder / "home"
    home.mkdir(parents=True)
    values = {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"} | dict(environment or {})
    words = " ".join(f'"{name}={value}"' for name, value in values.items())
    config = write(folder / "sshd_config", _SSHD_CONFIG.format(folder=folder, environment=words))
    make_key(folder / "host_key")
    # One process a connection, as inetd runs it: there is no daemon to wait for.
    arguments = [program, "-i", "-f", str(config), "-E", str(folder / "sshd.log")]
    with _accept(arguments) as port:
        host_key = (folder / "host_key.pub").read_text(encoding="utf-8")
        server = SshServer(
            folder=folder,
            port=port,
            user=getpass.getuser(),
            key=key,
            known_hosts=write(folder / "known_hosts", f"[{HOST}]:{port} {host_key}"),
        )
        server.authorize(key, options)
        yield server


@contextmanager
def _accept(arguments: Sequence[str]) -> Iterator[int]:
    """Run a command over each connection to a port of the loopback; yield the port."""

    class Session(BaseRequestHandler):
        def handle(self) -> None:
            subprocess.run(
                arguments,
                stdin=self.request,
                stdout=self.request,
                stderr=subprocess.DEVNULL,
                check=False,
            )

    with ThreadingTCPServer((HOST, 0), Session) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class WebServer:
    """A running web server: files below `/`, repositories below `/git/`."""

    folder: Path
    port: int
    user: str = "alice"
    password: str = "a-password-of-hers"

    @property
    def address(self) -> str:
        """The URL of what is served as plain files."""
        return f"http://{HOST}:{self.port}"

    def url(self, name: str) -> str:
        """Return the URL of a repository, by its path below the served folder."""
        return f"{self.address}/git/{name}"

    def log_in(self) -> None:
        """Store the password where Git of this test's home looks for it."""
        store = write(
            self.folder / "credentials",
            f"http://{self.user}:{self.password}@{HOST}:{self.port}\n",
        )
        run("git", "config", "--global", "credential.helper", f"store --file={store}")


@contextmanager
def serve_http(
    folder: Path,
    root: Path,
    *,
    private: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[WebServer]:
    """Run lighttpd over `root`; its own files are in `folder`.

    Everybody may read, and who logs in may push; where it is `private`, only they may read
    repositories. `environment` comes on top of what `git http-backend` has.
    """
    program = require_program("lighttpd")
    folder.mkdir(parents=True, exist_ok=True)
    listener = socket.create_server((HOST, 0))
    server = WebServer(folder, listener.getsockname()[1])
    write(folder / "users", f"{server.user}:{server.password}\n")
    values = {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
    } | dict(environment or {})
    config = write(
        folder / "lighttpd.conf",
        _LIGHTTPD_CONFIG.format(
            host=HOST,
            port=server.port,
            root=root,
            folder=folder,
            backend=Path(run("git", "--exec-path").strip()) / "git-http-backend",
            environment=", ".join(f'"{name}" => "{value}"' for name, value in values.items()),
            locked="^/git/" if private else "^/git/.*/git-receive-pack$",
            basic=_BASIC,
        ),
    )
    with listener:
        process = _start_with_socket([program, "-D", "-f", str(config)], listener, home=folder)
    try:
        yield server
    finally:
        process.terminate()
        process.wait()


def _start_with_socket(
    arguments: Sequence[str], listener: socket.socket, *, home: Path
) -> subprocess.Popen[bytes]:
    """Start a daemon that takes over a listening socket, by systemd's protocol (sd_listen_fds)."""
    script = 'exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
    return subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", *arguments],
        env={"PATH": os.defpath, "HOME": str(home)},
        stdin=listener.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
