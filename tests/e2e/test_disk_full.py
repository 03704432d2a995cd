"""A disk that is full, a limit on files, an interrupt: told, nothing half-written, and resumed."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import md5, shake_128
from pathlib import Path

import pytest

from tests.e2e.warm import CommandLine, World, make_world, start_registry
from tests.fixtures import run_git, write
from tests.liar import Request, serve_lies

_MIB = 1 << 20
_DATA = shake_128(b"weights").digest(12 * _MIB)
_PULL = ("pull", "big@1.0.0", "-o", "out")
_REGISTER = ("register", "--new=big", "--file=models/big/model.bin", "--version=1.0.0")
# The shell that runs the tests may have interrupts ignored.
_PROGRAM = """
import signal
from gitreg.cli.main import main

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.fixture
def world(tmp_path: Path, command_line: CommandLine) -> World:
    """A registry with a DVC remote, and a model that is not registered yet."""
    world = make_world(tmp_path, command_line)
    start_registry(world)
    (world.clone / "models" / "big").mkdir()
    (world.clone / "models" / "big" / "model.bin").write_bytes(_DATA)
    return world


@pytest.fixture
def reader(world: World) -> Path:
    """A clone that is to pull the model, which is registered."""
    world.must(*_REGISTER)
    return world.clone_again("reader")


def start(
    world: World, folder: Path, *arguments: str, file_limit: int | None = None
) -> subprocess.Popen[str]:
    """Start gitreg in a process of its own."""

    def limit() -> None:
        if file_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, resource.RLIM_INFINITY))

    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, **world.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509 no threads here
    )


def refuse(process: subprocess.Popen[str], reason: str) -> None:
    """See that a command ends with 1 and one error, which gives the reason."""
    _, said = process.communicate()
    assert process.returncode == 1, said
    assert reason in said
    assert said.count("error:") == 1
    assert "Traceback" not in said


Mount = Callable[[Path, int], None]


@pytest.fixture
def mount() -> Iterator[Mount]:
    """Put a disk of so many bytes at an empty folder, or give the one there another size."""
    mounted: list[Path] = []

    def put(folder: Path, size: int) -> None:
        how = f"size={size}" + (",remount" if folder in mounted else "")
        command = ["mount", "-t", "tmpfs", "-o", how, "none", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no mount here")
        if done.returncode:
            pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")
        mounted.append(folder)

    yield put
    for folder in set(mounted):
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def move_to_disk(folder: Path, mount: Mount, spare: int) -> Callable[[], None]:
    """Move a folder to a disk of its own with little to spare; return what enlarges it."""
    aside = folder.with_name(f"{folder.name}.aside")
    folder.mkdir(exist_ok=True)
    folder.rename(aside)
    folder.mkdir()
    mount(folder, 1 << 30)
    subprocess.run(["cp", "-a", f"{aside}/.", str(folder)], check=True)
    status = os.statvfs(folder)
    mount(folder, (status.f_blocks - status.f_bfree) * status.f_frsize + spare)
    return lambda: mount(folder, 1 << 30)


def placed(folder: Path) -> list[str]:
    """Return the names of all files below a folder."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def is_complete(file: Path) -> bool:
    """Whether a file has all bytes of the model."""
    return file.read_bytes() == _DATA


@pytest.mark.parametrize("place", ["home", "reader/out"])
def test_a_pull_to_a_full_disk_is_told_and_completes_when_there_is_space(
    world: World, reader: Path, place: str, mount: Mount
) -> None:
    enlarge = move_to_disk(world.folder / place, mount, 5 * _MIB)
    refuse(start(world, reader, *_PULL), "No space left on device")
    assert placed(reader / "out") == []
    enlarge()
    world.must(*_PULL, folder=reader)
    assert is_complete(reader / "out" / "model.bin")
    assert placed(reader / "out") == ["model.bin"]


@pytest.mark.parametrize("place", ["clone", "dvc"])
def test_a_register_on_a_full_disk_is_told_and_completes_when_there_is_space(
    world: World, place: str, mount: Mount
) -> None:
    before = run_git(world.clone, "status", "--porcelain")
    enlarge = move_to_disk(world.folder / place, mount, 5 * _MIB)
    refuse(start(world, world.clone, *_REGISTER), "No space left on device")
    enlarge()
    assert run_git(world.clone, "status", "--porcelain") == before
    assert world.verify()["versions"] == 0
    world.must(*_REGISTER)
    assert world.verify("--deep", "--artifacts")["versions"] == 1


def test_a_full_disk_at_the_origin_is_told_and_the_command_completes_when_there_is_space(
    world: World, mount: Mount
) -> None:
    enlarge = move_to_disk(world.folder / "origin.git", mount, 0)
    refuse(start(world, world.clone, *_REGISTER), "No space left on device")
    enlarge()
    world.must(*_REGISTER)
    assert world.verify("--deep", "--artifacts")["versions"] == 1


@pytest.mark.parametrize("limit", [2 * _MIB, 4 * _MIB + 1, len(_DATA) - 1])
def test_a_pull_that_may_not_write_so_much_is_told_and_goes_on_from_there(
    world: World, reader: Path, limit: int
) -> None:
    refuse(start(world, reader, *_PULL, file_limit=limit), "File too large")
    assert placed(reader / "out") == []
    partial = next((world.folder / "home").rglob("partial/*"))
    assert 0 < partial.stat().st_size <= limit
    spoil_beginning(world)
    world.must(*_PULL, folder=reader)
    assert is_complete(reader / "out" / "model.bin")


def test_a_register_that_may_not_write_so_much_is_told_and_completes_without_the_limit(
    world: World,
) -> None:
    before = run_git(world.clone, "status", "--porcelain")
    refuse(start(world, world.clone, *_REGISTER, file_limit=2 * _MIB), "File too large")
    assert run_git(world.clone, "status", "--porcelain") == before
    world.must(*_REGISTER)
    assert world.verify("--deep", "--artifacts")["versions"] == 1


def stored(world: World) -> Path:
    """Return the file in the DVC remote."""
    name = md5(_DATA, usedforsecurity=False).hexdigest()
    return world.folder / "dvc" / "files" / "md5" / name[:2] / name[2:]


def spoil_beginning(world: World) -> None:
    """Spoil what a download that goes on does not read again."""
    stored(world).chmod(0o644)
    with stored(world).open("r+b") as file:
        file.write(b"\xff" * 64)


def send_most(request: Request) -> None:
    """Send all but the last byte of the model, and keep silent."""
    request.begin(Content_Length=str(len(_DATA)))
    request.send(_DATA[:-1])
    request.liar.sent.set()
    request.hang()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_pull_that_is_ended_midway_is_resumed_by_the_next(
    world: World, reader: Path, number: signal.Signals
) -> None:
    with serve_lies(world.folder / "dvc") as liar:
        write(reader / ".dvc" / "config.local", f"['remote \"storage\"']\n    url = {liar.url}\n")
        liar.lie = send_most
        process = start(world, reader, *_PULL)
        liar.sent.wait()  # what is on its way is less than what was sent: some is written
        process.send_signal(number)
        _, said = process.communicate()
        assert process.returncode == (130 if number == signal.SIGINT else -number)
        assert "Traceback" not in said
        assert placed(reader / "out") == []
        liar.lie = None
        spoil_beginning(world)
        world.must(*_PULL, folder=reader)
        assert is_complete(reader / "out" / "model.bin")
