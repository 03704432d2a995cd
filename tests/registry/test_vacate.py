from __future__ import annotations

import pytest

from gitreg.errors import RefusedError, UsageError
from tests.fixtures import Team, freeze, refs_of


def test_a_stage_is_emptied(released: Team) -> None:
    registry = released.open()
    (record,) = registry.vacate("iris", stage="staging", reason="over").records
    assert (record.action, record.seq, record.reason) == ("vacate", 3, "over")
    assert "refs/tags/iris#staging!#3" in refs_of(released.origin)
    assert registry["iris@1.1.0"].stages == ()


def test_an_empty_stage_is_not_emptied_again(released: Team) -> None:
    registry = released.open()
    registry.vacate("iris", stage="staging")
    before = freeze(released.clone)
    assert registry.vacate("iris", stage="staging").records == ()
    assert freeze(released.clone) == before


def test_a_stage_that_nothing_held_is_refused(released: Team) -> None:
    with pytest.raises(RefusedError, match="nothing ever entered canary") as caught:
        released.open().vacate("iris", stage="canary")
    assert caught.value.rule == "held"


def test_names_and_reason_follow_their_grammars(released: Team) -> None:
    registry = released.open()
    with pytest.raises(UsageError, match="model name"):
        registry.vacate("Iris", stage="staging")
    with pytest.raises(UsageError, match="stage name"):
        registry.vacate("iris", stage="Staging")
    with pytest.raises(UsageError, match="the reason"):
        registry.vacate("iris", stage="staging", reason="")
