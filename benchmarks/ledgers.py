"""Ledgers to verify: real Git objects, really signed, the same ones every time.

A release is six records: register, to staging, evaluate, two approvals, to production. Every fifth
one is rolled back and deprecated, and now and then the policy changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from growing import Growing, Said, say
from people import PEOPLE, public_key

from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.manifest import Manifest, ManifestFile
from gitreg.domain.model import SCHEMA
from gitreg.git.objects import TreeEntry

_HOLDOUT = sha256(b"holdout")
_POLICY = """\
gitreg: 1
people:
{people}
roles: {{maintainers: [alice, bob, erin], reviewers: [carol, dave, frank, grace], bots: [ci]}}
root: {{by: [maintainers], threshold: 2}}
max_age: {days}d
datasets: {{holdout: {{sha256: {holdout}}}}}
models:
  "*":
    owners: [maintainers]
    register: [maintainers, bots]
    evaluate: [bots]
    yank: [maintainers]
    stages:
      staging: {{promote: [maintainers, bots], gates: [{{metric: accuracy, min: 0.9}}]}}
      production:
        after: staging
        promote: [bots, maintainers]
        approve: {{by: [reviewers], count: 2}}
        rollback: {{approve: 0}}
        evidence: measured
        gates:
          - {{metric: accuracy, min: 0.9, data: holdout}}
          - {{metric: accuracy, min_change: -0.05, data: holdout}}
          - {{metric: latency_p95_ms, max: 50}}
          - {{metric: accuracy, slice: region, max_gap: 0.05}}
  "secret/*": {{owners: [alice], register: [alice], stages: {{}}}}
