"""A deployment killed at any step, raced or without space: `current` leads to a whole version."""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_disk_full import Mount, mount, move_to_disk, start
from tests.e2e.warm import CommandLine, World, make_world, start_registry
from tests.fixtures import run_git

__all__ = ["mount"]

_DEPLOY = ("deploy", "iris@production")
_SHARDS = 4


class Model:
    """A pickle without a framework, which starts at once and sums up its columns."""

    def __init__(self, weights: bytes) -> None:
        self.weights = weights

    def __reduce__(self) -> Any:
        source = (
            "class Model:\n"
            "    def predict(self, x):\n"
            "        return x.sum(axis=1)\n"
            f"weights = {self.weights!r}"
        )
        return eval, (f"(lambda s: (exec({source!r}, s), s['Model']())[1])({{}})",)


_FILES = {
    version: {
        "model.pkl": pickle.dumps(Model(version.encode() * 1000)),
        "words/a.txt": b"a",
        "words/b.txt": version.encode(),
    }
    for version in ("1.0.0", "1.1.0", "1.2.0")
}
_SIGNATURE = (
    "signature: {inputs: [{name: x, datatype: FP64, shape: [-1]}], "
    "outputs: [{name: y, datatype: FP64, shape: [-1]}]}\n"
)


Copy = Callable[[], World]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, command_line: CommandLine) -> Copy:
    """What makes a world, once a worker, where 1.1.0 holds production and 1.0.0 is deployed."""

    @cache
    def make() -> World:
        world = make_world(tmp_path_factory.mktemp("deploy"), command_line)
        start_registry(world)
        policy = world.clone / "gitreg.yaml"
        policy.write_text(policy.read_text().replace("allow_pickle: false", "allow_pickle: true"))
        world.must("policy", "apply")
        write_files(world.clone / "models/iris", "1.0.0")
        files = [f"--file=models/iris/{name}" for name in ("model.pkl", "words")]
        world.must("register", "--new=iris", *files, "--version=1.0.0")
        world.must("promote", "iris@1.0.0", "--stage=production")
        world.must(*_DEPLOY, folder=point_at(world).clone)
        add_version(world, "1.1.0")
        return world

    return make


@pytest.fixture
def world(made: Copy, tmp_path: Path) -> World:
    """A copy with a deploy.yaml of its own."""
    return point_at(made().copy(tmp_path / "world"))


def write_files(folder: Path, version: str) -> None:
    for name, data in _FILES[version].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(data)


def add_version(world: World, version: str) -> None:
    folder = world.clone / "models/iris"
    write_files(folder, version)
    text = (folder / "model.yaml").read_text()
    if "signature" not in text:
        (folder / "model.yaml").write_text(text + _SIGNATURE)
    world.must("register", "models/iris", f"--version={version}")
    world.must("promote", f"iris@{version}", "--stage=production")


def point_at(world: World) -> World:
    """Commit a deploy.yaml with a folder of this world."""
    target = f"{{name: shelf, target: folder, path: {world.folder / 'srv'}}}"
    text = f'gitreg: 1\nmodels: {{"*": {{production: [{target}]}}}}\n'
    (world.clone / "deploy.yaml").write_text(text)
    run_git(world.clone, "add", "deploy.yaml")
    author = ("-c", "user.name=Alice", "-c", "user.email=alice@example.org")
    run_git(world.clone, *author, "commit", "-qm", "Say where to", "--", "deploy.yaml")
    return world


def shelf(world: World) -> Path:
    return world.folder / "srv/iris"


def see_whole(world: World, *versions: str) -> str:
    """See that what is in use is one of the versions, byte for byte, and return which."""
    place = shelf(world) / "current"
    found = {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }
    (version,) = [name for name in versions if _FILES[name] == found]
    return version


@pytest.mark.parametrize("shard", range(_SHARDS))
def test_a_deployment_killed_at_any_step_leaves_a_whole_version_in_use_and_completes(
    made: Copy, shard: int, tmp_path: Path
) -> None:
    outcome = point_at(made().copy(tmp_path / "unkilled")).gitreg(*_DEPLOY)
    assert outcome.status == 0, outcome.stderr
    first = next(step for step, what in enumerate(outcome.effects) if "/srv/" in what)
    seen = set()
    for step in range(first + shard, len(outcome.effects), _SHARDS):
        world = point_at(made().copy(tmp_path / str(step)))
        killed = world.gitreg(*_DEPLOY, kill=step, after=outcome.effects[step].startswith("git "))
        assert killed.status is None, killed.stderr
        seen.add(see_whole(world, "1.0.0", "1.1.0"))
        world.must(*_DEPLOY)
        assert see_whole(world, "1.1.0") == "1.1.0", outcome.effects[step]
        names = sorted(path.name for path in shelf(world).iterdir())
        assert names == [".gitreg-proven", "1.0.0", "1.1.0", "current"], outcome.effects[step]
        assert world.records("deploy") == [
            f"Deploy iris v{version} to shelf: succeeded" for version in ("1.0.0", "1.1.0")
        ]
        shutil.rmtree(world.folder)
    assert seen == {"1.0.0", "1.1.0"}


def test_two_who_deploy_at_once_wait_for_each_other(world: World) -> None:
    clones = [world.clone, world.clone_again("other")]
    shutil.copy(world.clone / "deploy.yaml", clones[1])
    shutil.copytree(world.clone / ".dvc", clones[1] / ".dvc", dirs_exist_ok=True)
    run_git(clones[1], "fetch", "-q", "origin", "gitreg-ledger:gitreg-ledger")
    run_git(clones[1], "add", "deploy.yaml")
    author = ("-c", "user.name=Alice", "-c", "user.email=alice@example.org")
    run_git(clones[1], *author, "commit", "-qm", "Say where to", "--", "deploy.yaml")
    both = [start(world, clone, *_DEPLOY) for clone in clones for _ in range(2)]
    for process in both:
        said = process.communicate()
        assert process.returncode == 0, said
    assert see_whole(world, "1.1.0")
    names = sorted(path.name for path in shelf(world).iterdir())
    assert names == [".gitreg-proven", "1.0.0", "1.1.0", "current"]
    run_git(world.clone, "fetch", "-q", "origin")
    titles = run_git(world.clone, "log", "--format=%s", "origin/gitreg-ledger").split("\n")
    assert titles.count("Deploy iris v1.1.0 to shelf: succeeded") == 1


def test_a_deployment_to_a_full_disk_keeps_the_old_version_and_completes_when_there_is_space(
    world: World, mount: Mount
) -> None:
    enlarge = move_to_disk(world.folder / "srv", mount, 0)
    outcome = world.gitreg(*_DEPLOY)
    assert outcome.status == 1
    assert "No space" in outcome.stdout
    assert see_whole(world, "1.0.0") == "1.0.0"
    enlarge()
    world.must(*_DEPLOY)
    assert see_whole(world, "1.1.0") == "1.1.0"


def test_bytes_in_use_that_went_bad_in_the_cache_too_are_fetched_again(
    world: World,
) -> None:
    world.must(*_DEPLOY)
    digest = hashlib.sha256(_FILES["1.1.0"]["model.pkl"]).hexdigest()
    spoiled = [shelf(world) / "1.1.0/model.pkl"]
    spoiled += (world.folder / "home/.cache/gitreg/files").rglob(digest[2:])
    for path in spoiled:
        path.chmod(0o644)
        path.write_bytes(b"planted")
    world.must(*_DEPLOY)
    assert see_whole(world, "1.1.0") == "1.1.0"
