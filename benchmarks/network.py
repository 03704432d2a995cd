"""Over smart HTTP: PYTHONPATH=. python benchmarks/network.py.

One small model is shown and pulled from a registry of 100 and of 100,000 versions, beside `dvc
artifacts get` and `git clone`. The server is lighttpd with `git http-backend`, on this machine, so
that seconds are work and not a network; bytes are counted by a proxy in between, of repositories
and of artifacts alike. DVC clones the repository anew each time, and so has one line. Prints a
Markdown table of medians.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from counting import Counted, count_bytes
from registries import build
from sealed import seal

from tests.fixtures import run, run_git, write
from tests.servers import serve_http

_CLONE = "git clone"
_HEADINGS = (
    *("command", "versions", "received, KiB", "sent, KiB", "seconds"),
    *("received, to git clone's", "seconds, to git clone's"),
)
_MODEL = hashlib.sha256(b"a small model").digest() * 640  # 20 KiB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", default="100,100000", help="sizes of registries")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command")
    parser.add_argument("--patience", type=int, default=900, help="seconds that a command may take")
    parser.add_argument("--cache", type=Path, help="folder to keep the registries in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gitreg-benchmark-") as folder:
        work, cases = Path(folder), []
        home = work / "home"
        home.mkdir()
        seal(home)
        os.environ["DVC_SITE_CACHE_DIR"] = str(home / ".cache" / "dvc-site")
        with _serve(work) as counted:
            for size in map(int, options.versions.split(",")):
                source = (options.cache or work) / f"wide-{size}"
                if not source.is_dir():
                    build(source, size)
                case = _Case(work, home, source, size, counted, options.patience)
                for number in range(options.runs):
                    case.tell(number)
                cases.append(case)
        _report(cases)


@contextmanager
def _serve(work: Path) -> Iterator[Counted]:
    """Serve the folder `served`; what clients move is counted."""
    (work / "served").mkdir()
    with serve_http(work / "server", work / "served") as web, count_bytes(web.port) as counted:
        yield counted


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What one command took: bytes and seconds; `done` is false where patience ended."""

    received: int
    sent: int
    seconds: float
    done: bool = True


