"""A command killed at any of its steps: no reader sees half, and the same command completes.

The first sweep kills just before each outward effect, which is right after the one before. The
second kills while one is under way: a file that is open and still empty, a Git that is left alone.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.e2e.warm import CommandLine, World, add_model, make_world, start_registry
from tests.fixtures import run_git

_SHARDS = 3
_UNFINISHED = ("open ", "git ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A command, what comes before it, and the titles of the records that it adds.

    Its steps are killed from the first one on that begins with `since`; another story has those
    before.
    """

    begin: Callable[[World], None]
    command: tuple[str, ...]
    adds: tuple[str, ...]
    since: str = ""


def _with_registry(world: World) -> None:
    start_registry(world)
    add_model(world)


def _with_changes(world: World) -> None:
    _with_registry(world)
    (world.clone / "models" / "iris" / "vocabulary" / "c.txt").write_bytes(b"c")
    (world.clone / "notes.txt").write_text("mine\n")
    run_git(world.clone, "add", "notes.txt")
    (world.clone / "README.md").write_text("Models, and more.\n")


def _with_new_files(world: World) -> None:
    start_registry(world)
    (world.clone / "models" / "oak").mkdir()
    (world.clone / "models" / "oak" / "model.skops").write_bytes(b"oak")


def _with_champion(world: World) -> None:
    _with_registry(world)
    world.must("register", "models/iris", "--bump=minor", "--tag=season=spring")
    for version in ("1.0.0", "1.1.0"):
        world.must("promote", f"iris@{version}", "--stage=production")


def _with_champion_alone(world: World) -> None:
    _with_champion(world)
    run_git(world.clone, "remote", "remove", "origin")
    shutil.rmtree(world.folder / "origin.git")
    (world.folder / "origin.git").symlink_to("clone/.git")


def _with_pending(world: World) -> None:
    _with_changes(world)
    world.must("register", "models/iris", "--version=1.1.0", "--no-push")
    world.must("promote", "iris@1.1.0", "--stage=staging", "--no-push")


