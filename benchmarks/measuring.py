"""Whole processes: how long they take, and how much memory.

They are run in turn, round by round, so that a machine that slows down slows all of them down. The
memory is the largest that the process or one of those that it started held at once, and never less
than the 8 MiB of `launcher.py`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command to measure: `arguments` gives those of a round, after `before` has prepared it.

    `floor` and `peer` name the commands that it is compared with. `few` is the number of rounds
    that a slow one takes part in, and has no other to warm up.
    """

    name: str
    folder: Path
    arguments: Callable[[int], Sequence[str]]
    before: Callable[[int], object] = lambda _: None
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: Path = Path(os.devnull)
    floor: str | None = None
    peer: str | None = None
    few: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a command took: seconds, those of the processors alone, and MiB of memory."""

    seconds: float
    cpu: float
    mib: float


def measure(commands: Sequence[Command], runs: int) -> dict[str, Taken]:
    """Run each command `runs` times, and once before to warm up; return what each took.

    Times are medians, memory is the most.

    Exits where one fails.
    """
    samples: dict[str, list[Taken]] = {command.name: [] for command in commands}
    for number in range(runs + 1):
        for command in commands:
            if command.few and not 0 < number <= command.few:
                continue
            command.before(number)
            taken = run(
                command.arguments(number), command.folder, command.environment, command.stdin
            )
            if number:
                samples[command.name].append(taken)
    return {
        name: Taken(
            seconds=statistics.median(taken.seconds for taken in found),
            cpu=statistics.median(taken.cpu for taken in found),
            mib=max(taken.mib for taken in found),
        )
        for name, found in samples.items()
    }


def run(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] = {},
    stdin: Path = Path(os.devnull),
) -> Taken:
    """Run a command, and return what it took; exits where it fails."""
    with stdin.open("rb") as given:
        done = subprocess.run(
            [sys.executable, "-IS", _LAUNCHER, *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=given,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    seconds, cpu, kib = map(float, done.stdout.split())
    return Taken(seconds=seconds, cpu=cpu, mib=kib / 1024)
