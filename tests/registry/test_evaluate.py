"""Measured evidence: a version and its champion, on the same rows, in one run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_absolute_error, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gitreg.domain.canonical import sha256
from gitreg.domain.report import Report
from gitreg.errors import (
    GitregError,
    InvalidError,
    RefusedError,
    SetupError,
    UntrustedError,
    UsageError,
)
from gitreg.formats import ModelFile
from gitreg.registry.evaluate import Request, evaluate, sign
from gitreg.registry.measuring import measure
from gitreg.registry.policy import apply_policy
from gitreg.registry.shards import Plan
from gitreg.value import replace
from tests.cli.test_json_shapes import check_shape
from tests.fixtures import Cli, Team

X, Y = load_iris(return_X_y=True)
TRAIN, TEST = slice(0, None, 2), slice(1, None, 2)
SITES = np.where(np.arange(75) % 3 == 0, "north", "south")
GOOD = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[TRAIN], Y[TRAIN])
BAD = LogisticRegression(C=1e-3).fit(X[TRAIN], Y[TRAIN])
QUICK = Request(target="species", slices=["site"], replicates=20)


@pytest.fixture
def data(team: Team) -> Path:
    rows = ["a,b,c,d,site,species"]
    columns = zip(X[TEST].tolist(), SITES, Y[TEST], strict=True)
    rows += [",".join(map(str, (*flower, site, label))) for flower, site, label in columns]
    path = team.clone / "test.csv"
    path.write_text("\n".join(rows))
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def register(team: Team, model: object, version: str, **metrics: float) -> None:
    skops.io.dump(model, team.model_file)
    registry, first = team.open(), version == "1.0.0"
    if first:
        registry.register(new="iris", files=[team.model_file], version=version, metrics=metrics)
    else:
        registry.register(team.iris, version=version, metrics=metrics)


def want_evidence(team: Team, data: Path) -> None:
    """Let production ask for an accuracy measured on `data`, and no worse than the champion's."""
    file = team.clone / "gitreg.yaml"
    text = file.read_text().replace(
        "production: {after: staging, promote: [maintainers]}",
        "production: {promote: [maintainers], evidence: measured, gates: ["
        "{metric: accuracy, min: 0.9, data: holdout}, "
        "{metric: accuracy, min_change: -0.01, data: holdout}, "
        "{metric: accuracy, slice: site, max_gap: 0.5}]}",
    )
    text = text.replace("models:", f"datasets: {{holdout: {{sha256: {digest(data)}}}}}\nmodels:", 1)
    text = text.replace("    yank:", "    evaluate: [maintainers]\n    yank:")
    file.write_text(text)
    apply_policy(team.open())


def test_figures_are_those_of_scikit_learn(team: Team, data: Path) -> None:
    register(team, GOOD, "1.0.0")
    found = evaluate(
        team.open(),
        "iris@1.0.0",
        replace(
            QUICK,
            data=data,
        ),
    )
    predicted, scores = GOOD.predict(X[TEST]), GOOD.predict_proba(X[TEST])
    figures = found.report["metrics"]
    assert figures["accuracy"]["value"] == pytest.approx(accuracy_score(Y[TEST], predicted))
    macro = f1_score(Y[TEST], predicted, average="macro")
    assert figures["f1_macro"]["value"] == pytest.approx(macro, abs=1e-12)
    assert figures["log_loss"]["value"] == pytest.approx(log_loss(Y[TEST], scores), abs=1e-12)
    assert figures["accuracy"]["low"] <= figures["accuracy"]["value"]
    assert figures["latency_p95_ms"]["unit"] == "ms"
    north = SITES == "north"
    assert found.report["slices"]["site"]["north"]["accuracy"]["value"] == pytest.approx(
        accuracy_score(Y[TEST][north], predicted[north])
    )
    extra = found.report["extra"]
    assert np.trace(extra["confusion"]) == np.sum(predicted == Y[TEST])
    assert (extra["rows"], extra["task"]["classes"]) == (75, [0, 1, 2])
    assert found.report["data"] == {"name": "test.csv", "sha256": digest(data)}
    assert Report.from_dict(json.loads(found.data)).challenger.version == "1.0.0"


def test_the_champion_is_measured_in_the_same_run(team: Team, data: Path) -> None:
    register(team, BAD, "1.0.0")
    team.open().promote("iris@1.0.0", stage="staging")
    register(team, GOOD, "1.1.0")
    found = evaluate(
        team.open(),
        "iris@1.1.0",
        replace(
            QUICK,
            data=data,
            stage="staging",
        ),
    )
    champion = found.report["champion"]
    bad = accuracy_score(Y[TEST], BAD.predict(X[TEST]))
    assert champion["version"] == "1.0.0"
    assert champion["metrics"]["accuracy"]["value"] == pytest.approx(bad)
    change = found.report["extra"]["changes"]["accuracy"]["value"]
    assert change == pytest.approx(accuracy_score(Y[TEST], GOOD.predict(X[TEST])) - bad)


