"""Somebody with push rights makes reading slow: void commits that name large files, ever again.

One large file that was pushed once can be named by every commit, at no cost to who pushes. It is
read only for a record whose signer may say such a thing, where the ledger goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitreg.domain.canonical import sha256
from gitreg.git.objects import GitObject, ObjectReader, TreeEntry, tree_bytes
from tests.attack.crew import Crew, Json, is_void
from tests.fixtures import Cli

MIB = 1 << 20
LARGE = {"extra.json": bytes(MIB - 1)}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all objects that were read, or passed over as they came."""
    sizes: list[int] = []
    plain = ObjectReader.read

    def note(self: ObjectReader, *words: Any, **options: Any) -> Iterator[GitObject | None]:
        for found in plain(self, *words, **options):
            sizes.append(found.size if found else 0)
            yield found

    monkeypatch.setattr(ObjectReader, "read", note)
    return sizes


def spam(crew: Crew) -> list[str]:
    """Push void commits of many kinds, each with files of a mebibyte; return the rules."""
    said: Json = {"extra": sha256(LARGE["extra.json"]), "files": LARGE}
    crew.forge("mallory", crew.draft("deprecate", "1.0.0", **said))
    crew.forge("carol", crew.draft("deprecate", "1.0.0", **said))
    crew.forge("alice", crew.draft("deprecate", "1.0.0", **said), index=3)
    crew.forge("alice", crew.draft("deprecate", "1.0.0", **said), policy="12" * 32)
    policy = crew.enactment(crew.policy())
    padded = {"policy.yaml": policy.files["policy.yaml"] + b"# \n" * 300_000}
    crew.push_record(crew.sign("mallory", policy), padded)
    record = crew.sign("alice", crew.draft("deprecate", "1.0.0"))
    crew.push_record(record, {}, bytes(5 * MIB))
    blob = crew.thief.write([("blob", b"")])[0]
    tree = tree_bytes([TreeEntry("100644", f"{number:09}", blob) for number in range(30_000)])
    crew.push_junk(tree=crew.thief.write([("tree", tree)])[0])
    return ["signer", "right", "chain", "policy-cited", "signer", "commit", "commit"]


def test_large_files_are_read_for_nobody_who_may_not_say_so(
    crew: Crew, victim: Cli, read: list[int]
) -> None:
    rules = spam(crew)
    crew.fetch()
    read.clear()
    proof = victim.ok("verify", "--json").json
    assert [item["code"] for item in proof["findings"]] == [f"void.{rule}" for rule in rules]
    assert sum(read) < MIB
    is_void(crew, *rules)


def test_large_files_of_who_may_say_so_are_read(crew: Crew, victim: Cli, read: list[int]) -> None:
    data = LARGE["extra.json"]
    said: Json = {"extra": sha256(data), "files": LARGE}
    crew.write("alice", crew.draft("deprecate", "1.0.0", **said))
    crew.forge("alice", crew.draft("deprecate", "1.1.0", **(said | {"extra": "12" * 32})))
    crew.fetch()
    read.clear()
    proof = victim.ok("verify", "--json").json
    assert proof["records"] == {"valid": 10, "void": 1}
    assert [item["code"] for item in proof["findings"]] == ["void.digests"]
    assert read.count(len(data)) == 2