@dataclass
class _Case:
    """A registry of `size` versions and one more model, behind the server."""

    work: Path
    home: Path
    source: Path
    size: int
    counted: Counted
    patience: int
    taken: dict[str, list[Moved]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        origin = self.work / "served" / self._name
        run_git(self.work, "clone", "--quiet", "--bare", str(self.source), str(origin))
        run_git(origin, "config", "uploadpack.allowFilter", "true")  # as hosts have it
        run_git(self.work, "clone", "--quiet", str(origin), str(self._writer))
        write(self._writer / ".dvc" / "config", _dvc_config(self._address("storage")))
        write(self._writer / ".dvc" / "config.local", _dvc_config(f"{self.work}/served/storage"))
        run_git(self._writer, "commit", "--quiet", "--all", "--message", "Name the DVC remote")
        run_git(self._writer, "push", "--quiet")

    @property
    def _name(self) -> str:
        return f"registry-{self.size}.git"

    @property
    def _writer(self) -> Path:
        return self.work / f"writer-{self.size}"

    @property
    def _out(self) -> str:
        return str(self.work / "out")

    @property
    def _file(self) -> str:
        return f"{self._out}/model.bin"

    def _address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.counted.port}/{path}"

    def tell(self, number: int) -> None:
        """Measure every command once; two versions are registered meanwhile."""
        self._forget()  # registries of all sizes begin with the same record, and are not the same
        url, clone = self._address(f"git/{self._name}"), str(self.work / "clone")
        first, second = f"1.{2 * number}.0", f"1.{2 * number + 1}.0"
        self._register(first)
        self._meet(url, first)
        shutil.rmtree(clone, ignore_errors=True)
        self._measure(_CLONE, ["git", "clone", "--quiet", url, clone])
        artifact = self._register(second)
        self._follow(url, second)
        self._measure("git fetch, one new version", ["git", "-C", clone, "fetch", "--quiet"])
        self._measure("curl of the artifact", ["curl", "-sfo", self._file, artifact])

    def _meet(self, url: str, version: str) -> None:
        """Measure what happens when a user who knows nothing wants a version."""
        pull = ["gitreg", "pull", f"small@{version}", "--repo", url, "-o", self._out]
        show = ["gitreg", "show", f"small@{version}", "--repo", url, "--json"]
        dvc = ["dvc", "artifacts", "get", url, "small", "--rev", f"v{version}", "-o", self._file]
        self._forget()
        self._measure("gitreg pull, first contact", pull)
        self._forget()
        self._measure("gitreg show, first contact", show)
        self._measure("gitreg show, nothing new", show)
        self._measure("gitreg pull, after show", pull)
        self._measure("dvc artifacts get", dvc)

    def _follow(self, url: str, version: str) -> None:
        """Measure what happens when that user wants the next version."""
        show = ["gitreg", "show", f"small@{version}", "--repo", url, "--json"]
        pull = ["gitreg", "pull", f"small@{version}", "--repo", url, "-o", self._out]
        self._measure("gitreg show, one new version", show)
        self._measure("gitreg pull, after that", pull)

    def _register(self, version: str) -> str:
        """Register a version of the small model, and return the URL of its artifact."""
        data = f"{self.size} {version}".encode() + _MODEL
        write(self._writer / "models" / "small" / "model.bin", data)
        what = ["--new", "small", "--file", "models/small/model.bin"]
        if (self._writer / "models" / "small" / "model.yaml").exists():
            what = ["models/small"]
        run("gitreg", "register", *what, "--version", version, folder=self._writer)
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return self._address(f"storage/files/md5/{md5[:2]}/{md5[2:]}")

    def _forget(self) -> None:
        """Make this user one who has met no registry."""
        for folder in (".cache", ".local"):
            shutil.rmtree(self.home / folder, ignore_errors=True)

    def _measure(self, name: str, command: list[str]) -> None:
        """Run a command; one that took too long before is not tried again."""
        if not all(moved.done for moved in self.taken[name]):
            return
        shutil.rmtree(self._out, ignore_errors=True)
        Path(self._out).mkdir()
        received, sent = self.counted.received, self.counted.sent
        start = time.perf_counter()
        done = _wait(command, self.work, self.patience)
        moved = Moved(
            received=self.counted.received - received,
            sent=self.counted.sent - sent,
            seconds=time.perf_counter() - start,
            done=done,
        )
        self.taken[name].append(moved)
        print(f"{self.size}: {name}: {moved}", file=sys.stderr)

    def median(self, name: str) -> Moved:
        """Return what a command took, each figure's median."""
        all_runs = self.taken[name]
        return Moved(
            received=int(statistics.median(moved.received for moved in all_runs)),
            sent=int(statistics.median(moved.sent for moved in all_runs)),
            seconds=statistics.median(moved.seconds for moved in all_runs),
            done=all(moved.done for moved in all_runs),
        )


def _dvc_config(url: str) -> str:
    return f"[core]\n    remote = storage\n['remote \"storage\"']\n    url = {url}\n"


def _wait(command: list[str], folder: Path, patience: int) -> bool:
    """Run a command of this environment; end it, and what it started, where it takes too long."""
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            _, said = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{said}")
    return True


def _report(cases: list[_Case]) -> None:
    print(f"| {' | '.join(_HEADINGS)} |\n|{'---|' * len(_HEADINGS)}")
    for name in cases[0].taken:
        for case in cases:
            moved, clone = case.median(name), case.median(_CLONE)
            more = "" if moved.done else "> "
            figures = [
                f"{moved.received / 1024:,.1f}",
                f"{moved.sent / 1024:,.1f}",
                f"{more}{moved.seconds:.2f}",
                f"{moved.received / clone.received:.4f}",
                f"{more}{moved.seconds / clone.seconds:.2f}",
            ]
            print(f"| {' | '.join([name, f'{case.size:,}', *figures])} |")


if __name__ == "__main__":
    main()