def test_the_same_run_gives_the_same_figures(team: Team, data: Path) -> None:
    register(team, GOOD, "1.0.0")
    one, two = (
        evaluate(
            team.open(),
            "iris",
            replace(
                QUICK,
                data=data,
                seed=3,
            ),
        ).report["metrics"]
        for _ in range(2)
    )
    assert one["accuracy"] == two["accuracy"]
    assert one["log_loss"] == two["log_loss"]


def test_only_signed_evidence_opens_a_stage(team: Team, data: Path) -> None:
    register(team, GOOD, "1.0.0", accuracy=1.0)
    want_evidence(team, data)
    found = evaluate(team.open(), "iris@1.0.0", Request(data=data, target="species"))
    assert (found.stage, found.notes) == ("production", ())
    with pytest.raises(RefusedError, match="wants measured evidence"):
        team.open().promote("iris@1.0.0", stage="production")
    (record,) = sign(team.open(), found, reason="nightly").written.records  # type: ignore[union-attr]
    assert (record.action, record.reason) == ("evaluate", "nightly")
    assert record.report == hashlib.sha256(found.data).hexdigest()
    team.open().promote("iris@1.0.0", stage="production")
    register(team, BAD, "1.1.0", accuracy=1.0)
    worse = evaluate(team.open(), "iris@1.1.0", Request(data=data, target="species"))
    assert worse.report["champion"]["version"] == "1.0.0"
    sign(team.open(), worse)
    with pytest.raises(RefusedError, match=r"accuracy >= 0\.9"):
        team.open().promote("iris@1.1.0", stage="production")
    assert team.open().verify(deep=True).ok


def test_python_measures_and_signs_too(team: Team, data: Path) -> None:
    register(team, GOOD, "1.0.0")
    want_evidence(team, data)
    found = team.open().evaluate("iris", data=data, target="species", replicates=0, sign=True)
    assert found.report["metrics"]["accuracy"]["value"] > 0.9
    assert [record.action for record in found.written.records] == ["evaluate"]  # type: ignore[union-attr]
    assert "evaluation" in {edge.relation for edge in team.open().lineage("iris").edges}


def test_who_may_not_evaluate_cannot_sign(team: Team, data: Path) -> None:
    register(team, GOOD, "1.0.0")
    found = evaluate(
        team.open(),
        "iris",
        replace(
            QUICK,
            data=data,
        ),
    )
    with pytest.raises(RefusedError) as caught:
        sign(team.open(), found)
    assert caught.value.rule == "right"


def test_other_data_than_the_gates_name_is_told(team: Team, data: Path) -> None:
    register(team, GOOD, "1.0.0")
    want_evidence(team, data)
    data.write_text(data.read_text() + "\n5.1,3.5,1.4,0.2,north,0")
    (note,) = evaluate(
        team.open(),
        "iris",
        replace(
            QUICK,
            data=data,
        ),
    ).notes
    assert note.startswith("no evidence for production: its gates want the data set holdout")


def name_data(team: Team, data: Path, **more: str) -> None:
    file = team.iris / "model.yaml"
    lines = ["evaluation:", f"  dataset: {data.name}", *(f"  {k}: {v}" for k, v in more.items())]
    text = file.read_text().replace("artifacts:", "\n".join([*lines, "artifacts:"]), 1)
    file.write_text(text)


def test_model_yaml_says_what_to_measure_on(team: Team, data: Path) -> None:
    register(team, GOOD, "1.0.0")
    name_data(team, data, sha256=digest(data), target="species", metrics="[mcc]")
    register(team, GOOD, "1.1.0", accuracy=0.5, mcc=0.961)
    request = Request(slices=["site"], replicates=0)
    found = evaluate(team.open(), "iris@1.1.0", request)
    assert "mcc" in found.report["metrics"]
    assert "accuracy" not in found.report["metrics"]
    mcc = found.report["metrics"]["mcc"]["value"]
    assert round(mcc, 3) == 0.961
    assert found.notes == ()


def test_a_claim_that_the_data_deny_is_called_false(team: Team, data: Path) -> None:
    register(team, BAD, "1.0.0")
    name_data(team, data, sha256=digest(data), target="species", metrics="[accuracy]")
    register(team, BAD, "1.1.0", accuracy=0.999)
    (note,) = evaluate(team.open(), "iris@1.1.0", Request(slices=["site"])).notes
    assert note.startswith("false claim: model.yaml says accuracy is 0.999, measured is 0.")


