"""The real command line in warm processes, each killed at a chosen outward effect.

A server on standard input and output: each line in is a request, each line out its outcome. It
forks for every request, since importing DVC takes longer than all that is tested here. Python's
audit events tell of an effect just before it happens, whoever causes it, DVC included.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

_CHANGES = {
    *("os.rename", "os.link", "os.symlink", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"),
    "os.chmod",
}
# Git commands that change nothing, so that a kill before one is a kill after what came before it.
_LOOKS = {
    *("cat-file", "for-each-ref", "ls-files", "merge-base", "rev-list", "rev-parse"),
    *("symbolic-ref", "version"),
}
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, linux/prctl.h


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A command, and the effect it is killed at: just before it, or right `after` it."""

    arguments: list[str]
    folder: str
    environment: dict[str, str] = field(default_factory=dict)
    kill: int | None = None
    after: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a command ended; `status` is None where it was killed. `effects` is what it did."""

    status: int | None
    stdout: str
    stderr: str
    effects: list[str]


class Effects:
    """Counts the effects of this process, notes them, and ends it at one of them."""

    def __init__(self, journal: int, kill: int | None, *, after: bool) -> None:
        self.journal = journal
        self.kill = kill
        self.after = after
        self.count = 0
        self.due: str | None = None
        self.lock = threading.Lock()
        folders = (os.environ["TMPDIR"], os.environ["DVC_SITE_CACHE_DIR"], os.devnull)
        self.quiet = tuple(os.path.realpath(folder) for folder in folders)

    def watch(self) -> None:
        """Begin."""
        if self.kill is not None and self.after:
            threading.setprofile(self._profile)
            sys.setprofile(self._profile)
        sys.addaudithook(self._audit)

    def _audit(self, event: str, details: tuple[Any, ...]) -> None:
        what = self._describe(event, details)
        if what is None:
            return
        with self.lock:
            os.write(self.journal, f"{what}\n".encode())
            if self.count == self.kill and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            if self.count == self.kill:
                self.due = "fork_exec" if event == "subprocess.Popen" else ""
            self.count += 1

    def _profile(self, _: FrameType, event: str, function: Any) -> None:
        if self.due is None or event not in ("c_return", "c_exception"):
            return
        if self.due in ("", getattr(function, "__name__", "")):
            os.kill(os.getpid(), signal.SIGKILL)

    def _describe(self, event: str, details: tuple[Any, ...]) -> str | None:
        """Name an effect; None for what changes nothing, or nothing that outlives the process."""
        if event == "subprocess.Popen":
            return _describe_program(details[1])
        writes = event == "open" and isinstance(details[2], int) and details[2] & _WRITING
        if event not in _CHANGES and not writes:
            return None
        paths = [os.fsdecode(item) for item in details if isinstance(item, str | bytes)]
        within_folder = event in ("os.remove", "os.rmdir") and details[-1] != -1
        there = event == "os.mkdir" and Path(paths[0]).exists()
        missing = event == "os.remove" and not os.path.lexists(paths[0])
        mode_of_folder = event == "os.chmod" and Path(paths[0]).is_dir()
        handle_only = event == "open" and not isinstance(details[0], str | bytes)
        if within_folder or there or missing or mode_of_folder or handle_only:
            return None
        if any(os.path.realpath(path).startswith(self.quiet) for path in paths):
            return None
        if paths[0].endswith("/.dvc/tmp/btime"):  # empty, and whoever wants one makes it
            return None
        return f"{event} {' '.join(paths)}"


_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def _describe_program(arguments: list[str]) -> str | None:
    words = [os.fsdecode(word) for word in arguments]
    if not Path(words[0]).name.startswith("git"):
        return None  # ssh-keygen writes to its standard output
    rest = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    look = rest[0] in _LOOKS or {"--list", "get-url"} & set(words)
    return None if look else f"git {' '.join(rest[:2])}"


def serve() -> None:
    """Answer requests until standard input ends."""
    _import_all()
    gc.freeze()  # a fork copies what the collector touches
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)  # what a killed command left running ends up here
    for line in sys.stdin:
        outcome = run(Request(**json.loads(line)))
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        sys.stdout.flush()


def run(request: Request) -> Outcome:
    """Run one command in a fork, and wait for all that it started."""
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        child = os.fork()
        if child == 0:
            _run_here(request, *(file.fileno() for file in files))
        _, status = os.waitpid(child, 0)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        texts = []
        for file in files:
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    code = os.waitstatus_to_exitcode(status)
    return Outcome(
        status=None if code == -signal.SIGKILL else code,
        stdout=texts[0],
        stderr=texts[1],
        effects=texts[2].splitlines(),
    )


def _run_here(request: Request, stdout: int, stderr: int, journal: int) -> None:
    from gitreg.cli.main import main

    tempfile.tempdir = None
    os.environ.update(request.environment)
    os.chdir(request.folder)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    sys.argv = ["gitreg", *request.arguments]
    status = 70
    try:
        Effects(journal, request.kill, after=request.after).watch()
        main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _import_all() -> None:
    from gitreg.cli.main import cli

    commands = [f"gitreg.cli.{name}" for name in cli.list_commands(None)]  # type: ignore[arg-type]
    for name in (*commands, *_LATE):
        importlib.import_module(name)


# What commands import when they use it.
_LATE = (
    *("cryptography.hazmat.primitives.asymmetric.ed25519", "jsonschema", "idna.core"),
    *("dvc.cachemgr", "dvc.data_cloud", "dvc.lock", "dvc.repo", "dvc.scm", "dvc.types"),
    *("dvc.repo.artifacts", "dvc.repo.metrics", "dvc.repo.plots", "dvc.repo.stage"),
    *("dvc_data.hashfile._progress", "dvc_data.hashfile.db.index", "dvc_data.hashfile.db.local"),
    *("dvc_data.hashfile.status", "dvc_data.hashfile.transfer", "scmrepo.git"),
    *("configobj", "dulwich.ignore", "dulwich.walk", "fsspec.implementations.memory"),
    *("networkx", "psutil", "xml.etree.ElementTree", "gitreg.domain.policy_reader"),
    *("dvc.repo.datasets", "dvc.repo.graph", "dvc.repo.params", "dvc.repo.trie"),
    *("dvc.utils.strictyaml", "pygtrie"),
)


if __name__ == "__main__":
    serve()
