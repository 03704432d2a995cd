"""The words of the registry that is kept of format 1: its policies, documents and reports."""

from __future__ import annotations

from typing import Any

from gitreg import yaml12

HOLDOUT, EASY = "ab" * 32, "cd" * 32

TEAM = """\
# Every field that a policy of format 1 has.
gitreg: 1
people:
  alice: {{keys: ["{alice} alice@example.org", "{alice-2}"]}}
  bob: {{keys: ["{bob}"]}}
  carol: {{keys: ["{carol}"]}}
  dave: {{keys: ["{dave}", "{dave-2}"]}}
  erin:
    keys:
      - {erin}
  ci: {{keys: ["{ci}"]}}
  gone: {{keys: []}}
roles: {{maintainers: [alice, bob], reviewers: [carol, dave], bots: [ci], all: [maintainers, erin]}}
root: {{by: [maintainers], threshold: 2}}
beat: [bots]
max_age: 99999w
datasets:
  holdout: {{sha256: HOLDOUT, uri: data/holdout.csv, description: "kept from training: no"}}
  easy: {{sha256: EASY}}
models:
  "*":
    owners: [erin]
    register: [maintainers, bots]
    evaluate: [bots]
    deploy: [bots]
    yank: [maintainers]
    allow_pickle: false
    stages:
      canary: {{promote: [all, bots]}}
      staging: {{promote: [all, bots], gates: [{{metric: accuracy, min: 0.9}}]}}
      production:
        after: staging
        promote: [all, bots]
        approve: {{by: [reviewers, maintainers, bots], count: 2}}
        rollback: {{approve: 0}}
        evidence: measured
        gates:
          - {{metric: accuracy, min: 9e-1, max: 1, data: holdout}}
          - {{metric: accuracy, min_change: -0.01, data: holdout}}
          - {{metric: latency_p95_ms, max_change: 5, max: 50}}
          - {{metric: accuracy, slice: sex, max_gap: 0.05}}
  fraud/*:
    owners: []
    register: [alice]
    stages:
      live:
        promote: [alice]
        approve: {{by: [dave]}}
        rollback: {{approve: 1}}
        evidence: claimed
        gates: [{{metric: loss, max: 1}}]
""".replace("HOLDOUT", HOLDOUT).replace("EASY", EASY)

TEAM_WITH_FRANK = (
    TEAM.replace("  gone: ", '  frank: {{keys: ["{frank}"]}}\n  gone: ')
    .replace("maintainers: [alice, bob]", "maintainers: [alice, bob, frank]")
    .replace("threshold: 2", "threshold: 3")
    .replace("    register: [alice]", "    register: [frank]")
)
TEAM_WITH_STRICTER_GATES = TEAM_WITH_FRANK.replace("min: 9e-1,", "min: 0.92,")


def document(name: str, version: str, **fields: Any) -> dict[str, Any]:
    """The value of a `model.yaml`; its one artifact is stored nowhere."""
    artifact = {"path": "model.onnx", "role": "model", "size": 1}
    return {
        "schema": "gitreg/model/v1",
        "name": name,
        "version": version,
        "metrics": {"accuracy": 0.96},
        "artifacts": [artifact | {"sha256": "1d" * 32, "md5": "1e" * 16}],
    } | fields


def dumped(value: dict[str, Any]) -> str:
    """The text of a `model.yaml`."""
    return yaml12.dump(value)


def report(
    version: str,
    accuracy: float,
    *,
    data: str = HOLDOUT,
    champion: tuple[str, float] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A report on a version of iris, and on the champion beside it."""
    value: dict[str, Any] = {
        "schema": "gitreg/report/v1",
        "model": "iris",
        "version": version,
        "data": {"name": "holdout", "sha256": data},
        **_figures(accuracy),
    }
    if champion is not None:
        value["champion"] = {"version": champion[0], **_figures(champion[1])}
    return value | fields


def _figures(accuracy: float) -> dict[str, Any]:
    return {
        "metrics": {
            "accuracy": {"value": accuracy, "better": "higher", "low": 0.9, "high": 0.99},
            "latency_p95_ms": 12.5,
        },
        "slices": {"sex": {"f": {"accuracy": 0.94}, "m": {"accuracy": 0.96}}},
    }