"""


def build(folder: Path, records: int) -> None:
    """Make a repository with a ledger of so many records, and their tags."""
    story = _Story(folder)
    for person, draft in islice(_tell(story, records), records):
        story.growing.append(person, draft)
    story.growing.finish()


def _tell(story: _Story, records: int) -> Iterator[Said]:
    """Yield who says what next, once what was said before is in the ledger."""
    models = [f"team-{n % 10}/model-{n:04d}" for n in range(max(records // 70, 2))]
    yield story.start()
    for release in range(records):
        model = models[release % len(models)]
        if release % 200 == 199:
            yield from story.change_policy()
        yield from story.release(model, release // len(models))


class _Story:
    """What people do: each says what fits the ledger as it is then."""

    def __init__(self, folder: Path) -> None:
        self.growing = Growing(folder)
        self._days = 30

    def start(self) -> Said:
        policy = self._policy()
        fields = {"new_policy": sha256(policy), "registry": "5c2b0f0e-6a43-4f9e-8b44-0f8a3a8f2f10"}
        return say("alice", "policy", None, fields, {"policy.yaml": policy})

    def change_policy(self) -> Iterator[Said]:
        """Propose and enact a policy that two root people want."""
        self._days += 1
        policy = self._policy()
        fields, files = {"new_policy": sha256(policy)}, {"policy.yaml": policy}
        yield say("alice", "approve", None, {**fields, "verdict": "approve"}, files)
        yield say("bob", "policy", None, fields, files)

    def release(self, model: str, number: int) -> Iterator[Said]:
        """Register a version and bring it to production."""
        version = f"1.{number}.0"
        files = _model_files(model, version)
        commit = self._commit(model, files["model.json"])
        here = {"model": model, "version": version}
        manifest = {"manifest": sha256(files["model.json"])}
        path = {"path": f"models/{model}", "on_behalf": "erin"}
        yield say("ci", "register", commit, {**here, **path, **manifest}, files)
        staging = {**here, **self.growing.next_change(model, "staging"), **manifest}
        yield say("ci", "promote", commit, staging)
        report = self._report(model, version)
        cited = {**here, "report": sha256(report)}
        yield say("ci", "evaluate", commit, cited, {"report.json": report})
        production = {**self.growing.next_change(model, "production"), **cited}
        verdict = {key: value for key, value in production.items() if key != "replaces"}
        for person in ("carol", "dave"):
            yield say(person, "approve", commit, {**verdict, "verdict": "approve"})
        promoted = {**production, **manifest, "report": sha256(report), "reason": "Better figures"}
        yield say("alice", "promote", commit, promoted)
        if number % 5 == 4:
            yield from self._roll_back(model, version)

    def _roll_back(self, model: str, version: str) -> Iterator[Said]:
        state, now = self.growing.ledger.state, self.growing.next_change(model, "production")
        changes = state.stage_history(model, "production")
        entry = state.version(model, changes[-2].version or "")
        bad = state.version(model, version)
        assert entry is not None  # noqa: S101
        assert bad is not None  # noqa: S101
        report = state.newest_report(model, entry.version, _HOLDOUT)
        fields = {"model": model, "version": entry.version, "manifest": entry.manifest}
        fields |= {"report": report.digest if report else "", "reason": "Complaints"}
        yield say("alice", "promote", entry.commit, {**fields, **now})
        here = {"model": model, "version": version}
        yield say("bob", "deprecate", bad.commit, here)

    def _policy(self) -> bytes:
        people = "\n".join(f'  {name}: {{keys: ["{public_key(name)}"]}}' for name in PEOPLE)
        return _POLICY.format(people=people, days=self._days, holdout=_HOLDOUT).encode()

    def _report(self, model: str, version: str) -> bytes:
        report = {
            "schema": "gitreg/report/v1",
            "model": model,
            "data": {"name": "holdout", "sha256": _HOLDOUT},
            **_figures(model, version),
        }
        champion = self.growing.ledger.state.champion(model, "production")
        return dumps(report | ({"champion": _figures(model, champion)} if champion else {}))

    def _commit(self, model: str, document: bytes) -> str:
        """Return a commit of its own for a version."""
        blob = self.growing.keep("blob", document)
        tree = self.growing.keep_tree([TreeEntry("100644", "model.yaml", blob)])
        return self.growing.keep_commit(tree, f"Register {model}")


def _figures(model: str, version: str) -> dict[str, Any]:
    seed = sha256(f"{model} {version}".encode())
    accuracy = 0.95 + int(seed[:2], 16) / 10_000
    regions = {
        region: {"accuracy": round(accuracy - gap, 4)}
        for region, gap in (("north", 0.0), ("south", 0.01), ("west", 0.02))
    }
    return {
        "version": version,
        "metrics": {"accuracy": accuracy, "f1_macro": accuracy - 0.01, "latency_p95_ms": 12.5},
        "slices": {"region": regions},
    }


def _model_files(model: str, version: str) -> dict[str, bytes]:
    """Return a version's `model.json`, as full as a team's; some have a folder with a manifest."""
    seed = sha256(f"{model} {version}".encode())
    file = {"path": "model.skops", "role": "model", "format": "skops", "size": 5312}
    artifacts = [{**file, "sha256": seed, "md5": seed[:32]}]
    files = {}
    if int(seed[0], 16) < 4:
        shards = [
            ManifestFile(sha256(f"{seed} {n}".encode()), seed[:32], 1 << 20, f"shard-{n:03d}.bin")
            for n in range(40)
        ]
        manifest = Manifest.of(shards)
        files[f"manifest-{manifest.digest()}"] = manifest.to_bytes()
        whole = {"sha256": manifest.digest(), "md5": f"{seed[:32]}.dir", "size": manifest.size}
        artifacts.append({"path": "weights", "role": "weights", "files": 40, **whole})
    value = {
        "schema": SCHEMA,
        "name": model,
        "version": version,
        "description": "Species from four flower measurements.",
        "task": "tabular-classification",
        "license": "Apache-2.0",
        "authors": [{"name": "Alice", "email": "alice@example.org"}],
        "tags": {"domain": "botany", "team": model.split("/", maxsplit=1)[0]},
        "framework": {"name": "scikit-learn", "version": "1.9.1"},
        "architecture": {"family": "LogisticRegression", "hyperparameters": {"C": 1.0}},
        "signature": {
            "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 4]}],
            "outputs": [{"name": "species", "datatype": "INT64", "shape": [-1]}],
        },
        "training": {
            "dataset": {"name": "iris", "uri": "data/train.csv", "sha256": seed, "rows": 120},
            "code": {"commit": seed[:40], "entrypoint": "python train.py"},
            "environment": {"python": "3.11.7", "requirements": "requirements.txt"},
        },
        "metrics": _figures(model, version)["metrics"],
        "card": {"intended_use": "Benchmarks.", "limitations": "No flowers.", "ethics": "None."},
        "artifacts": artifacts,
    }
    return {"model.json": dumps(value), **files}
