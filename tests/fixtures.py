"""Real Git and real keys for tests: what a test calls, beside the fixtures of conftest.py."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import gitreg
from gitreg.cli import boundary
from gitreg.cli.main import cli as commands
from gitreg.domain.canonical import git_object_id
from gitreg.git.objects import TreeEntry, tree_bytes
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.appending import Draft, Signer, complete
from gitreg.ledger.reading import read_ledger
from gitreg.registry.api import Registry
from gitreg.signing import Key, read_public_key, sign

NAME = "Alice Example"
EMAIL = "alice@example.org"

_DVC_CONFIG = """\
[core]
    remote = storage
['remote "storage"']
    url = ../../storage
"""
_POLICY = """\
gitreg: 1
people:
  alice: {{keys: ["{key}"]}}
roles: {{maintainers: [alice]}}
root: {{by: [maintainers], threshold: 1}}
models:
  "*":
    register: [maintainers]
    yank: [maintainers]
    stages:
      staging: {{promote: [maintainers]}}
      production: {{after: staging, promote: [maintainers]}}
"""
WEIGHTS = {"a.bin": b"first weights\n" * 50, "deep/b.bin": b"second weights\n" * 50}


def run_git(path: Path, *args: str) -> str:
    """Run git in `path` and return what it printed, without the last line break."""
    return run("git", "-C", str(path), *args).removesuffix("\n")


def make_repository(path: Path) -> Path:
    """Make a repository with one commit on main, by Alice."""
    run_git(path.parent, "init", "--quiet", path.name)
    (path / "README.md").write_text("A registry.\n", encoding="utf-8")
    run_git(path, "add", "README.md")
    run_git(path, "commit", "--quiet", "--message", "Begin")
    return path


def make_key(path: Path, *, comment: str = EMAIL) -> Path:
    """Make an ed25519 key without a passphrase at `path`, and its public half at `path`.pub."""
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))
    return path


def run(*command: str, folder: Path | None = None) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        check=False,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Team:
    """A bare origin, a clone of it with a registry, and a DVC remote, beside each other."""

    folder: Path

    @classmethod
    def copy(cls, template: Path, folder: Path, home: Path) -> Team:
        """Copy a team; who reads it from its URL finds the DVC remote by the user's settings."""
        shutil.copytree(template, folder, symlinks=True)
        team = cls(folder)
        team.git("remote", "set-url", "origin", str(team.origin))
        with (home / ".config/dvc/config").open("a", encoding="utf-8") as file:
            file.write(f"['remote \"storage\"']\n    url = {team.storage}\n")
        return team

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    @property
    def storage(self) -> Path:
        return self.folder / "storage"

    @property
    def iris(self) -> Path:
        return self.clone / "models/iris"

    @property
    def model_file(self) -> Path:
        return self.iris / "model.skops"

    @property
    def url(self) -> str:
        return self.origin.as_uri()

    def git(self, *args: str) -> str:
        """Run git in the clone."""
        return run_git(self.clone, *args)

    def open(self) -> Registry:
        """Open the clone's registry anew."""
        return gitreg.open(self.clone)

    def colleague(self, name: str = "colleague") -> Path:
        """Clone the origin once more, for somebody else to write in."""
        run_git(self.folder, "clone", "--quiet", str(self.origin), name)
        return self.folder / name

    def stored(self, data_of: str, name: str | None = None) -> Path:
        """Return where the DVC remote keeps an artifact of a version (`iris@1.0.0`)."""
        artifacts = self.open()[data_of].artifacts
        md5 = next(item.md5 for item in artifacts if name in (None, item.path))
        return self.storage / "files/md5" / md5[:2] / md5[2:]


def start_team(folder: Path) -> None:
    """Build a started registry in `folder`, as a user would."""
    from gitreg.registry.init import init

    run_git(folder, "init", "--quiet", "--bare", "origin.git")
    make_repository(folder / "clone")
    clone = folder / "clone"
    run_git(clone, "remote", "add", "origin", str(folder / "origin.git"))
    run_git(clone, "push", "--quiet", "--set-upstream", "origin", "main")
    key = read_public_key(Path("~/.ssh/id_ed25519").expanduser())
    write(clone / "gitreg.yaml", _POLICY.format(key=key))
    init(gitreg.open(clone))
    (folder / "storage").mkdir()
    (clone / ".dvc/config").write_text(_DVC_CONFIG, encoding="utf-8")
    run_git(clone, "commit", "--quiet", "--all", "--message", "Name the DVC remote")
    run_git(clone, "push", "--quiet")
    (clone / "models/iris").mkdir()
    (clone / "models/iris/model.skops").write_bytes(b"the first model\n" * 100)


