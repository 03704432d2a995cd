"""Verifying a ledger that nothing is known of, beside Git: python benchmarks/verify.py.

Prints a Markdown table of medians. `git cat-file --batch` reads the same objects and throws them
away; `read_ledger` verifies every record, in a new process each time; `git verify-tag` checks
signatures alone, of a sample of tags in one process. They run in turn, so that a machine that
slows down slows all of them down.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ledgers import build
from people import allowed_signers

from gitreg.git.objects import parse_tree
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH

_HEADINGS = (
    *("records", "git cat-file, ms a record", "read_ledger, ms a record", "beyond it"),
    *("its CPU time", "its memory, MiB", "git verify-tag, ms a tag", "read_ledger to verify-tag"),
)
_SAMPLE = 50  # tags
_READ = """
import json, os, resource, sys, time
from pathlib import Path
from gitreg.git.repository import Repository
from gitreg.ledger.reading import read_ledger

repository = Repository.discover(Path(sys.argv[1]))
began, cpu_began = time.perf_counter(), sum(os.times()[:4])
ledger = read_ledger(repository, sys.argv[2])
seconds, cpu = time.perf_counter() - began, sum(os.times()[:4]) - cpu_began
kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
counts = [len(ledger.records), len(ledger.void)]
print(json.dumps({"seconds": seconds, "cpu": cpu, "KiB": kib, "counts": counts}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", default="1000,20000", help="sizes of ledgers")
    parser.add_argument("--runs", type=int, default=7, help="runs of each")
    parser.add_argument("--cache", type=Path, help="folder to keep the ledgers in, and take from")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gitreg-benchmark-") as home:
        _set_up(Path(home))
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        print(f"{cores} cores, a load of {os.getloadavg()[0]:.1f} before\n")
        print(f"| {' | '.join(_HEADINGS)} |\n|{'---|' * len(_HEADINGS)}")
        for size in map(int, options.records.split(",")):
            folder = _find_ledger(options.cache or Path(home), size)
            print(f"| {' | '.join(_measure(folder, size, options.runs))} |", flush=True)


def _set_up(home: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_"))]:
        del os.environ[name]
    os.environ["HOME"] = str(home)
    signers = home / "signers"
    signers.write_text(allowed_signers(), encoding="utf-8")
    config = (
        f'[core]\nfsync = none\n[gpg]\nformat = ssh\n[gpg "ssh"]\nallowedSignersFile = {signers}\n'
    )
    (home / ".gitconfig").write_text(config, encoding="utf-8")


def _find_ledger(cache: Path, size: int) -> Path:
    """Return a repository with a ledger of `size` records, made now if it is not in `cache`."""
    folder = cache / f"ledger-{size}"
    if not folder.is_dir():
        part = cache / f"ledger-{size}.part-{os.getpid()}"
        build(part, size)
        part.rename(folder)
    return folder


def _measure(folder: Path, size: int, runs: int) -> list[str]:
    repository = Repository.discover(folder)
    tip = repository.refs(BRANCH)[BRANCH]
    objects = "".join(f"{name}\n" for name in _list_objects(repository, tip)).encode()
    names = list(repository.refs("refs/tags/"))
    tags = [name.removeprefix("refs/tags/") for name in names[:: len(names) // _SAMPLE or 1]]
    verify_tags = ["git", "verify-tag", *tags]
    cat_file, read, verify_tag = [], [], []
    for run in range(runs + 1):  # the first one warms the caches, and is not counted
        taken = _time(lambda: _run(["git", "cat-file", "--batch"], folder, objects))
        found = _read(folder, tip, size)
        of_tags = _time(lambda: _run(verify_tags, folder))
        if run:
            cat_file.append(taken / size)
            read.append(found)
            verify_tag.append(of_tags / len(tags))
    git, a_tag = statistics.median(cat_file), statistics.median(verify_tag)
    ours = statistics.median(item["seconds"] for item in read) / size
    cpu = statistics.median(item["cpu"] for item in read) / size
    memory = max(item["KiB"] for item in read) / 1024
    figures = [f"{1000 * value:.3f}" for value in (git, ours, ours - git, cpu)]
    return [str(size), *figures, f"{memory:.0f}", f"{1000 * a_tag:.1f}", f"1 : {a_tag / ours:.0f}"]


def _list_objects(repository: Repository, tip: str) -> list[str]:
    """Return every object of the ledger: commits, their trees, and the files in these."""
    history = list(repository.history(tip))
    with repository.reader() as reader:
        trees = [tree.data or b"" for tree in reader.read([item.tree for item in history]) if tree]
    names: list[str] = []
    for commit, data in zip(history, trees, strict=True):
        files = [entry.id for entry in parse_tree(data, like=commit.id)]
        names += [commit.id, commit.tree, *files]
    return names


def _read(folder: Path, tip: str, size: int) -> dict[str, float]:
    """Verify the ledger in a new process, and return what that took."""
    found = json.loads(_run([sys.executable, "-c", _READ, str(folder), tip], folder))
    if found.pop("counts") != [size, 0]:
        sys.exit(f"{folder} is not a ledger of {size} valid records: remove it")
    return dict(found)


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _run(arguments: list[str], folder: Path, requests: bytes | None = None) -> bytes:
    """Run a command and return its output; what was asked for by `requests` is thrown away."""
    done = subprocess.run(
        arguments,
        cwd=folder,
        input=requests or b"",
        stdout=subprocess.DEVNULL if requests else subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments[:2])} failed:\n{done.stderr.decode(errors='replace')}")
    return done.stdout or b""


if __name__ == "__main__":
    main()
