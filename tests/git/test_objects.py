from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import SetupError
from gitreg.git.objects import parse_tree, tree_bytes
from gitreg.git.repository import Repository
from tests.fixtures import run_git, write


def test_written_objects_are_read_back(repo: Path) -> None:
    repository = Repository.discover(repo)
    data = [b"", b"a", b"x" * 15, b"y" * 16, b"z" * 5000, b"w" * 300_000]
    names = repository.write([("blob", item) for item in data])
    with repository.reader() as reader:
        found = list(reader.read([*names, "0" * 40, "nonsense"]))
    assert [item.data if item else None for item in found] == [*data, None, None]


def test_an_object_over_the_limit_is_passed_over(repo: Path) -> None:
    repository = Repository.discover(repo)
    large, small = repository.write([("blob", b"x" * 3_000_000), ("blob", b"s")])
    with repository.reader() as reader:
        found = list(reader.read([large, small], limit=10))
    assert [(item.size, item.data) for item in found if item] == [(3_000_000, None), (1, b"s")]


def test_each_object_may_have_a_limit_of_its_own(repo: Path) -> None:
    repository = Repository.discover(repo)
    (name,) = repository.write([("blob", b"x" * 20)])
    with repository.reader() as reader:
        found = list(reader.read([name, "0" * 40, name, name], limit=[19, 0, 20, 0]))
    assert [item.data if item else "none" for item in found] == [None, "none", b"x" * 20, None]


def test_many_objects_are_asked_for_without_a_block(repo: Path) -> None:
    repository = Repository.discover(repo)
    (name,) = repository.write([("blob", b"x" * 1000)])
    with repository.reader() as reader:
        assert sum(1 for item in reader.read([name] * 3000) if item) == 3000


def test_a_tree_is_written_as_git_writes_it(repo: Path) -> None:
    for name in ("a", "a.b", "a0", "dir/x", "dir.c", "é"):
        write(repo / name if name != "a" else repo / "a", name)
    run_git(repo, "add", ".")
    tree = run_git(repo, "write-tree")
    repository = Repository.discover(repo)
    with repository.reader() as reader:
        found = reader.read_one(tree)
    assert found is not None
    assert found.data is not None
    entries = parse_tree(found.data, like=repository.zero)
    assert tree_bytes(list(reversed(entries))) == found.data


def test_bytes_that_are_no_tree_are_refused() -> None:
    with pytest.raises(ValueError, match="not found"):
        parse_tree(b"100644 name", like="0" * 40)
    with pytest.raises(ValueError, match="within an object's name"):
        parse_tree(b"100644 name\0" + bytes(19), like="0" * 40)
    with pytest.raises(ValueError, match="not found"):
        parse_tree(b"100644" + bytes(40) + b" name", like="0" * 40)


@pytest.mark.parametrize("limit", [10, 1 << 30])
def test_a_damaged_object_stops_the_reader(repo: Path, limit: int) -> None:
    """Else Git would have ended, and all that follows would seem to be missing."""
    repository = Repository.discover(repo)
    data = bytes(range(256)) * 20_000
    damaged = run_git(repo, "hash-object", "-w", str(write(repo / "large", data)))
    (whole,) = repository.write([("blob", b"whole")])
    file = repo / ".git/objects" / damaged[:2] / damaged[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:500])
    with repository.reader() as reader, pytest.raises(SetupError, match="an object is damaged"):
        list(reader.read([damaged, whole], limit=limit))


def test_sizes_are_told_without_reading(repo: Path) -> None:
    repository = Repository.discover(repo)
    names = repository.write([("blob", b""), ("blob", b"x" * 5000)])
    with repository.reader() as reader:
        assert reader.sizes([names[0], "0" * 40, names[1]]) == [0, None, 5000]
        assert reader.sizes([]) == []
        assert reader.sizes(names[1:]) == [5000]


def test_the_size_of_an_object_that_was_left_out_is_not_guessed(repo: Path) -> None:
    write(repo / "file", "text")
    run_git(repo, "add", ".")
    run_git(repo, "commit", "-q", "-m", "a file")
    run_git(repo, "config", "uploadpack.allowFilter", "true")
    run_git(repo, "clone", "-q", "--bare", "--filter=blob:none", repo.as_uri(), "part")
    name = run_git(repo, "rev-parse", "HEAD:file")
    reader = Repository.discover(repo / "part").reader()
    with reader, pytest.raises(SetupError, match="the clone is partial"):
        reader.sizes([name])
