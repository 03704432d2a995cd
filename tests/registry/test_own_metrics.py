"""Metrics of the caller's own: whole columns, the caller's code, and no grade by who registers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gitreg.errors import InvalidError, RefusedError, SetupError, UsageError
from gitreg.formats.isolated import Limits
from gitreg.formats.team_metric import is_team_metric
from gitreg.registry.evaluate import Request, evaluate, sign
from gitreg.registry.policy import apply_policy
from gitreg.value import replace
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team
from tests.registry.test_evaluate import (
    BAD,
    GOOD,
    SITES,
    TEST,
    X,
    Y,
    data,
    name_data,
    register,
    want_evidence,
)

__all__ = ["data"]

COST = """
import numpy as np
def cost(target, prediction, score, weight):
    assert weight is None
    assert score.shape == (len(target), 3)
    return 2 * np.mean(target != prediction)
"""
NAME = "costs:cost"

Ask = Callable[..., Request]


@pytest.fixture
def ask(team: Team, data: Path, tmp_path: Path) -> Ask:
    """Writes a metric's code, and returns the request that measures it."""
    register(team, GOOD, "1.0.0")

    def write(code: str = COST) -> Request:
        (tmp_path / "costs.py").write_text(code)
        return Request(
            data=data,
            target="species",
            metrics=[NAME],
            slices=["site"],
            code=tmp_path,
            replicates=0,
        )

    return write


def test_the_figure_stands_beside_the_others(team: Team, ask: Ask) -> None:
    found = evaluate(
        team.open(), "iris", replace(ask(), metrics=[NAME, "accuracy"], slices=["site"])
    )
    wrong = GOOD.predict(X[TEST]) != Y[TEST]
    assert found.report["metrics"][NAME] == {"value": pytest.approx(2 * np.mean(wrong))}
    assert "accuracy" in found.report["metrics"]
    for site in ("north", "south"):
        figure = found.report["slices"]["site"][site][NAME]["value"]
        assert figure == pytest.approx(2 * np.mean(wrong[site == SITES]))
    said = found.report["extra"]["own_metrics"][NAME]
    assert said["computed_on"].startswith("whole columns")
    assert len(said["module_sha256"]) == 64


def test_a_gate_may_want_it(team: Team, data: Path, ask: Ask) -> None:
    request = ask()
    team.open().promote("iris@1.0.0", stage="staging")
    want_evidence(team, data)
    file = team.clone / "gitreg.yaml"
    file.write_text(
        file.read_text().replace("metric: accuracy, min: 0.9", f"metric: '{NAME}', max: 0.2")
    )
    apply_policy(team.open())
    silent = evaluate(team.open(), "iris", replace(request, metrics=[]))
    assert silent.notes[0].startswith(f"{NAME} is not measured: no module")
    found = evaluate(team.open(), "iris", request)
    assert found.notes == ()
    sign(team.open(), found)
    team.open().promote("iris@1.0.0", stage="production")
    register(team, BAD, "1.1.0")
    worse = evaluate(team.open(), "iris@1.1.0", request)
    change = worse.report["extra"]["changes"][NAME]["value"]
    mine, champions = (
        part["metrics"][NAME]["value"] for part in (worse.report, worse.report["champion"])
    )
    assert change == pytest.approx(mine - champions)
    sign(team.open(), worse)
    with pytest.raises(RefusedError, match=r"costs:cost <= 0\.2 on holdout: it is 0\.5"):
        team.open().promote("iris@1.1.0", stage="production")


def let_code_run(team: Team) -> None:
    file = team.clone / "gitreg.yaml"
    file.write_text(file.read_text().replace("    yank:", "    allow_pickle: true\n    yank:"))
    apply_policy(team.open())


