"""A metric over the versions of a real registry; records of a model: test_show.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import NotFoundError, UsageError
from gitreg.registry.history import metric_history, write_plot
from tests.comparing import HOLDOUT, OTHER, figure, measure, release_versions
from tests.fixtures import Team


def test_claimed_and_measured_figures_are_told_apart(team: Team) -> None:
    release_versions(team)
    found = team.open().metric_history("iris", "accuracy")
    assert [
        (
            point.version,
            point.claimed and float(point.claimed.value),
            point.measured and float(point.measured.value),
            point.stages,
        )
        for point in found.points
    ] == [("1.0.0", 0.9, 0.89, ("staging", "production")), ("1.1.0", 0.95, 0.96, ())]
    assert (found.better, found.data, found.elsewhere) == ("higher", HOLDOUT, 0)
    measured = metric_history(team.open(), "iris", "f1_macro")
    assert [point.claimed for point in measured.points] == [None, None]


def test_what_is_measured_is_of_one_data_set(team: Team) -> None:
    release_versions(team)
    registry = team.open()
    measure(registry, "iris@1.1.0", {"accuracy": figure(0.5)}, data=OTHER)
    found = metric_history(team.open(), "iris", "accuracy")
    assert [float(point.measured.value) for point in found.points if point.measured] == [0.89, 0.96]
    other = metric_history(team.open(), "iris", "accuracy", data=OTHER[:8])
    assert [float(point.measured.value) for point in other.points if point.measured] == [0.5]
    assert (other.data, other.elsewhere) == (OTHER, 1)
    named = metric_history(team.open(), "iris", "accuracy", data="holdout")
    assert (named.data, named.elsewhere) == (HOLDOUT, 0)
    with pytest.raises(NotFoundError, match="names no data") as caught:
        metric_history(team.open(), "iris", "accuracy", data="train")
    assert HOLDOUT[:16] in (caught.value.next_step or "")


def test_what_does_not_exist_has_no_history(released: Team) -> None:
    registry = released.open()
    with pytest.raises(NotFoundError, match="there is no model rose"):
        metric_history(registry, "rose", "accuracy")
    with pytest.raises(NotFoundError, match="no version of iris has the metric acuracy") as caught:
        metric_history(registry, "iris", "acuracy")
    assert caught.value.next_step == "there is accuracy"


def test_a_picture_is_of_the_kind_that_its_name_says(released: Team, tmp_path: Path) -> None:
    found = metric_history(released.open(), "iris", "accuracy")
    write_plot(found, tmp_path / "accuracy.svg")
    write_plot(found, tmp_path / "accuracy.PNG")
    assert (tmp_path / "accuracy.svg").read_text().startswith("<svg")
    assert (tmp_path / "accuracy.PNG").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="no kind of picture"):
        write_plot(found, tmp_path / "accuracy.gif")
    assert not (tmp_path / "accuracy.gif").exists()