STORIES = {
    "init": Story(begin=lambda _: None, command=("init",), adds=("Start the registry",)),
    "register-new": Story(
        begin=_with_new_files,
        command=("register", "--new=oak", "--file=models/oak/model.skops", "--version=1.0.0"),
        adds=("Register oak v1.0.0",),
        since="git push",
    ),
    "register-version": Story(
        begin=_with_changes,
        command=("register", "models/iris", "--version=1.1.0", "--message=better"),
        adds=("Register iris v1.1.0",),
    ),
    "register-bump": Story(
        begin=_with_changes,
        command=("register", "models/iris", "--bump=minor", "--tag=season=spring"),
        adds=("Register iris v1.1.0",),
        since="git push",
    ),
    "register-pending": Story(
        begin=_with_changes,
        command=("register", "models/iris", "--bump=minor", "--no-push"),
        adds=(),
        since="git unpack-objects",
    ),
    "promote": Story(
        begin=_with_registry,
        command=("promote", "iris@1.0.0", "--stage=staging", "--reason=first"),
        adds=("Promote iris v1.0.0 to staging",),
    ),
    "rollback": Story(
        begin=_with_champion,
        command=("rollback", "iris", "--stage=production", "--reason=drift"),
        adds=("Promote iris v1.0.0 to production",),
    ),
    "rollback-alone": Story(
        begin=_with_champion_alone,
        command=("rollback", "iris", "--stage=production", "--reason=drift"),
        adds=("Promote iris v1.0.0 to production",),
    ),
    "push": Story(
        begin=_with_pending,
        command=("push",),
        adds=("Register iris v1.1.0", "Promote iris v1.1.0 to staging"),
        since="git push",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How an unkilled command leaves the world: what a person and the next command find there."""

    effects: list[str]
    status: str
    refs: list[str]
    files: Mapping[str, bytes]
    subjects: list[str]
    titles: list[str]

    @classmethod
    def of(cls, world: World, effects: list[str]) -> Ending:
        """Look at the clone and at the origin."""
        names = ("for-each-ref", "--format=%(refname)")
        here, there = (run_git(world.folder / name, *names) for name in ("clone", "origin.git"))
        return cls(
            effects=effects,
            status=run_git(world.clone, "status", "--porcelain"),
            refs=[_KEPT.sub("", ref) for ref in [*here.split(), "origin:", *there.split()]],
            files=dict(_files(world.clone)),
            subjects=run_git(world.clone, "log", "--format=%s").split("\n"),
            titles=_titles(world.folder / "origin.git"),
        )


def _files(clone: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(clone.rglob("*")):
        inside = path.relative_to(clone)
        if path.is_file() and inside.parts[0] != ".git" and inside.parts[:2] not in _DVC_OWN:
            yield inside.as_posix(), path.read_bytes()


_KEPT = re.compile("(?<=^refs/gitreg/kept/).*")  # commits differ in their times
_DVC_OWN = {(".dvc", "tmp"), (".dvc", "cache")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Play:
    """A story that was set up, and how it ends when nobody kills it."""

    story: Story
    beginning: World
    ending: Ending

    @property
    def steps(self) -> range:
        """The steps to kill."""
        effects = self.ending.effects
        first = next(step for step, what in enumerate(effects) if what.startswith(self.story.since))
        return range(first, len(effects))


Stage = Callable[[str], Play]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, command_line: CommandLine) -> Stage:
    """What sets a story up, once a worker."""

    @cache
    def set_up(name: str) -> Play:
        world = make_world(tmp_path_factory.mktemp(name), command_line)
        STORIES[name].begin(world)
        ending = _unkilled(world, STORIES[name], tmp_path_factory.mktemp("unkilled") / "world")
        return Play(story=STORIES[name], beginning=world, ending=ending)

    return set_up


@pytest.mark.parametrize("shard", range(_SHARDS))
@pytest.mark.parametrize("story", STORIES)
def test_a_command_killed_before_any_step_leaves_nothing_half_done_and_completes_when_repeated(
    story: str, shard: int, stage: Stage, tmp_path: Path
) -> None:
    play = stage(story)
    for step in play.steps[shard::_SHARDS]:
        _kill_and_repeat(play, tmp_path / str(step), step)


@pytest.mark.parametrize("shard", range(_SHARDS))
@pytest.mark.parametrize("story", STORIES)
def test_a_command_killed_during_any_step_leaves_nothing_half_done_and_completes_when_repeated(
    story: str, shard: int, stage: Stage, tmp_path: Path
) -> None:
    play = stage(story)
    steps = [step for step in play.steps if play.ending.effects[step].startswith(_UNFINISHED)]
    for step in steps[shard::_SHARDS]:
        _kill_and_repeat(play, tmp_path / str(step), step, after=True)


def _unkilled(beginning: World, story: Story, folder: Path) -> Ending:
    world = beginning.copy(folder)
    outcome = world.gitreg(*story.command)
    assert outcome.status == 0, outcome.stderr
    assert _added(beginning, world) == list(story.adds)
    assert outcome.effects
    return Ending.of(world, outcome.effects)


def _kill_and_repeat(play: Play, folder: Path, step: int, *, after: bool = False) -> None:
    world, story, ending = play.beginning.copy(folder), play.story, play.ending
    killed = world.gitreg(*story.command, kill=step, after=after)
    assert killed.status is None, f"{ending.effects[step]}: {killed.stderr}"
    try:
        if _has_changed(play.beginning, world):
            _see_nothing_half_done(world, story, len(ending.titles))
        elif "init" not in story.command:
            world.must("list")
        _repeat(play, world)
    except AssertionError as error:
        error.add_note(f"killed {'at' if after else 'before'} step {step}: {ending.effects[step]}")
        raise
    shutil.rmtree(folder)


def _has_changed(beginning: World, world: World) -> bool:
    """Whether others could see anything of the killed command."""
    shared = ("origin.git", "dvc")
    before, now = (
        [dict(_files(one.folder / place)) for place in shared] for one in (beginning, world)
    )
    return before != now


def _see_nothing_half_done(world: World, story: Story, records: int) -> None:
    """What others and the clone itself read between the kill and the repetition."""
    if "refs/heads/gitreg-ledger" not in _refs(world.folder / "origin.git"):
        assert not run_git(world.folder / "origin.git", "tag")
        return
    reader = world.clone_again("reader")
    proof = world.verify("--deep", "--artifacts", folder=reader)
    assert proof["records"]["valid"] in (records, records - len(story.adds))
    world.must("list")


def _repeat(play: Play, world: World) -> None:
    """Give the same command again, and compare with what an unkilled one leaves."""
    story, ending = play.story, play.ending
    world.must(*story.command)
    assert _added(play.beginning, world) == list(story.adds)
    if "--no-push" not in story.command:
        world.verify("--deep", "--artifacts")
    found = Ending.of(world, ending.effects)
    assert found.files.keys() == ending.files.keys()
    for name, data in found.files.items():
        assert data == ending.files[name], name
    assert found.status == ending.status
    assert found.refs == ending.refs
    assert found.subjects == ending.subjects
    assert found.titles == ending.titles


def _refs(folder: Path) -> list[str]:
    return run_git(folder, "for-each-ref", "--format=%(refname)").split()


def _added(beginning: World, world: World) -> list[str]:
    """The titles of the records that the origin has now and had not."""
    before, now = (_titles(one.folder / "origin.git") for one in (beginning, world))
    assert now[: len(before)] == before
    return now[len(before) :]


def _titles(folder: Path) -> list[str]:
    if "refs/heads/gitreg-ledger" not in _refs(folder):
        return []
    return run_git(folder, "log", "--reverse", "--format=%s", "gitreg-ledger").split("\n")