def test_data_that_changed_are_refused(team: Team, data: Path) -> None:
    register(team, GOOD, "1.0.0")
    name_data(team, data, sha256=digest(data), target="species")
    register(team, GOOD, "1.1.0")
    data.write_text(data.read_text() + "\n5.1,3.5,1.4,0.2,north,0")
    with pytest.raises(InvalidError, match=r"test\.csv has changed"):
        evaluate(team.open(), "iris@1.1.0", Request(slices=["site"]))


@pytest.mark.parametrize("name", ["../../secret.csv", "/etc/passwd.csv", "link.csv"])
def test_model_yaml_leads_to_no_file_elsewhere(team: Team, data: Path, name: str) -> None:
    secret = team.folder / "secret.csv"
    secret.write_text(data.read_text())
    (team.clone / "link.csv").symlink_to(secret)
    register(team, GOOD, "1.0.0")
    name_data(team, Path(name), target="species")
    file = team.iris / "model.yaml"
    file.write_text(file.read_text().replace(f"dataset: {Path(name).name}", f"dataset: {name}"))
    register(team, GOOD, "1.1.0")
    with pytest.raises(UntrustedError, match="outside of the repository"):
        evaluate(team.open(), "iris@1.1.0", Request(slices=["site"]))


def test_the_model_is_never_given_the_target(team: Team, data: Path) -> None:
    columns = {name: X[TRAIN][:, place] for place, name in enumerate("abcd")}
    named = LogisticRegression().fit(X[TRAIN], Y[TRAIN])
    named.feature_names_in_ = np.array([*columns, "species"], dtype=object)
    register(team, named, "1.0.0")
    with pytest.raises(InvalidError, match="columns that are missing: species"):
        evaluate(
            team.open(),
            "iris",
            replace(
                QUICK,
                data=data,
                features=[*"abcd", "species"],
            ),
        )


def test_a_regression_is_measured_as_one(team: Team, tmp_path: Path) -> None:
    x, y = X[:, :3], X[:, 3]
    model = LinearRegression().fit(x, y)
    register(team, model, "1.0.0")
    np.savez(tmp_path / "flowers.npz", a=x[:, 0], b=x[:, 1], c=x[:, 2], width=y)
    request = Request(data=tmp_path / "flowers.npz", target="width", replicates=0)
    found = evaluate(team.open(), "iris", request).report
    predicted = model.predict(x)
    assert found["extra"]["task"]["kind"] == "regression"
    assert found["metrics"]["mae"]["value"] == pytest.approx(mean_absolute_error(y, predicted))
    assert found["metrics"]["r2"]["value"] == pytest.approx(r2_score(y, predicted))


def test_a_pickle_is_not_loaded_unless_the_policy_allows_it(
    team: Team, data: Path, tmp_path: Path
) -> None:
    import joblib

    path = team.iris / "model.joblib"
    joblib.dump(GOOD, path)
    team.open().register(new="iris", files=[path], version="1.0.0")
    with pytest.raises(RefusedError) as caught:
        evaluate(
            team.open(),
            "iris",
            replace(
                QUICK,
                data=data,
            ),
        )
    assert caught.value.rule == "allow-pickle"
    file = team.clone / "gitreg.yaml"
    file.write_text(file.read_text().replace("    yank:", "    allow_pickle: true\n    yank:"))
    apply_policy(team.open())
    found = evaluate(
        team.open(),
        "iris",
        replace(
            QUICK,
            data=data,
        ),
    )
    assert found.report["metrics"]["accuracy"]["value"] > 0.9


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ({"prediction": np.zeros(3)}, "prediction has 3 rows, the target 75"),
        ({"prediction": np.zeros((75, 2, 2))}, "prediction"),
        ({"prediction": np.full(75, np.nan)}, "prediction"),
        ({"prediction": np.full(75, 9), "classes": np.arange(3)}, "prediction is 9"),
        ({"prediction": Y[TEST], "classes": np.eye(3)}, "classes"),
        ({"prediction": Y[TEST], "score": np.ones((2, 2))}, "score"),
        ({"prediction": Y[TEST], "score": np.full((75, 3), np.inf)}, "score"),
        ({"other": Y[TEST]}, "without a prediction"),
        ({}, "without a prediction"),
    ],
)
def test_answers_that_make_no_sense_are_told(
    data: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], what: str
) -> None:
    class Model:
        seconds = 0.0

        def __init__(self, *_: object) -> None: ...

        def predict(self, _: object) -> dict[str, Any]:
            return answer

        def time_single(self, _: object) -> list[float]:
            return [0.001]

        def close(self) -> int:
            return 0

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

    class Version:
        version = "1.0.0"
        artifacts = ()

        def loadable(self) -> ModelFile:
            return ModelFile(path=data, format="skops")

    monkeypatch.setattr("gitreg.registry.measuring.IsolatedModel", Model)
    plan = Plan(data=data, target="species", slices=("site",), task="tabular-classification")
    with pytest.raises(GitregError, match=what):
        measure(Version(), plan)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("request_", "error", "what"),
    [
        (Request(target="species"), UsageError, "no data set is named"),
        (Request(data=Path("none.csv"), target="species"), SetupError, "there is no file"),
        (Request(data=Path("test.csv")), UsageError, "no target column is named"),
        (Request(data=Path("test.csv"), target="size"), InvalidError, "no column size"),
        (Request(data=Path("test.csv"), target="species"), InvalidError, "could not convert"),
        (Request(data=Path("test.csv"), target="species", stage="qa"), RefusedError, "no stage qa"),
        (replace(QUICK, data=Path("test.csv"), metrics=["acc"]), UsageError, "'acc'"),
    ],
)
def test_what_cannot_be_measured_is_told(
    team: Team,
    data: Path,
    request_: Request,
    error: type[Exception],
    what: str,
) -> None:
    register(team, GOOD, "1.0.0")
    where = team.clone / request_.data if request_.data else None
    with pytest.raises(error, match=what):
        evaluate(team.open(), "iris", replace(request_, data=where))