def test_who_registers_does_not_bring_the_grade(
    team: Team, data: Path, ask: Ask, tmp_path: Path
) -> None:
    ask()
    (team.clone / "costs.py").write_text("def cost(*columns): return 0.0")
    team.git("add", "costs.py")
    team.git("commit", "-qm", "Bring a metric")
    name_data(team, data, target="species", metrics=f"['{NAME}', mcc]")
    register(team, GOOD, "1.1.0")
    request = Request(slices=["site"], replicates=0, code=team.clone)
    found = evaluate(team.open(), "iris@1.1.0", request)
    assert NAME not in found.report["metrics"]
    assert "mcc" in found.report["metrics"]
    (note,) = found.notes
    assert note.startswith(f"{NAME} is not measured: no module of it here, or the policy")
    let_code_run(team)
    (tmp_path / "costs.py").write_text("def cost(*columns): return 7.0")
    found = evaluate(team.open(), "iris@1.1.0", replace(request, code=tmp_path))
    assert (found.report["metrics"][NAME]["value"], found.notes) == (7.0, ())
    (tmp_path / "costs.py").unlink()
    found = evaluate(team.open(), "iris@1.1.0", replace(request, code=tmp_path))
    assert NAME not in found.report["metrics"]


def test_what_is_no_number_is_not_defined(team: Team, ask: Ask) -> None:
    request = ask("def cost(*columns): return float('nan')")
    report = evaluate(team.open(), "iris", request).report
    assert NAME not in report["metrics"]
    assert report["extra"]["undefined"][NAME] == "it returned no finite number"


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("def cost(*columns): raise ValueError('no cost')", "ValueError: no cost"),
        ("def cost(*columns): return 'cheap'", "the text 'cheap'"),
        ("def cost(*columns): return None", "TypeError"),
        ("def cost(target): return 1.0", "positional argument"),
        ("def price(*columns): return 1.0", "has no attribute 'cost'"),
        ("raise SystemExit", "ended its process"),
        ("def cost(*columns): return bytearray(1 << 45)", "more memory"),
    ],
)
def test_a_metric_that_fails_is_told(team: Team, ask: Ask, code: str, what: str) -> None:
    with pytest.raises(InvalidError, match=what) as caught:
        evaluate(team.open(), "iris", ask(code))
    assert caught.value.what.startswith(f"the metric {NAME} failed")


def test_a_metric_that_hangs_is_ended(team: Team, ask: Ask) -> None:
    request = replace(ask("def cost(*columns):\n    while True: pass"), limits=Limits(seconds=5.0))
    with pytest.raises(InvalidError, match="took longer than 5 s"):
        evaluate(team.open(), "iris", request)


def test_a_metric_that_is_not_there_is_told_first(team: Team, ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no module for the metric other:cost"):
        evaluate(team.open(), "iris", replace(ask(), metrics=["other:cost"]))


def test_columns_are_kept_up_to_a_bound(
    team: Team, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitreg.registry.own_metrics.MAX_COLUMNS", 100)
    with pytest.raises(UsageError, match="computed on whole columns"):
        evaluate(team.open(), "iris", ask())


def test_the_command_takes_the_code_of_the_current_directory(
    team: Team, ask: Ask, cli: Cli
) -> None:
    ask()
    cli.folder = team.clone
    (team.clone / "costs.py").write_text(COST)
    words = ["evaluate", "iris", "--data", "test.csv", "--target", "species", "--slice", "site"]
    words += ["--metric", NAME]
    found = cli.ok(*words, "--json").json
    check_shape("evaluate", found)
    assert NAME in found["report"]["metrics"]
    assert NAME in cli.ok(*words).out


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("costs:cost", True),
        ("team.costs:cost_2", True),
        ("accuracy", False),
        ("costs:", False),
        (":cost", False),
        ("a:b:c", False),
        ("../costs:cost", False),
        ("costs:cost()", False),
        ("costs.:cost", False),
        ("x" * 100 + ":cost", False),
    ],
)
def test_a_name_is_a_module_and_a_function(name: str, *, is_one: bool) -> None:
    assert is_team_metric(name) is is_one
