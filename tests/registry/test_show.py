from __future__ import annotations

import pytest

from gitreg.errors import NotFoundError, UsageError
from gitreg.registry.history import history
from gitreg.registry.show import show
from tests.fixtures import Team


def test_a_version_is_shown_in_full(released: Team) -> None:
    view = show(released.open(), "iris@production")
    assert (view.entry.version, list(view.stages)) == ("1.0.0", ["production"])
    assert view.metadata["metrics"] == {"accuracy": 0.95}
    assert [change.stage for change in view.changes] == ["staging", "production", "staging"]
    actions = [item.record.action for item in view.statements]
    assert actions == ["register", "promote", "promote", "promote"]
    assert {item.person for item in view.statements} == {"alice"}


def test_a_yanked_version_is_shown_when_asked_for_exactly(released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.1.0", vacate=True)
    assert show(registry, "iris@1.1.0").to_dict()["yanked"] is True


def test_what_names_nothing_is_not_shown(released: Team) -> None:
    with pytest.raises(NotFoundError):
        show(released.open(), "rose")


def test_a_history_is_newest_first(released: Team) -> None:
    found = history(released.open(), "iris")
    assert [item.record.index for item in found.statements] == [5, 4, 3, 2, 1]


def test_a_history_needs_a_model_that_exists(released: Team) -> None:
    with pytest.raises(NotFoundError, match="there is no model rose"):
        history(released.open(), "rose")
    with pytest.raises(UsageError, match="model name"):
        history(released.open(), "iris@1.0.0")
