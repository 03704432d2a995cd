"""Several processes that write at once: every record lands once or is refused with its reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.warm import CommandLine, World, add_model, make_world, start_registry
from tests.fixtures import run_git

ROUNDS = 10
# Runs commands one after the other in one process, from the moment its standard input ends.
_WRITER = """
import contextlib, io, json, sys
import dvc.repo
from gitreg.cli import boundary
from gitreg.cli.main import cli

sys.stdin.read()
for arguments in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with contextlib.redirect_stderr(io.StringIO()) as err:
            status = boundary.guard(lambda: cli.main(arguments, "gitreg", standalone_mode=False))
    print(json.dumps({"status": status, "out": out.getvalue(), "err": err.getvalue()}))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """The commands of one process, in one clone."""

    clone: Path
    commands: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def records(self) -> list[tuple[int, str]]:
        """Index and title of the records that it says it added."""
        records = json.loads(self.out)["records"] if self.status == 0 else []
        return [(record["index"], record["title"]) for record in records]

    @property
    def is_refusal(self) -> bool:
        """Whether it was refused, and says by which rule."""
        return self.status == 1 and "rule: " in self.err


def write_at_once(world: World, *writers: Writer) -> list[Answer]:
    """Let all writers begin at the same time; return the answers to all commands."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, json.dumps(writer.commands)],
            cwd=writer.clone,
            env={**os.environ, **world.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for writer in writers
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    answers = []
    for process, writer in zip(processes, writers, strict=True):
        out, err = process.communicate()
        assert process.returncode == 0, err
        lines = [Answer(**json.loads(line)) for line in out.splitlines()]
        assert len(lines) == len(writer.commands)
        answers += lines
    return answers


@pytest.fixture
def world(tmp_path: Path, command_line: CommandLine) -> World:
    """A registry with the version 1.0.0 of two models, shared by its origin."""
    world = make_world(tmp_path, command_line)
    start_registry(world)
    for model in ("iris", "oak"):
        add_model(world, model, content=model.encode())
    return world


def clone_with_files(world: World, name: str) -> Path:
    """Return a fresh clone that has what the first clone's branch and work tree have."""
    clone = world.clone_again(name)
    run_git(clone, "pull", "--quiet", "../clone", "main")
    for model in ("iris", "oak"):
        world.must("pull", f"{model}@1.0.0", "-o", f"models/{model}", folder=clone)
    return clone


def read_titles(repository: Path) -> list[str]:
    """Return the titles of all records."""
    log = run_git(repository, "log", "--reverse", "--format=%s", "gitreg-ledger")
    return log.split("\n")


def agree(world: World, *clones: Path) -> list[str]:
    """See that nothing is void and that all clones agree; return the titles of all records."""
    checkpoints = set()
    for clone in (world.clone_again("judge"), *clones):
        run_git(clone, "fetch", "--quiet", "--tags", "origin")
        checkpoints.add(world.verify("--deep", "--artifacts", folder=clone)["checkpoint"])
    assert len(checkpoints) == 1
    return read_titles(world.folder / "origin.git")


