from __future__ import annotations

import pytest

from gitreg.errors import GitregError, RefusedError
from tests.fixtures import Team, freeze, refs_of


def test_a_version_that_holds_a_stage_is_not_yanked(released: Team) -> None:
    before = freeze(released.clone)
    with pytest.raises(RefusedError) as caught:
        released.open().yank("iris@1.0.0")
    assert caught.value.rule == "free"
    assert "--vacate" in str(caught.value.next_step)
    assert freeze(released.clone) == before


def test_a_yank_may_empty_the_stages_in_the_same_push(released: Team) -> None:
    registry = released.open()
    done = registry.yank("iris@1.0.0", vacate=True, reason="leaks")
    assert [record.action for record in done.records] == ["vacate", "yank"]
    assert {record.reason for record in done.records} == {"leaks"}
    assert "refs/tags/iris#production!#2" in refs_of(released.origin)
    with pytest.raises(GitregError, match=r"is yanked \(record 7\)"):
        _ = registry["iris@1.0.0"]


def test_a_yanked_version_is_not_yanked_again(released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.0.0", vacate=True)
    assert registry.yank("iris@1.0.0", vacate=True).records == ()


def test_ranges_pass_over_a_yanked_version(released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.1.0", vacate=True)
    assert registry["iris"].version == "1.0.0"
    assert registry["iris@^1"].version == "1.0.0"