def test_the_command_shows_writes_and_signs(team: Team, data: Path, cli: Cli) -> None:
    register(team, BAD, "1.0.0")
    team.open().promote("iris@1.0.0", stage="staging")
    want_evidence(team, data)
    register(team, GOOD, "1.1.0")
    cli.folder = team.clone
    words = ["evaluate", "iris@1.1.0", "--data", "test.csv", "--target", "species"]
    files = ["--report", "report.json", "--html", "report.html"]
    ran = cli.ok(*words, "--stage", "staging", "--slice", "site", *files)
    assert "<h1>Evaluation of iris 1.1.0</h1>" in (team.clone / "report.html").read_text()
    for part in ("champion  1.0.0 of staging", "accuracy_gap", "f1_macro", "change"):
        assert part in ran.out
    assert json.loads((team.clone / "report.json").read_text())["version"] == "1.1.0"
    assert cli.ok(*words, "--slice", "site", "--markdown").out.startswith("### iris 1")
    (team.clone / "folder").mkdir()
    assert "is not a file" in cli.no(*words, "--slice", "site", "--html", "folder")
    features = [word for name in "abcd" for word in ("--feature", name)]
    signed = cli.ok(*words, *features, "--sign", "--json").json
    check_shape("evaluate", signed)
    assert signed["written"]["records"][0]["title"] == "Evaluate iris v1.1.0"
    assert "Evaluate v1.1.0" in cli.ok("history", "iris").out


def test_a_dry_run_shows_gates_their_evidence_and_false_claims(
    team: Team, data: Path, cli: Cli
) -> None:
    register(team, BAD, "1.0.0")
    want_evidence(team, data)
    register(team, BAD, "1.1.0", accuracy=0.999)
    found = evaluate(team.open(), "iris@1.1.0", replace(QUICK, data=data))
    record = sign(team.open(), found).written
    assert record is not None
    cli.folder = team.clone
    words = ["promote", "iris@1.1.0", "--stage", "production", "--dry-run"]
    ran = cli(*words)
    assert ran.code == 1
    said = " ".join(ran.out.split())
    assert "gate needed found verdict evidence" in said
    assert f"record {record.records[0].index} ({sha256(found.data)[:8]})" in said
    assert "false claim: model.yaml says accuracy is 0.999" in said
    seen = cli(*words, "--json").json
    check_shape("review", seen)
    assert seen["record"] == record.records[0].index
    assert seen["gates"][0]["found"]["value"] == str(found.report["metrics"]["accuracy"]["value"])
    assert seen["gates"][2]["groups"]["lowest"]["group"] in {"north", "south"}
    [claim] = seen["false_claims"]
    assert (claim["metric"], claim["claimed"]) == ("accuracy", "0.999")


def test_several_names_fit_in_one_word(team: Team, data: Path, cli: Cli) -> None:
    register(team, GOOD, "1.0.0")
    cli.folder = team.clone
    words = ["evaluate", "iris@1.0.0", "--data", str(data), "--target", "species"]
    names = ["--metric", "accuracy,f1_macro", "--slice", "site,a", "--feature", "a,b,c,d"]
    found = cli.ok(*words, *names, "--replicates", "0", "--json").json
    assert {"accuracy", "f1_macro"} <= set(found["report"]["metrics"])
    assert set(found["report"]["slices"]) == {"site", "a"}