def release_iris(team: Team) -> None:
    """Register iris 1.0.0, bring it to production; register 1.1.0, bring it to staging."""
    registry = team.open()
    registry.register(
        new="iris",
        files=[team.model_file],
        version="1.0.0",
        metrics={"accuracy": 0.95},
        tags={"domain": "botany"},
    )
    registry.promote("iris@1.0.0", stage="staging")
    registry.promote("iris@1.0.0", stage="production", reason="the first one")
    team.model_file.write_bytes(b"a better model\n" * 100)
    for name, data in WEIGHTS.items():
        write(team.iris / "weights" / name, data)
    registry.register(
        team.iris,
        files=[team.iris / "weights"],
        bump="minor",
        metrics={"accuracy": 0.97},
        message="more data",
    )
    registry.promote("iris@1.1.0", stage="staging")


def write(path: Path, data: bytes | str) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def freeze(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` but stored objects and DVC's cache: refs, index, work."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = ("objects/", ".git/objects/", ".dvc/cache/", ".dvc/tmp/")
        if path.is_file() and not name.startswith(hidden):
            found[name] = path.read_bytes()
    return found


def refs_of(path: Path) -> dict[str, str]:
    """Return all refs of a repository."""
    lines = run_git(path, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split(" ") for line in lines)


def shown_refs(path: Path) -> dict[str, str]:
    """Return the refs that people see: branches, tags, and what is remembered of remotes."""
    refs = refs_of(path).items()
    return {name: oid for name, oid in refs if not name.startswith("refs/gitreg/")}


def ledger_length(path: Path) -> int:
    """Return how many commits the ledger of a repository has."""
    return int(run_git(path, "rev-list", "--count", BRANCH))


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    """Runs `gitreg` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = Path.cwd()
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str | os.PathLike[str]) -> Ran:
        """Run a command, as `gitreg ARGUMENTS` would."""
        self._monkeypatch.chdir(self.folder)
        self._capsys.readouterr()
        words = [os.fspath(argument) for argument in arguments]
        code = boundary.guard(
            lambda: commands.main(args=words, prog_name="gitreg", standalone_mode=False)
        )
        out, err = self._capsys.readouterr()
        return Ran(code, out, err)

    def ok(self, *arguments: str | os.PathLike[str]) -> Ran:
        """Run a command that must succeed."""
        ran = self(*arguments)
        assert ran.code == 0, ran.err
        return ran

    def no(self, *arguments: str | os.PathLike[str]) -> str:
        """Run a command that must be refused with exit code 1, and return what it said."""
        ran = self(*arguments)
        assert ran.code == 1, (ran.code, ran.out, ran.err)
        assert "Traceback" not in ran.err
        return ran.err


def signer_of(key: Path, *, time: int = 1_800_000_000) -> Signer:
    """Return a signer with a clock that stands."""
    return Signer(
        key=Key(public=read_public_key(key), path=key, origin="a test's"),
        name=NAME,
        email=EMAIL,
        clock=lambda: time,
    )


def forge(
    path: Path, draft: Draft, key: Path, *, time: int = 1_800_000_000, tip: str | None = None
) -> str:
    """Sign a record that nobody judged, put it at the tip of the ledger, return its commit."""
    repository = Repository.discover(path)
    tip = tip or run_git(path, "rev-parse", BRANCH)
    ledger = read_ledger(repository, tip)
    signer = signer_of(key, time=time)
    record = complete(ledger, draft, signer, like=repository.zero)
    signed = record.signed(sign(record.payload(), signer.key))
    files = {"record": signed.to_bytes(), **draft.files}
    tree = store_tree(repository, files)
    data = signed.commit_bytes(tree=tree, parent=tip)
    (commit,) = repository.write([("commit", data)])
    if signed.tag_ref:
        repository.write([("tag", signed.to_bytes())])
    run_git(path, "update-ref", BRANCH, commit)
    return commit


def store_tree(repository: Repository, files: Mapping[str, bytes]) -> str:
    """Store plain files as a tree, and return its name."""
    names = [git_object_id("blob", data, like=repository.zero) for data in files.values()]
    tree = tree_bytes(
        [TreeEntry("100644", name, oid) for name, oid in zip(files, names, strict=True)]
    )
    blobs = [("blob", data) for data in files.values()]
    return repository.write([*blobs, ("tree", tree)])[-1]


def add_junk(path: Path, *, parent: str | None = None) -> str:
    """Put a commit that is no record at the tip of the ledger of a repository."""
    parent = parent or run_git(path, "rev-parse", BRANCH)
    repository = Repository.discover(path)
    tree = store_tree(repository, {"junk.txt": b"junk\n"})
    commit = run_git(path, "commit-tree", tree, "-p", parent, "-m", "junk")
    run_git(path, "update-ref", BRANCH, commit)
    return commit
