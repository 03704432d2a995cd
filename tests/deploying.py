"""Registries whose models can be loaded, with somewhere to deploy them to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import skops.io
from sklearn.linear_model import LogisticRegression

from gitreg.registry.policy import apply_policy
from tests.fixtures import Team, write

X, Y = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]], [0, 0, 1, 1]
SIGNATURE = {
    "inputs": [
        {"name": "length", "datatype": "FP64", "shape": [-1]},
        {"name": "width", "datatype": "FP64", "shape": [-1]},
    ]
}
_MODELS = """\
gitreg: 1
models:
  "*":
    production:
      - {{name: shelf, target: folder, path: {path}{more}}}
"""


def model(strength: float = 1.0) -> Any:
    """Return a small classifier of two columns."""
    return LogisticRegression(C=strength).fit(X, Y)


def register(team: Team, version: str, *, data: bytes | None = None, **fields: Any) -> None:
    """Register a version of iris that loads, with fields of model.yaml; its order tells them apart.

    `data` stands in the model's place.
    """
    if data is None:
        skops.io.dump(model(1.0 + int(version.replace(".", ""))), team.model_file)
    else:
        team.model_file.write_bytes(data)
    described = {
        "schema": "gitreg/model/v1",
        "name": "iris",
        "version": version,
        "artifacts": [{"path": "model.skops", "role": "model"}],
        **fields,
    }
    write(team.iris / "model.yaml", json.dumps(described))
    team.open().register(team.iris)


def promote(team: Team, version: str) -> None:
    """Bring a version to production."""
    registry = team.open()
    if not registry.state.has_held("iris", version, "staging"):
        registry.promote(f"iris@{version}", stage="staging")
    registry.promote(f"iris@{version}", stage="production")


def release(team: Team, version: str, *, data: bytes | None = None, **fields: Any) -> None:
    """Register a version and bring it to production."""
    register(team, version, data=data, **fields)
    promote(team, version)


def add_target(team: Team, path: Path, more: str = "") -> None:
    """Commit a deploy.yaml with one folder for production; `more` are fields of it."""
    commit_targets(team, _MODELS.format(path=path, more=f", {more}" if more else ""))


def commit_targets(team: Team, text: str) -> None:
    """Commit a deploy.yaml."""
    write(team.clone / "deploy.yaml", text)
    team.git("add", "deploy.yaml")
    team.git("commit", "--quiet", "--message", "Say where to deploy to", "--", "deploy.yaml")


def let_alice_sign(team: Team) -> None:
    """Let the policy have deployments signed by its maintainers."""
    file = team.clone / "gitreg.yaml"
    text = file.read_text().replace("    yank:", "    deploy: [maintainers]\n    yank:")
    file.write_text(text)
    apply_policy(team.open())


def in_use(path: Path) -> str | None:
    """Return the folder that `current` of iris leads to."""
    link = path / "iris" / "current"
    return str(link.readlink()) if link.is_symlink() else None


def names(path: Path) -> list[str]:
    """Return what there is of iris below a target's path."""
    return sorted(item.name for item in (path / "iris").iterdir())
