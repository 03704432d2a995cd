"""`gitreg diff` and `gitreg history --metric` as people and programs read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_json_shapes import check_shape
from tests.comparing import release_versions
from tests.fixtures import Cli, Team


@pytest.fixture
def shell(cli: Cli, released: Team) -> Cli:
    cli.folder = released.clone
    return cli


def widest(text: str) -> int:
    return max(map(len, text.splitlines()), default=0)


def test_every_form_of_a_comparison_and_of_a_history(team: Team, cli: Cli, tmp_path: Path) -> None:
    release_versions(team)
    cli.folder = team.clone
    pair = ("diff", "iris@production", "iris@1.1.0")
    shown = cli.ok(*pair).out
    assert shown.startswith("iris 1.0.0 beside iris 1.1.0\n2 breaking changes of the signature\n")
    assert "yes       input x retyped     FP64    FP32" in shown
    assert "accuracy             higher  0.89   0.96   +0.07   +7.87 %  better, intervals" in shown
    assert "architecture.hyperparameters.solver   -      lbfgs" in shown
    three = cli.ok(*pair, "rose").out
    assert "accuracy             higher  0.9         0.95 +0.05 better  0.8 -0.1 worse" in three
    assert widest(shown) <= 80
    assert widest(three) <= 80
    check_shape("diff", cli.ok(*pair, "rose", "--json").json)
    assert "> **Breaking** 2 breaking changes of the signature" in cli.ok(*pair, "--markdown").out
    page = tmp_path / "versions.html"
    assert cli.ok(*pair, "--html", page).out == f"{page}\n"
    assert page.read_text().count("<svg") == 3

    drawn = cli.ok("history", "iris", "--metric", "accuracy").out
    assert drawn.startswith("accuracy of iris (higher is better)\nversion  0.87 ")
    assert "[--------*----o----]" in drawn
    assert widest(drawn) <= 80
    history = cli.ok("history", "iris", "--metric", "accuracy", "--json").json
    check_shape("metric-history", history)
    assert history["points"][1]["measured"]["value"] == 0.96
    picture = tmp_path / "accuracy.svg"
    assert (
        cli.ok("history", "iris", "--metric", "accuracy", "--plot", picture).out == f"{picture}\n"
    )
    assert "1.1.0" in picture.read_text()


def test_a_difference_is_no_failure_unless_that_is_asked_for(shell: Cli) -> None:
    assert shell("diff", "iris@1.0.0", "iris@1.1.0").code == 0
    assert shell("diff", "iris@1.0.0", "iris@1.1.0", "--exit-code").code == 1
    same = shell("diff", "iris@production", "iris@1.0.0", "--exit-code")
    assert same.code == 0
    assert "nothing tells them apart" in same.out


def test_options_that_contradict_each_other_are_refused(shell: Cli) -> None:
    assert shell("diff", "iris", "iris@1.0.0", "--json", "--markdown").code == 2
    assert shell("diff", "iris").code == 2
    assert shell("history", "iris", "--plot", "a.svg").code == 2
    assert shell("history", "iris", "--metric", "accuracy", "--plot", "a.gif").code == 2


def test_a_long_history_shows_its_end_and_says_so(shell: Cli) -> None:
    ran = shell.ok("history", "iris", "--metric", "accuracy", "--limit", "1")
    assert "1.1.0" in ran.out
    assert "1.0.0" not in ran.out
    assert "1 earlier version left out" in ran.err
    assert "1.0.0" in shell.ok("history", "iris", "--metric", "accuracy", "--limit", "0").out


def test_a_yanked_version_and_one_without_a_figure_are_told(shell: Cli, released: Team) -> None:
    registry = released.open()
    registry.yank("iris@1.1.0", vacate=True)
    (released.iris / "model.skops").write_bytes(b"a third model\n")
    registry.register(released.iris, bump="major", metrics={"f1": 0.9})
    ran = shell.ok("history", "iris", "--metric", "accuracy")
    assert "1.1.0 yanked" in ran.out
    assert "1 version with no figure to draw" in ran.err
