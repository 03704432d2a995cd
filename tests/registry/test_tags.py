from __future__ import annotations

from tests.fixtures import Cli, Team, refs_of, run_git


def registry_tags(folder: object) -> dict[str, str]:
    return {
        name: value
        for name, value in refs_of(folder).items()  # type: ignore[arg-type]
        if name.startswith("refs/tags/")
    }


def test_deleted_tags_come_back_byte_for_byte_here_and_at_the_remote(
    released: Team, cli: Cli
) -> None:
    cli.folder = released.clone
    here, there = registry_tags(released.clone), registry_tags(released.origin)
    for folder in (released.clone, released.origin):
        run_git(folder, "tag", "-d", "iris@v1.0.0", "iris#production#1")
    run_git(released.clone, "gc", "--quiet", "--prune=now")
    assert "tag.missing" in cli.ok("verify", "--json").out
    assert "iris@v1.0.0 is back at origin" in cli.ok("tags", "restore").out
    assert registry_tags(released.clone) == here
    assert registry_tags(released.origin) == there
    assert cli.ok("tags", "restore").out == "every tag is what was signed\n"


def test_moved_tags_come_back(released: Team, cli: Cli) -> None:
    cli.folder = released.clone
    before = registry_tags(released.clone)
    run_git(released.clone, "tag", "--force", "iris@v1.1.0", "main~1")
    run_git(released.clone, "push", "--quiet", "--force", "origin", "iris@v1.1.0")
    assert "tag.moved" in cli("verify", "--json").out
    cli.ok("tags", "restore")
    assert registry_tags(released.clone) == before
    assert registry_tags(released.origin) == before


def test_the_remote_is_left_alone_when_asked(released: Team, cli: Cli) -> None:
    cli.folder = released.clone
    before = registry_tags(released.clone)
    for folder in (released.clone, released.origin):
        run_git(folder, "tag", "-d", "iris@v1.0.0")
    done = cli.ok("tags", "restore", "--no-push", "--json").json
    assert done == {"here": ["iris@v1.0.0"], "at_remote": [], "skipped": [], "remote": None}
    assert registry_tags(released.clone) == before
    assert "refs/tags/iris@v1.0.0" not in registry_tags(released.origin)


def test_a_tag_whose_commit_is_gone_is_skipped_and_the_clone_stays_sound(
    released: Team, cli: Cli
) -> None:
    model = released.clone / "models/iris/model.yaml"
    model.write_text(model.read_text().replace("version: 1.1.0", "version: 1.2.0"))
    cli.folder = released.clone
    cli.ok("register", "models/iris", "--detached")
    for tag in ("iris@v1.2.0",):
        run_git(released.origin, "tag", "-d", tag)
    run_git(released.origin, "gc", "--quiet", "--prune=now")
    clone = released.colleague("fresh")
    cli.folder = clone
    ran = cli.ok("tags", "restore")
    assert "iris@v1.2.0 is skipped" in ran.err
    run_git(clone, "fsck", "--no-dangling")
