"""A complete registry in a folder, built with the very commands that a user would type."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from gitreg.errors import GitregError, SetupError
from gitreg.git.create import clone, create
from gitreg.git.repository import Repository
from gitreg.signing import create_key
from gitreg.value import Value

_TRAIN = '''\
"""Train a classifier of iris flowers: python train.py C, the inverse of regularisation."""

import json
import sys
from pathlib import Path

import skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

x, y = load_iris(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.4, random_state=7)
model = LogisticRegression(C=float(sys.argv[1]), max_iter=1000).fit(x_train, y_train)
predicted = model.predict(x_test)
metrics = {
    "accuracy": round(accuracy_score(y_test, predicted), 4),
    "f1_macro": round(f1_score(y_test, predicted, average="macro"), 4),
}
Path("models/iris").mkdir(parents=True, exist_ok=True)
skops.io.dump(model, "models/iris/model.skops")
Path("metrics.json").write_text(json.dumps(metrics))
print(metrics)
'''
_PREDICT = '''\
"""Predict with a pulled model: python predict.py MODEL, on one flower of each species."""

import sys

import skops.io

model = skops.io.load(sys.argv[1])
names = ["setosa", "versicolor", "virginica"]
for flower in ([5.1, 3.5, 1.4, 0.2], [6.0, 2.9, 4.5, 1.5], [6.3, 3.3, 6.0, 2.5]):
    print(flower, "->", names[model.predict([flower])[0]])
'''


# Headline, then the commands under it; those in the clone, and at the end those beside it.
_STORY: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Start a registry: a policy with you and your key, signed as record 0",
        ("gitreg init --key ../alice_ed25519", "dvc remote add -q -d storage {storage}"),
    ),
    (
        "Train a model and register it: artifacts to DVC, a signed tag to Git",
        (
            "python train.py 0.01",
            (
                "gitreg register --new iris --file models/iris/model.skops --version 1.0.0 "
                "--metrics metrics.json --param C=0.01"
            ),
        ),
    ),
    (
        "Promote it, stage by stage; the policy decides who may",
        (
            "gitreg promote iris@1.0.0 --stage staging",
            'gitreg promote iris@1.0.0 --stage production --reason "the first"',
        ),
    ),
    (
        "A better version goes the same way",
        (
            "python train.py 1.0",
            "gitreg register models/iris --bump minor --metrics metrics.json --param C=1.0",
            "gitreg promote iris@1.1.0 --stage staging",
            'gitreg promote iris@1.1.0 --stage production --reason "more accurate"',
            "gitreg list",
        ),
    ),
    (
        "Something is wrong in production: roll back, and see who did what",
        (
            'gitreg rollback iris --stage production --reason "drift in petal width"',
            "gitreg history iris",
        ),
    ),
    (
        "Prove it all: signatures, chain, policy, tags, commits and every byte",
        ("gitreg verify --deep --artifacts",),
    ),
)
_ELSEWHERE = (
    "Somewhere else, with the URL alone: pull what is in production, and use it",
    (
        "gitreg pull iris@production --repo {origin} -o production",
        "python predict.py production/model.skops",
    ),
)


class Step(Value):
    """One step: a headline, or a command with the folder it runs in and what it printed."""

    headline: str | None = None
    command: str | None = None
    folder: str = ""
    printed: str = ""


def run_demo(folder: Path) -> Iterator[Step]:
    """Build the registry in `folder`, which must not exist yet, and yield each step once done.

    Raises: SetupError; GitregError where a step fails.
    """
    for module in ("sklearn", "skops"):
        if find_spec(module) is None:
            raise SetupError(
                f"the demo trains real models and needs {module}",
                next_step="pip install 'gitreg[demo]'",
            )
    folder = folder.absolute()
    if folder.exists():
        raise SetupError(
            f"{folder} exists already", next_step="name another folder: gitreg demo FOLDER"
        )
    work, run = folder / "work", _Runner(folder)
    places = {
        "storage": shlex.quote(str(folder / "storage")),
        "origin": shlex.quote(f"file://{folder}/origin.git"),
    }
    yield from _set_the_stage(folder, work)
    for where, (headline, commands) in [*((work, part) for part in _STORY), (folder, _ELSEWHERE)]:
        yield Step(headline=headline)
        for command in commands:
            yield run(command.format(**places), where)


def _set_the_stage(folder: Path, work: Path) -> Iterator[Step]:
    yield Step(headline=f"Build a registry in {folder}: an origin, a clone, storage and a key")
    folder.mkdir(parents=True)
    create(folder / "origin.git", bare=True)
    yield Step(command="git init --bare origin.git")
    clone(str(folder / "origin.git"), work)
    yield Step(command="git clone origin.git work")
    create_key(folder / "alice_ed25519", comment="alice@example.org")
    yield Step(command="ssh-keygen -t ed25519 -N '' -f alice_ed25519")
    repository = Repository.discover(work)
    for key, value in (("user.name", "Alice Example"), ("user.email", "alice@example.org")):
        repository.set_config(key, value)
        yield Step(command=f"git config {key} {shlex.quote(value)}", folder="work")
    (work / "train.py").write_text(_TRAIN)
    (folder / "predict.py").write_text(_PREDICT)


class _Runner:
    """Runs a command as it is shown, with this Python's programs and caches of the demo's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        caches = {
            name: str(folder / ".home" / name.lower())
            for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "DVC_SITE_CACHE_DIR")
        }
        self._environment = {**os.environ, **caches, "DVC_NO_ANALYTICS": "1"}
        self._environment.pop("GITREG_KEY", None)

    def __call__(self, command: str, folder: Path) -> Step:
        program, *arguments = shlex.split(command)
        start = [sys.executable] if program == "python" else [sys.executable, "-P", "-m", program]
        done = subprocess.run(
            [*start, *arguments],
            cwd=folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise GitregError(
                f"{command} failed:\n{done.stdout.strip()}",
                next_step=f"look around in {self._folder}, then remove it and try again",
            )
        relative = "" if folder == self._folder else folder.name
        return Step(command=command, folder=relative, printed=done.stdout.rstrip())