def move_stage(model: str, version: str = "1.0.0", stage: str = "staging") -> list[list[str]]:
    """Promote and vacate in turn."""
    promote = ["promote", f"{model}@{version}", f"--stage={stage}", "--json"]
    return [promote, ["vacate", model, f"--stage={stage}", "--json"]] * (ROUNDS // 2)


def register_often(model: str, rounds: int) -> list[list[str]]:
    """Register version after version of the same bytes, each with another tag."""
    command = ["register", f"models/{model}", "--bump=minor", "--json"]
    return [[*command, f"--tag=round={number}"] for number in range(rounds)]


def all_landed(before: list[str], after: list[str], answers: Sequence[Answer]) -> bool:
    """Whether the ledger has what the answers say, record for record, and what was there.

    One person who says the same twice within a second signs the same bytes: that is one record.
    """
    said = {record for answer in answers for record in answer.records}
    return sorted(said) == list(enumerate(after))[len(before) :] and after[: len(before)] == before


def test_two_people_who_move_stages_of_different_models_both_succeed_every_time(
    world: World,
) -> None:
    other, before = world.clone_again("other"), read_titles(world.clone)
    answers = write_at_once(
        world,
        Writer(clone=world.clone, commands=move_stage("iris")),
        Writer(clone=other, commands=move_stage("oak")),
    )
    assert [answer.err for answer in answers if answer.status != 0] == []
    after = agree(world, world.clone, other)
    assert len(after) == len(before) + 2 * ROUNDS
    assert all_landed(before, after, answers)


def test_of_three_people_who_move_one_stage_each_succeeds_or_is_told_the_rule(
    world: World,
) -> None:
    for number in (1, 2):
        world.must("register", "models/iris", "--bump=minor", f"--tag=number={number}")
    clones = [world.clone, world.clone_again("second"), world.clone_again("third")]
    before = read_titles(world.clone)
    answers = write_at_once(
        world,
        *(
            Writer(clone=clone, commands=move_stage("iris", version))
            for clone, version in zip(clones, ("1.0.0", "1.1.0", "1.2.0"), strict=True)
        ),
    )
    assert all(answer.status == 0 or answer.is_refusal for answer in answers), answers
    assert all_landed(before, agree(world, *clones), answers)


def test_two_people_who_register_different_models_both_succeed_every_time(world: World) -> None:
    other, before = clone_with_files(world, "other"), read_titles(world.clone)
    answers = write_at_once(
        world,
        Writer(clone=world.clone, commands=register_often("iris", 4)),
        Writer(clone=other, commands=register_often("oak", 4)),
    )
    assert [answer.err for answer in answers if answer.status != 0] == []
    after = agree(world, world.clone, other)
    assert len(after) == len(before) + 8
    assert all_landed(before, after, answers)


def test_of_two_people_who_register_the_same_version_one_succeeds_and_one_is_told(
    world: World,
) -> None:
    other, before = clone_with_files(world, "other"), read_titles(world.clone)
    commands = [
        ["register", "models/iris", f"--version=1.{number}.0", "--json"] for number in range(1, 5)
    ]
    answers = write_at_once(
        world,
        Writer(clone=world.clone, commands=[[*command, "--tag=by=one"] for command in commands]),
        Writer(clone=other, commands=[[*command, "--tag=by=other"] for command in commands]),
    )
    assert [answer.status for answer in answers].count(0) == 4
    assert all(answer.status == 0 or answer.is_refusal for answer in answers), answers
    assert all_landed(before, agree(world, world.clone, other), answers)


@pytest.mark.parametrize("shared", [True, False], ids=["with a remote", "without a remote"])
def test_three_processes_in_one_clone_all_succeed_every_time(world: World, *, shared: bool) -> None:
    if not shared:
        run_git(world.clone, "remote", "remove", "origin")
    before = read_titles(world.clone)
    answers = write_at_once(
        world,
        Writer(clone=world.clone, commands=register_often("iris", 3)),
        Writer(clone=world.clone, commands=register_often("oak", 3)),
        Writer(clone=world.clone, commands=move_stage("oak", "1.0.0")),
    )
    assert [answer.err for answer in answers if answer.status != 0] == []
    world.verify("--deep", "--artifacts")
    after = agree(world, world.clone) if shared else read_titles(world.clone)
    assert len(after) == len(before) + 6 + ROUNDS
    assert all_landed(before, after, answers)
    assert run_git(world.clone, "status", "--porcelain") == ""
    assert run_git(world.clone, "log", "--format=%s").count("Register") == 2 + 6
    assert [json.loads(answer.out)["notes"] for answer in answers if "notes" in answer.out] == (
        [[]] * 6
    )


def test_records_kept_pending_by_two_processes_in_one_clone_are_all_published(
    world: World,
) -> None:
    before = read_titles(world.clone)
    commands = {
        model: [[*one, "--no-push"] for one in move_stage(model)] for model in ("iris", "oak")
    }
    answers = write_at_once(
        world,
        Writer(clone=world.clone, commands=commands["iris"]),
        Writer(clone=world.clone, commands=commands["oak"]),
    )
    assert [answer.err for answer in answers if answer.status != 0] == []
    pushed = write_at_once(
        world,
        Writer(clone=world.clone, commands=[["push", "--json"]] * 2),
        Writer(clone=world.clone, commands=[["push", "--json"]] * 2),
    )
    assert [answer.err for answer in pushed if answer.status != 0] == []
    said = [title for answer in answers for _, title in answer.records]
    assert sorted(agree(world, world.clone)[len(before) :]) == sorted(said)


def test_many_pulls_at_once_share_what_they_fetch(world: World) -> None:
    reader = world.clone_again("reader")
    address = (world.folder / "origin.git").as_uri()
    config = world.clone / ".dvc" / "config"
    config.write_text(config.read_text().replace("../../dvc", str(world.folder / "dvc")))
    (world.clone / "models" / "iris" / "model.skops").write_bytes(bytes(30_000_000))
    world.must("register", "models/iris", "--bump=minor")
    places = ["one", "one", "one", "two", "three"]
    answers = write_at_once(
        world,
        *(
            Writer(
                clone=reader,
                commands=[["pull", "iris@1.1.0", "-o", place, "--repo", address, "--json"]] * 2,
            )
            for place in places
        ),
    )
    assert [answer.err for answer in answers if answer.status != 0] == []
    for place in set(places):
        assert (reader / place / "model.skops").read_bytes() == bytes(30_000_000)
        names = {path.name for path in (reader / place).rglob("*") if path.is_file()}
        assert names == {"model.skops", "a.txt", "b.txt"}
