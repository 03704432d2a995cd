"""Another user of the same machine: their repositories, and what they can leave in a shared one."""

from __future__ import annotations

import pytest

from tests.attack.crew import Crew
from tests.fixtures import Cli, freeze, run_git


def test_a_repository_of_another_user_is_read_only_if_one_says_so(
    crew: Crew, victim: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git's own rule: their configuration would be read, and with it what it names."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    before = freeze(crew.dave)
    for words in (["list"], ["verify"], ["beat", "--key", str(crew.key("ci"))]):
        said = victim.no(*words)
        assert f"the repository at {crew.dave} belongs to another user" in said
        assert (
            f"next: if you trust it: git config --global --add safe.directory {crew.dave}" in said
        )
    assert freeze(crew.dave) == before
    run_git(crew.folder, "config", "--global", "--add", "safe.directory", str(crew.dave))
    victim.ok("list")
