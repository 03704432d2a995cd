"""Artifacts larger than the memory that gitreg may take, and folders of many files.

Set BIG_BYTES=2147483648 to try two gigabytes, and MANY_FILES for another number of files.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.warm import CommandLine, World, make_world, start_registry

BIG_BYTES = int(os.environ.get("BIG_BYTES", str(400 << 20)))
MANY_FILES = int(os.environ.get("MANY_FILES", "2000"))
LIMIT = 200 << 20


# A small process that starts gitreg, since what starts a process counts as its memory too.
_MEASURE = """
import resource, subprocess, sys

subprocess.run([sys.executable, "-P", "-m", "gitreg", *sys.argv[1:]], check=True, stdout=2)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def measure(world: World, *arguments: str) -> int:
    """Run gitreg in a process of its own, and return the most memory that it took, in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *arguments],
        cwd=world.clone,
        env={**os.environ, **world.environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(done.stdout) * 1024


@pytest.fixture
def world(tmp_path: Path, command_line: CommandLine) -> World:
    """An empty registry with a DVC remote."""
    world = make_world(tmp_path, command_line)
    start_registry(world)
    (world.clone / "models" / "big").mkdir()
    return world


def test_a_file_larger_than_the_memory_it_may_take_is_registered_verified_and_pulled(
    world: World,
) -> None:
    model = world.clone / "models" / "big" / "model.bin"
    with model.open("wb") as file:
        file.truncate(BIG_BYTES)
    new = ("register", "--new=big", "--file=models/big/model.bin", "--version=1.0.0")
    assert measure(world, *new) < LIMIT
    assert measure(world, "verify", "--artifacts") < LIMIT
    assert measure(world, "pull", "big@1.0.0", "-o", "out") < LIMIT
    assert (world.clone / "out" / "model.bin").stat().st_size == BIG_BYTES
    assert measure(world, "pull", "big@1.0.0", "-o", "out") < LIMIT


def test_a_folder_of_many_files_is_registered_verified_and_pulled(world: World) -> None:
    folder = world.clone / "models" / "big" / "shards"
    for number in range(MANY_FILES):
        path = folder / f"{number % 100:02}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}\n", encoding="utf-8")
    new = ("register", "--new=big", "--file=models/big/shards", "--version=1.0.0")
    assert measure(world, *new) < LIMIT
    assert measure(world, "verify", "--artifacts") < LIMIT
    assert measure(world, "pull", "big@1.0.0", "-o", "out") < LIMIT
    found = [path for path in (world.clone / "out").rglob("*") if path.is_file()]
    assert len(found) == MANY_FILES
    assert measure(world, "pull", "big@1.0.0", "-o", "out") < LIMIT
