"""A team whose models come by pull request: real models, a data set, and gates on it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gitreg.registry.policy import apply_policy
from gitreg.registry.register import Prepared, prepare
from gitreg.registry.registration import Request
from tests.fixtures import Team, write

X, Y = load_iris(return_X_y=True)
TRAIN, TEST = slice(0, None, 2), slice(1, None, 2)
GOOD = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[TRAIN], Y[TRAIN])
BETTER = make_pipeline(StandardScaler(), LogisticRegression(C=3.0)).fit(X[TRAIN], Y[TRAIN])
BAD = LogisticRegression(C=1e-3).fit(X[TRAIN], Y[TRAIN])

_MODEL = """\
schema: gitreg/model/v1
name: iris
version: 0.0.0
task: tabular-classification
signature:
  inputs:
    - {name: a, datatype: FP64, shape: [-1]}
    - {name: b, datatype: FP64, shape: [-1]}
    - {name: c, datatype: FP64, shape: [-1]}
    - {name: d, datatype: FP64, shape: [-1]}
evaluation:
  dataset: data/test.csv
  target: species
artifacts:
  - {path: model.skops, role: model, format: skops}
"""


def start_merging(team: Team) -> None:
    """Commit and push the data set, a first `model.yaml`, and gates on measured evidence."""
    rows = ["a,b,c,d,species"]
    rows += [",".join(map(str, (*x, y))) for x, y in zip(X[TEST].tolist(), Y[TEST], strict=True)]
    data = write(team.clone / "data/test.csv", "\n".join(rows))
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    file = team.clone / "gitreg.yaml"
    text = file.read_text().replace(
        "production: {after: staging, promote: [maintainers]}",
        "production: {promote: [maintainers], evidence: measured, gates: ["
        "{metric: accuracy, min: 0.9, data: holdout}, "
        "{metric: accuracy, min_change: -0.01, data: holdout}]}",
    )
    text = text.replace("models:", f"datasets: {{holdout: {{sha256: {digest}}}}}\nmodels:", 1)
    text = text.replace("    yank:", "    evaluate: [maintainers]\n    yank:")
    file.write_text(text)
    apply_policy(team.open())
    write(team.iris / "model.yaml", _MODEL)
    commit(team, "Hold the first model to a data set")
    push(team)


def commit(team: Team, message: str) -> str:
    """Commit everything in the work tree but artifacts."""
    write(team.clone / "models/iris/.gitignore", "/model.skops\n")
    team.git("add", "--all")
    team.git("commit", "--quiet", "--message", message)
    return team.git("rev-parse", "HEAD")


def push(team: Team) -> None:
    team.git("push", "--quiet", "origin", "HEAD:main")


def prepare_iris(team: Team, model: object, version: str) -> Prepared:
    """Prepare a version on the present branch, as a pull request brings it."""
    skops.io.dump(model, team.model_file)
    return prepare(team.open(), Request(folder=team.iris, version=version))


def want(team: Team, stage: str, version: str, seq: int) -> None:
    """Write a line of `stages.yaml`, as a person would, and commit it."""
    path = team.iris / "stages.yaml"
    old = path.read_text() if path.exists() else ""
    lines = [line for line in old.splitlines() if not line.startswith(f"{stage}:")]
    write(path, "\n".join([*lines, f"{stage}: {{version: {version}, seq: {seq}}}"]) + "\n")
    commit(team, f"Want iris {version} in {stage}")


def ci_clone(team: Team, name: str = "ci") -> Path:
    """Return a fresh clone, as a CI job has it: no artifacts, no cache."""
    return team.colleague(name)
