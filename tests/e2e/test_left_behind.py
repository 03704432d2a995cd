"""What a killed Git, `git gc` or another person leaves: told with what to do next, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.warm import CommandLine, World, add_model, make_world, start_registry
from tests.fixtures import run_git

_PROMOTE = ("promote", "iris@1.0.0", "--stage=staging")


@pytest.fixture
def world(tmp_path: Path, command_line: CommandLine) -> World:
    """A registry with the version 1.0.0 of a model."""
    world = make_world(tmp_path, command_line)
    start_registry(world)
    add_model(world)
    return world


@pytest.mark.parametrize(
    "lock",
    [
        "refs/heads/gitreg-ledger.lock",
        "refs/remotes/origin/gitreg-ledger.lock",
        "refs/tags/iris#staging#1.lock",
    ],
)
def test_a_lock_that_a_killed_git_left_is_named_and_the_command_completes_without_it(
    world: World, lock: str
) -> None:
    path = world.clone / ".git" / lock
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    outcome = world.gitreg(*_PROMOTE)
    assert outcome.status == 1
    assert str(path) in outcome.stderr
    assert "run the same command again" in outcome.stderr
    path.unlink()
    world.must(*_PROMOTE)
    assert world.records("promote") == ["Promote iris v1.0.0 to staging"]
    world.verify("--deep", "--artifacts")


def test_a_locked_index_is_named_and_register_completes_without_the_lock(world: World) -> None:
    lock = world.clone / ".git" / "index.lock"
    lock.touch()
    register = ("register", "models/iris", "--bump=minor", "--tag=season=spring")
    outcome = world.gitreg(*register)
    assert outcome.status == 1
    assert str(lock) in outcome.stderr
    lock.unlink()
    world.must(*register)
    assert run_git(world.clone, "status", "--porcelain") == ""
    assert len(world.records("register")) == 2
    world.verify("--deep", "--artifacts")


def test_a_lock_left_at_the_origin_is_told_and_nothing_is_published(world: World) -> None:
    lock = world.folder / "origin.git" / "refs" / "heads" / "gitreg-ledger.lock"
    lock.touch()
    outcome = world.gitreg(*_PROMOTE)
    assert outcome.status == 1
    assert "refs/heads/gitreg-ledger.lock': File exists" in outcome.stderr
    assert world.verify()["records"]["valid"] == 2
    lock.unlink()
    world.must(*_PROMOTE)
    world.verify()


def test_a_tag_in_the_way_is_told_at_once_where_there_is_no_remote(world: World) -> None:
    run_git(world.clone, "remote", "remove", "origin")
    run_git(world.clone, "tag", "iris#staging#1")
    outcome = world.gitreg(*_PROMOTE)
    assert outcome.status == 1
    assert "iris#staging#1" in outcome.stderr
    assert world.records("promote") == []


def test_pending_versions_outlive_a_cleaning_of_the_repository(world: World) -> None:
    run_git(world.clone, "switch", "--quiet", "--detach")
    register = ("register", "models/iris", "--bump=minor", "--tag=season=spring", "--detached")
    world.must(*register, "--no-push")
    run_git(world.clone, "switch", "--quiet", "--discard-changes", "main")
    run_git(world.clone, "reflog", "expire", "--expire=now", "--all")
    run_git(world.clone, "gc", "--quiet", "--prune=now")
    world.must("push")
    proof = world.verify("--deep", "--artifacts", folder=world.clone_again("reader"))
    assert proof["versions"] == 2
    assert run_git(world.clone, "for-each-ref", "refs/gitreg") == ""


def test_a_pending_record_that_no_longer_applies_is_told_with_the_way_out(world: World) -> None:
    world.must(*_PROMOTE, "--no-push")
    world.must("yank", "iris@1.0.0", folder=world.clone_again("other"))
    outcome = world.gitreg("push")
    assert outcome.status == 1
    assert "no longer applies" in outcome.stderr
    assert "rule: " in outcome.stderr
    assert "git update-ref -d refs/gitreg/pending" in outcome.stderr
    run_git(world.clone, "update-ref", "-d", "refs/gitreg/pending")
    world.must("push")
    assert world.verify()["records"]["valid"] == 3


def test_a_version_is_pulled_on_a_branch_that_does_not_have_the_dvc_configuration(
    world: World,
) -> None:
    reader = world.clone_again("reader")
    assert not (reader / ".dvc").exists()
    world.must("pull", "iris@1.0.0", "-o", "out", folder=reader)
    assert (reader / "out" / "model.skops").read_bytes() == b"weights"


def test_what_a_killed_pull_left_in_a_folder_is_taken_away_by_the_next(world: World) -> None:
    world.must("pull", "iris@1.0.0", "-o", "out")
    left = world.clone / "out" / "vocabulary" / ".gitreg-0123456789abcdef"
    left.write_bytes(b"half")
    world.must("pull", "iris@1.0.0", "-o", "out")
    assert not left.exists()


def test_a_first_contact_that_was_killed_does_not_stop_the_next(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    address = (world.folder / "origin.git").as_uri()
    listing = ("list", "--repo", address, "--json")
    copies = tmp_path_factory.mktemp("copies")
    unkilled = world.copy(copies / "unkilled").gitreg(*listing)
    assert unkilled.effects
    for step in range(len(unkilled.effects)):
        other = world.copy(copies / str(step))
        assert other.gitreg(*listing, kill=step).status is None
        assert json.loads(other.must(*listing)) == json.loads(unkilled.stdout)
