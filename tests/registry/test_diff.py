"""Versions of a real registry beside each other; how changes are judged: tests/domain."""

from __future__ import annotations

import pytest

from gitreg.errors import NotFoundError, UsageError
from gitreg.registry.diff import diff
from tests.comparing import OTHER, figure, measure, release_versions
from tests.fixtures import Team


def test_versions_are_compared_across_models_and_measurements(team: Team) -> None:
    release_versions(team)
    registry = team.open()
    found = registry.compare(["iris@production", "iris@1.1.0", "rose"])
    assert found.labels == ("iris 1.0.0", "iris 1.1.0", "rose 1.0.0")
    assert [[change.name for change in changes] for changes in found.interface] == [
        [],
        ["x", "site", "score"],
        [],
    ]
    measured = {row.name: row for row in found.measured}
    champion, challenger, _ = measured["accuracy"].figures
    assert champion is not None  # measured as the champion in the challenger's run
    assert challenger is not None
    assert (float(champion.value), float(challenger.value)) == (0.89, 0.96)
    assert champion.record == challenger.record
    change = measured["latency_p95_ms"].changes[1]
    assert change is not None
    assert (change.verdict, change.apart) == ("better", None)
    claimed = {
        row.name: [item and float(item.value) for item in row.figures] for row in found.claimed
    }
    assert claimed["accuracy"] == [0.9, 0.95, 0.8]
    stages = {row.path: row.values for row in found.sections["stages"]}
    assert stages == {"production": ("holds", None, None), "staging": ("holds", None, None)}


def test_the_same_data_go_before_newer_measurements(team: Team) -> None:
    release_versions(team)
    measure(team.open(), "iris@1.1.0", {"accuracy": figure(0.5)}, data=OTHER)
    found = diff(team.open(), ["iris@1.0.0", "iris@1.1.0"])
    row = next(row for row in found.measured if row.name == "accuracy")
    assert [float(item.value) for item in row.figures if item] == [0.89, 0.96]
    alone = diff(team.open(), ["rose", "iris@1.1.0"])
    row = next(row for row in alone.measured if row.name == "accuracy")
    assert [item and float(item.value) for item in row.figures] == [None, 0.5]


def test_a_yanked_version_is_compared_when_asked_for_exactly(released: Team) -> None:
    released.open().yank("iris@1.1.0", vacate=True)
    found = diff(released.open(), ["iris@1.0.0", "iris@1.1.0"])
    metadata = {row.path: row.values for row in found.sections["metadata"]}
    assert metadata["yanked"] == (None, True)
    stages = {row.path: row.values for row in found.sections["stages"]}
    assert stages == {"production": ("holds", None)}  # both held staging


def test_a_version_named_twice_does_not_differ(released: Team) -> None:
    assert not diff(released.open(), ["iris@production", "iris@1.0.0"]).differs


def test_what_cannot_be_compared_is_refused(released: Team) -> None:
    with pytest.raises(UsageError, match="two versions"):
        diff(released.open(), ["iris"])
    with pytest.raises(NotFoundError, match="no model rose"):
        diff(released.open(), ["iris", "rose"])
