"""A registry with all that belongs to it in one folder, to copy and to run commands on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

from tests.e2e.kill_at import Outcome, Request
from tests.fixtures import EMAIL, NAME, make_key, run_git

_HERE = Path(__file__).parent


class CommandLine:
    """The real command line, in forks of a process that has imported it all."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, _HERE / "kill_at.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_HERE.parent.parent,
            text=True,
        )
        self._requests = cast("IO[str]", self._process.stdin)
        self._answers = cast("IO[str]", self._process.stdout)

    def run(self, request: Request) -> Outcome:
        """Run one command to its end."""
        self._requests.write(json.dumps(asdict(request)) + "\n")
        self._requests.flush()
        return Outcome(**json.loads(self._answers.readline()))

    def close(self) -> None:
        """End the process."""
        self._requests.close()
        self._answers.close()
        self._process.wait()


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A folder with a home, an origin, a clone and a DVC remote; it may be copied anywhere."""

    folder: Path
    command_line: CommandLine

    @property
    def clone(self) -> Path:
        """Where the commands run."""
        return self.folder / "clone"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make `home` the home."""
        home = self.folder / "home"
        return {
            "HOME": str(home),
            "TMPDIR": str(self.folder / "tmp"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "XDG_STATE_HOME": str(home / ".local/state"),
            "DVC_SITE_CACHE_DIR": str(home / ".cache/dvc-site"),
            **{
                name: value
                for name, value in os.environ.items()
                if name.startswith(("DVC_NO", "DVC_GLOBAL", "DVC_SYSTEM", "GIT_", "LC_", "TZ"))
            },
        }

    def copy(self, folder: Path) -> World:
        """Copy all of it to `folder`."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return World(folder=folder, command_line=self.command_line)

    def gitreg(
        self,
        *arguments: str,
        folder: Path | None = None,
        kill: int | None = None,
        after: bool = False,
    ) -> Outcome:
        """Run gitreg in the clone, or in `folder`."""
        return self.command_line.run(
            Request(
                arguments=list(arguments),
                folder=str(folder or self.clone),
                environment=self.environment,
                kill=kill,
                after=after,
            )
        )

    def must(self, *arguments: str, folder: Path | None = None) -> str:
        """Run gitreg, which must succeed, and return what it printed."""
        outcome = self.gitreg(*arguments, folder=folder)
        assert outcome.status == 0, f"gitreg {' '.join(arguments)}: {outcome.stderr}"
        return outcome.stdout

    def verify(self, *options: str, folder: Path | None = None) -> dict[str, Any]:
        """Prove the registry without a finding of any kind, and return what was proven."""
        outcome = self.gitreg("verify", "--json", *options, folder=folder)
        assert outcome.status == 0, outcome.stdout + outcome.stderr
        proof: dict[str, Any] = json.loads(outcome.stdout)
        assert proof["findings"] == []
        assert proof["records"]["void"] == 0
        return proof

    def clone_again(self, name: str) -> Path:
        """Return a fresh clone of the origin."""
        run_git(self.folder, "clone", "--quiet", "--template=", "origin.git", name)
        run_git(self.folder / name, "remote", "set-url", "origin", "../origin.git")
        return self.folder / name

    def records(self, action: str, folder: Path | None = None) -> list[str]:
        """Return the titles of the records of one action, in the local ledger."""
        where = folder or self.clone
        log = run_git(where, "log", "--format=%B%x00", "--reverse", "gitreg-ledger")
        messages = [message.strip() for message in log.split("\0")]
        return [text.split("\n")[0] for text in messages if f"\nAction: {action}\n" in text]


def make_world(folder: Path, command_line: CommandLine) -> World:
    """Make a home, an empty origin, a clone with one commit, and a place for a DVC remote."""
    (folder / "home" / ".ssh").mkdir(parents=True, mode=0o700)
    make_key(folder / "home" / ".ssh" / "id_ed25519")
    (folder / "tmp").mkdir()
    run_git(folder, "init", "--quiet", "--bare", "--template=", "origin.git")
    world = World(folder=folder, command_line=command_line)
    clone = world.clone_again("clone")
    (clone / "README.md").write_text("Models.\n", encoding="utf-8")
    run_git(clone, "add", ".")
    run_git(clone, "-c", f"user.name={NAME}", "-c", f"user.email={EMAIL}", "commit", "-qm", "Begin")
    run_git(clone, "push", "--quiet", "origin", "HEAD")
    return world


def start_registry(world: World) -> None:
    """Begin the registry, with a DVC remote."""
    world.must("init")
    config = world.clone / ".dvc" / "config"
    config.write_text("[core]\n    remote = storage\n['remote \"storage\"']\n    url = ../../dvc\n")


def add_model(world: World, name: str = "iris", *, content: bytes = b"weights") -> None:
    """Register 1.0.0 of a model with a file and a folder."""
    folder = world.clone / "models" / name
    (folder / "vocabulary").mkdir(parents=True)
    (folder / "model.skops").write_bytes(content)
    (folder / "vocabulary" / "a.txt").write_bytes(b"a")
    (folder / "vocabulary" / "b.txt").write_bytes(b"b")
    files = [f"--file=models/{name}/model.skops", f"--file=models/{name}/vocabulary"]
    world.must("register", "--new", name, *files, "--version=1.0.0")
