"""Whole commands beside their peers, in one run: python benchmarks/startup.py.

Prints a Markdown table of medians in seconds, and ratios to `python -c "import click, git"`.
Commands are run in turn, so that a machine that slows down slows all of them down.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from people import private_key, public_key
from registries import build, name_models

_BIN = Path(sys.executable).parent
_BASE = 'python -c "import click, git"'
_STAGING = ("--stage", "staging")
_FRESH = ("--new", "fresh", "--file", "models/fresh/model.bin", "--metric", "accuracy=0.9")
_REGISTER = ("gitreg", "register", *_FRESH)
_GTO_REGISTER = "git commit -q --allow-empty -m next && gto register botany-0000 --version v2.{}.0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", default="100,1000", help="sizes of registries")
    parser.add_argument("--runs", type=int, default=5, help="runs of each command")
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="gitreg-benchmark-"))
    try:
        _set_up(home)
        print("| versions | command | seconds | ratio |")
        print("|---|---|---|---|")
        for size in map(int, options.versions.split(",")):
            _measure(home, size, options.runs)
    finally:
        shutil.rmtree(home)


def _set_up(home: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_", "DVC_"))]:
        del os.environ[name]
    os.environ |= {
        "HOME": str(home),
        "DVC_NO_ANALYTICS": "1",
        "PATH": f"{_BIN}:{os.environ['PATH']}",
    }
    os.environ.pop("SSH_AUTH_SOCK", None)
    key = home / ".ssh" / "id_ed25519"
    key.parent.mkdir(mode=0o700)
    key.write_text(private_key("alice"), encoding="utf-8")
    key.chmod(0o600)
    key.with_suffix(".pub").write_text(public_key("alice") + "\n", encoding="utf-8")
    for name, value in (
        ("user.name", "Alice"),
        ("user.email", "alice@example.org"),
        ("gpg.format", "ssh"),
        ("user.signingkey", str(key)),
    ):
        _run(["git", "config", "--global", name, value], home)


def _measure(home: Path, size: int, runs: int) -> None:
    ours, theirs = home / f"{size}", home / f"{size}-gto"
    build(ours, size)
    shutil.copytree(ours, theirs)
    model = ours / "models" / "fresh"
    model.mkdir(parents=True)
    commands = _commands(ours, theirs, size)
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(runs + 1):  # the first one warms the caches, and is not counted
        (model / "model.bin").write_bytes(os.urandom(1000))
        for name, (folder, arguments) in commands.items():
            start = time.perf_counter()
            _run(arguments(run), folder)
            if run:
                taken[name].append(time.perf_counter() - start)
    base = statistics.median(taken[_BASE])
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"| {size} | `{name}` | {median:.3f} | {median / base:.2f} |", flush=True)


def _commands(
    ours: Path, theirs: Path, size: int
) -> dict[str, tuple[Path, Callable[[int], list[str]]]]:
    """Return what to run: a name, the folder, and the arguments of the n-th run."""
    python, model = str(_BIN / "python"), name_models(size)[-1]
    here = {
        'python -c "import click"': lambda _: [python, "-c", "import click"],
        _BASE: lambda _: [python, "-c", "import click, git"],
        "gitreg show M@staging --json": lambda _: ["gitreg", "show", f"{model}@staging", "--json"],
        "gitreg show M@staging": lambda _: ["gitreg", "show", f"{model}@staging"],
        "gitreg list": lambda _: ["gitreg", "list"],
        "gitreg register": lambda run: [*_REGISTER, "--version", f"1.{run}.0"],
        "gitreg promote": lambda run: ["gitreg", "promote", f"fresh@1.{run}.0", *_STAGING],
    }
    there = {
        "gto show": lambda _: ["gto", "show"],
        "gto show M#staging": lambda _: ["gto", "show", f"{model}#staging"],
        "git commit, gto register": lambda run: ["sh", "-c", _GTO_REGISTER.format(run)],
        "gto assign": lambda run: [
            "gto",
            "assign",
            "botany-0000",
            f"--version=v2.{run}.0",
            *_STAGING,
        ],
        "git tag -s": lambda run: ["git", "tag", "-s", "-m", "signed", f"signed-{run}"],
    }
    return {
        **{name: (ours, arguments) for name, arguments in here.items()},
        **{name: (theirs, arguments) for name, arguments in there.items()},
    }


def _run(arguments: list[str], folder: Path) -> None:
    done = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
