"""Fuzz for a bounded time: `python -m tests.fuzz [TARGET…] [--seconds N]`. Needs the extra `fuzz`.

Each target has its share of the time, in a process with bounds of its own. What is found is kept
beside the corpus of its target, where `test_corpus.py` runs it from then on: mend the code, and
commit both.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import base64
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.seeds import CORPUS, seeds_of
from tests.fuzz.target import Target

_MEMORY = 1024  # MiB of a process
_SHOWN = 6000  # characters of what the fuzzer said
_NOISE = re.compile("INFO: |WARNING: Failed to find|#[0-9]|$")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one target; `finding` is the file of an input that it does not stand.

    `edges` are the branches of the code that were seen: by the seeds, and in the end.
    """

    name: str
    executions: int
    edges: tuple[int, int]
    stood: bool
    finding: Path | None
    said: str

    def __str__(self) -> str:
        first, last = self.edges
        verdict = "stood" if self.stood else "FAILED"
        return f"{self.name:12} {self.executions:9} executions {first:6} -> {last} edges  {verdict}"

    def explain(self) -> str:
        """Return all that it takes to see the failure again, elsewhere too."""
        if self.finding is None:
            return self.said
        data = base64.b64encode(self.finding.read_bytes()).decode()
        return (
            f"{self.said}\nthe input: {self.finding}\n"
            f"written by: echo {data} | base64 -d > {_shown(self.finding)}\n"
            f"run by: pytest tests/fuzz/test_corpus.py -k '{self.name}'"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code: 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="where findings are kept")
    parser.add_argument("--table", default="tests.fuzz.targets", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    options = parser.parse_args(arguments)
    if find_spec("atheris") is None:
        where = f"Python {platform.python_version()} on {platform.machine()} {sys.platform}"
        print(
            f"NOT FUZZED: {where} has no atheris here. Is the extra installed, and has it a wheel?"
        )
        return 0
    targets: dict[str, Target] = import_module(options.table).TARGETS
    names = options.targets or list(targets)
    if unknown := set(names) - set(targets):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(targets)}")
    at_once = min(len(names), os.cpu_count() or 1)
    share = max(1, options.seconds * at_once // len(names))

    def run(name: str) -> Outcome:
        target = targets[name]
        return fuzz(options.table, name, target, seconds=share, corpus=options.corpus / name)

    with ThreadPoolExecutor(at_once) as pool:
        outcomes = []
        for outcome in pool.map(run, names):
            print(outcome, flush=True)
            outcomes.append(outcome)
    failures = [outcome for outcome in outcomes if not outcome.stood]
    for outcome in failures:
        print(f"\n{outcome}\n{outcome.explain()}", flush=True)
    return 1 if failures else 0


def fuzz(table: str, name: str, target: Target, *, seconds: int, corpus: Path) -> Outcome:
    """Fuzz one target for so many seconds; a finding is kept in `corpus`."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        seeds, found, words = (Path(scratch) / part for part in ("seeds", "found", "words"))
        seeds.mkdir()
        found.mkdir()
        for number, data in enumerate(seeds_of(name)):
            (seeds / f"{number}").write_bytes(data)
        words.write_text("".join(map(_dictionary_line, target.words)))
        bounds = {
            "max_total_time": seconds,
            "timeout": target.seconds,
            "rss_limit_mb": _MEMORY,
            "max_len": target.longest,
            "artifact_prefix": f"{found}/",
            "print_final_stats": 1,
            **({"dict": words} if target.words else {}),
        }
        options = [f"-{option}={value}" for option, value in bounds.items()]
        command = [sys.executable, "-m", "tests.fuzz.engine", table, name, *options, str(seeds)]
        done = subprocess.run(
            command, capture_output=True, check=False, text=True, errors="replace"
        )
        said = done.stdout + done.stderr
        kept = [_keep(file, corpus) for file in found.glob("[!s]*")]  # a slow-unit is none
    edges = re.findall(r" cov: (\d+)", said) or ["0"]
    executed = re.findall(r"number_of_executed_units: (\d+)", said) or re.findall(r"#(\d+)", said)
    return Outcome(
        name=name,
        executions=int(executed[-1]) if executed else 0,
        edges=(int(edges[0]), int(edges[-1])),
        stood=done.returncode == 0,
        finding=next(iter(kept), None),
        said="\n".join(line for line in said.splitlines() if not _NOISE.match(line))[-_SHOWN:],
    )


def _keep(file: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / file.name[:20]
    kept.write_bytes(file.read_bytes())
    return kept


def _shown(file: Path) -> str:
    """Return how a finding is named in the tree, else its path."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _dictionary_line(word: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"\n'


if __name__ == "__main__":
    sys.exit(main())
