"""Ledgers to verify: real Git objects, really signed, the same ones every time.

A release is six records: register, to staging, evaluate, two approvals, to production. Every fifth
one is rolled back and deprecated, and now and then the policy changes.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from people import BEGIN, PEOPLE, armour, public_key, signer_at

from gitreg.domain.canonical import dumps, git_object_id, sha256
from gitreg.domain.manifest import Manifest, ManifestFile
from gitreg.domain.model import SCHEMA
from gitreg.domain.record import Action
from gitreg.domain.rules import Accepted, apply
from gitreg.git.objects import TreeEntry, tree_bytes
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.appending import Draft, complete
from gitreg.ledger.reading import Ledger, read_attachments

_HOLDOUT = sha256(b"holdout")
_BATCH = 20_000  # objects that one process stores
Said = tuple[str, Draft]
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
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=folder, check=True)
    growing = _Growing(Repository.discover(folder))
    for person, draft in islice(_tell(growing, records), records):
        growing.append(person, draft)
    growing.store()
    updates = [(BRANCH, growing.ledger.tip or "", None)]
    updates += [(f"refs/tags/{name}", object_id, None) for name, object_id in growing.tags.items()]
    growing.repository.update_refs(updates)
    subprocess.run(["git", "gc", "-q"], cwd=folder, check=True)


def _tell(growing: _Growing, records: int) -> Iterator[Said]:
    """Yield who says what next, once what was said before is in the ledger."""
    models = [f"team-{n % 10}/model-{n:04d}" for n in range(max(records // 70, 2))]
    yield growing.start()
    for release in range(records):
        model = models[release % len(models)]
        if release % 200 == 199:
            yield from growing.change_policy()
        yield from growing.release(model, release // len(models))


def _say(
    person: str,
    action: Action,
    commit: str | None,
    fields: Mapping[str, Any],
    files: Mapping[str, bytes] = {},
) -> Said:
    """Return who says what; a `commit` of None means the policy's blob."""
    return person, Draft(action=action, object=commit, fields=fields, files=files)


class _Growing:
    """A ledger in memory that grows record by record, and its objects until they are stored."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.ledger = Ledger()
        self.tags: dict[str, str] = {}
        self._objects: list[tuple[str, bytes]] = []
        self._days = 30

    def start(self) -> Said:
        policy = self._policy()
        fields = {"new_policy": sha256(policy), "registry": "5c2b0f0e-6a43-4f9e-8b44-0f8a3a8f2f10"}
        return _say("alice", "policy", None, fields, {"policy.yaml": policy})

    def change_policy(self) -> Iterator[Said]:
        """Propose and enact a policy that two root people want."""
        self._days += 1
        policy = self._policy()
        fields, files = {"new_policy": sha256(policy)}, {"policy.yaml": policy}
        yield _say("alice", "approve", None, {**fields, "verdict": "approve"}, files)
        yield _say("bob", "policy", None, fields, files)

    def release(self, model: str, number: int) -> Iterator[Said]:
        """Register a version and bring it to production."""
        version = f"1.{number}.0"
        files = _model_files(model, version)
        commit = self._commit(model, files["model.json"])
        here = {"model": model, "version": version}
        manifest = {"manifest": sha256(files["model.json"])}
        path = {"path": f"models/{model}", "on_behalf": "erin"}
        yield _say("ci", "register", commit, {**here, **path, **manifest}, files)
        staging = {**here, **self._next(model, "staging"), **manifest}
        yield _say("ci", "promote", commit, staging)
        report = self._report(model, version)
        cited = {**here, "report": sha256(report)}
        yield _say("ci", "evaluate", commit, cited, {"report.json": report})
        production = {**self._next(model, "production"), **cited}
        verdict = {key: value for key, value in production.items() if key != "replaces"}
        for person in ("carol", "dave"):
            yield _say(person, "approve", commit, {**verdict, "verdict": "approve"})
        promoted = {**production, **manifest, "report": sha256(report), "reason": "Better figures"}
        yield _say("alice", "promote", commit, promoted)
        if number % 5 == 4:
            yield from self._roll_back(model, version)

    def _roll_back(self, model: str, version: str) -> Iterator[Said]:
        state, now = self.ledger.state, self._next(model, "production")
        changes = state.stage_history(model, "production")
        entry = state.version(model, changes[-2].version or "")
        bad = state.version(model, version)
        assert entry is not None  # noqa: S101
        assert bad is not None  # noqa: S101
        report = state.newest_report(model, entry.version, _HOLDOUT)
        fields = {"model": model, "version": entry.version, "manifest": entry.manifest}
        fields |= {"report": report.digest if report else "", "reason": "Complaints"}
        yield _say("alice", "promote", entry.commit, {**fields, **now})
        here = {"model": model, "version": version}
        yield _say("bob", "deprecate", bad.commit, here)

    def _next(self, model: str, stage: str) -> dict[str, Any]:
        now = self.ledger.state.stage(model, stage)
        seq, holder = (now.seq + 1, now.version) if now else (1, None)
        return {"stage": stage, "seq": seq, "replaces": holder}

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
        champion = self.ledger.state.champion(model, "production")
        return dumps(report | ({"champion": _figures(model, champion)} if champion else {}))

    def _commit(self, model: str, document: bytes) -> str:
        """Return a commit of its own for a version."""
        blob = self._keep("blob", document)
        tree = self._keep("tree", tree_bytes([TreeEntry("100644", "model.yaml", blob)]))
        who = f"CI <ci@example.org> {BEGIN} +0000"
        text = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nRegister {model}\n"
        return self._keep("commit", text.encode())

    def append(self, person: str, draft: Draft) -> None:
        """Append a record that the rules accept."""
        ledger, zero, files = self.ledger, self.repository.zero, draft.files
        record = complete(ledger, draft, signer_at(person, len(ledger.records)), like=zero)
        signed = record.signed(armour(person, record.payload()))
        outcome = apply(ledger.state, signed, public_key(person), read_attachments(files))
        assert isinstance(outcome, Accepted), outcome  # noqa: S101
        data, tag = signed.to_bytes(), signed.tag_ref
        named = {name: self._keep("blob", body) for name, body in {"record": data, **files}.items()}
        entries = [TreeEntry("100644", name, blob) for name, blob in named.items()]
        tree = self._keep("tree", tree_bytes(entries))
        commit_id = self._keep("commit", signed.commit_bytes(tree=tree, parent=ledger.tip))
        if tag:
            self.tags[str(tag)] = self._keep("tag", data)
        signer, digest = public_key(person), signed.digest()
        ledger.accept(signed, outcome, signer=signer, digest=digest, commit=commit_id)

    def _keep(self, kind: str, data: bytes) -> str:
        self._objects.append((kind, data))
        if len(self._objects) >= _BATCH:
            self.store()
        return git_object_id(kind, data, like=self.repository.zero)

    def store(self) -> None:
        """Write what was not written yet."""
        self.repository.write(self._objects)
        self._objects.clear()


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
