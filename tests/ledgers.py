"""Ledgers in memory: a history grows record by record, each judged by the state machine.

Signing is not needed here. A person's key is a text, and an armour is the payload's digest.
"""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Mapping
from typing import Any

from gitreg.domain import canonical
from gitreg.domain.canonical import git_object_id, sha256
from gitreg.domain.case import Attachments
from gitreg.domain.entries import Head, PolicyEntry, ValidRecord, VersionEntry
from gitreg.domain.model import ModelDocument
from gitreg.domain.policy import Policy
from gitreg.domain.record import ZEROS, Action, Record, Tagger
from gitreg.domain.report import Report
from gitreg.domain.rules import Accepted, Broken, apply
from gitreg.domain.state import State

Verdict = Accepted | Broken
Json = dict[str, Any]

REGISTRY = "5c2b0f0e-6a43-4f9e-8b44-0f8a3a8f2f10"
HOLDOUT, EASY = "ab" * 32, "cd" * 32
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def key_of(person: str, number: int = 1) -> str:
    """A public key that nobody holds, always the same one for a person."""
    name, point = b"ssh-ed25519", hashlib.sha256(f"{person} {number}".encode()).digest()
    blob = len(name).to_bytes(4, "big") + name + len(point).to_bytes(4, "big") + point
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


def armour_of(payload: bytes) -> str:
    text = base64.b64encode(hashlib.sha256(payload).digest()).decode()
    return f"-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----\n"


def sign(record: Record) -> Record:
    return record.signed(armour_of(record.payload()))


def commit_of(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


_TEAM: Json = {
    "gitreg": 1,
    "people": {
        "alice": {"keys": [key_of("alice"), key_of("alice", 2)]},
        **{name: {"keys": [key_of(name)]} for name in ("bob", "carol", "dave", "erin", "ci")},
    },
    "roles": {"maintainers": ["alice", "bob"], "reviewers": ["carol", "dave"], "bots": ["ci"]},
    "root": {"by": ["maintainers"], "threshold": 1},
    "beat": ["bots"],
    "max_age": "30d",
    "datasets": {"holdout": {"sha256": HOLDOUT}},
    "models": {
        "*": {
            "owners": ["erin"],
            "register": ["maintainers", "bots"],
            "evaluate": ["bots"],
            "deploy": ["bots"],
            "yank": ["maintainers"],
            "stages": {
                "canary": {"promote": ["maintainers", "bots"]},
                "staging": {
                    "promote": ["maintainers", "bots"],
                    "gates": [{"metric": "accuracy", "min": 0.9}],
                },
                "production": {
                    "after": "staging",
                    "promote": ["maintainers", "bots"],
                    "approve": {"by": ["reviewers", "maintainers", "bots"], "count": 1},
                    "rollback": {"approve": 0},
                    "evidence": "measured",
                    "gates": [
                        {"metric": "accuracy", "min": 0.9, "data": "holdout"},
                        {"metric": "accuracy", "min_change": -0.01, "data": "holdout"},
                    ],
                },
            },
        },
        "fraud/*": {"owners": ["dave"], "register": ["alice"], "stages": {}},
    },
}


def team() -> Json:
    """The policy of a team, as a value that a test may change."""
    return copy.deepcopy(_TEAM)


def production_of(policy: Json) -> Json:
    stage: Json = policy["models"]["*"]["stages"]["production"]
    return stage


def model_json(model: str, version: str, **fields: object) -> bytes:
    document = {"schema": "gitreg/model/v1", "name": model, "version": version, "artifacts": []}
    return canonical.dumps(document | fields)


def report_json(model: str, version: str, data: str = HOLDOUT, **fields: object) -> bytes:
    head = {"schema": "gitreg/report/v1", "model": model, "version": version}
    return canonical.dumps(head | {"data": {"sha256": data}} | fields)


def read_attachments(files: Mapping[str, bytes]) -> Attachments:
    """Read the files of a ledger commit, as the doors do."""
    values: dict[str, Any] = {}
    try:
        if data := files.get("policy.yaml"):
            values["policy"] = Policy.from_dict(canonical.loads(data))
        if data := files.get("model.json"):
            values["model"] = ModelDocument.from_dict(canonical.loads(data))
        if data := files.get("report.json"):
            values["report"] = Report.from_dict(canonical.read_json(data))
    except ValueError as error:
        values["problem"] = str(error)
    return Attachments(files=files, **values)


class History:
    """A registry that begins with `policy`; each step is judged, and stored where it holds.

    A step fills in what a careful writer would; `odd` says otherwise, by the record's fields.
    `begun` is the verdict on record 0; `told` has each valid record with its key and files, and
    `valid` what a reader of the ledger makes of it.
    """

    def __init__(self, policy: Json | None = None, /, *, by: str = "alice", **odd: Any) -> None:
        self.state = State()
        self.told: list[tuple[Record, str, Mapping[str, bytes]]] = []
        self.valid: list[ValidRecord] = []
        self.time = 1_700_000_000
        values = {"by": by, "registry": REGISTRY} | odd
        self.begun = self.enact(team() if policy is None else policy, **values)

    def step(
        self,
        action: Action,
        *,
        by: str,
        files: Mapping[str, bytes] | None = None,
        signer: str | None = None,
        **fields: Any,
    ) -> Verdict:
        """Judge the next record; `files` are its attachments, `signer` another key than by's."""
        head, policy = self.state.head(), self.state.policy()
        self.time += 60
        values: dict[str, Any] = {
            "tagger": Tagger(name=by, email=f"{by}@example.org", time=self.time),
            "index": head.index + 1 if head else 0,
            "prev": head.digest if head else ZEROS,
            "policy": policy.digest if policy else fields.get("new_policy"),
        }
        record = sign(Record(action=action, **(values | fields)))
        return self.tell(record, signer or key_of(by), files or {})

    def tell(self, record: Record, signer: str, files: Mapping[str, bytes]) -> Verdict:
        """Judge a record as it is, and store what it changes."""
        verdict = apply(self.state, record, signer, read_attachments(files))
        if isinstance(verdict, Accepted):
            self._store(record, verdict, signer)
            self.told.append((record, signer, files))
        return verdict

    def _store(self, record: Record, verdict: Accepted, signer: str) -> None:
        head = self.state.head()
        data = record.commit_bytes(tree=EMPTY_TREE, parent=head.commit if head else None)
        commit = git_object_id("commit", data, like=EMPTY_TREE)
        head = Head(index=record.index, digest=record.digest(), commit=commit)
        self.state.advance(head, verdict.entries)
        valid = ValidRecord(
            record=record,
            person=verdict.person,
            signer=signer,
            digest=head.digest,
            commit=commit,
            entries=verdict.entries,
        )
        self.valid.append(valid)

    # Policies.

    def _policy(self, action: Action, policy: Json, /, **odd: Any) -> Verdict:
        data = canonical.dumps(policy)
        values = {
            "new_policy": sha256(data),
            "object": git_object_id("blob", data, like=EMPTY_TREE),
            "files": {"policy.yaml": data},
        }
        return self.step(action, **(values | odd))

    def propose(self, policy: Json, /, *, by: str, **odd: Any) -> Verdict:
        return self._policy("approve", policy, **({"by": by, "verdict": "approve"} | odd))

    def approve_policy(self, policy: Json, /, *, by: str, **odd: Any) -> Verdict:
        return self.propose(policy, by=by, **({"files": {}} | odd))

    def enact(self, policy: Json, /, *, by: str, **odd: Any) -> Verdict:
        return self._policy("policy", policy, **({"by": by} | odd))

    # Versions.

    def _version(self, model: str, version: str) -> Json:
        entry = self.state.version(model, version)
        return {
            "model": model,
            "version": version,
            "object": entry.commit if entry else commit_of(f"{model} {version}"),
        }

    def register(
        self,
        model: str,
        version: str,
        *,
        by: str = "alice",
        document: Mapping[str, object] | None = None,
        **odd: Any,
    ) -> Verdict:
        data = model_json(model, version, **(document or {"metrics": {"accuracy": 0.95}}))
        values = {
            "path": f"models/{model}",
            "manifest": sha256(data),
            "files": {"model.json": data},
        }
        return self.step("register", by=by, **(self._version(model, version) | values | odd))

    def evaluate(
        self,
        model: str,
        version: str,
        accuracy: float = 0.95,
        *,
        data: str = HOLDOUT,
        champion: tuple[str, float] | None = None,
        by: str = "ci",
        **odd: Any,
    ) -> Verdict:
        measured: Json = {"metrics": {"accuracy": accuracy}}
        if champion is not None:
            name, value = champion
            measured["champion"] = {"version": name, "metrics": {"accuracy": value}}
        report = report_json(model, version, data, **measured)
        values = {"report": sha256(report), "files": {"report.json": report}}
        return self.step("evaluate", by=by, **(self._version(model, version) | values | odd))

    def deprecate(self, model: str, version: str, *, by: str = "alice", **odd: Any) -> Verdict:
        return self.step("deprecate", by=by, **(self._version(model, version) | odd))

    def yank(self, model: str, version: str, *, by: str = "alice", **odd: Any) -> Verdict:
        return self.step("yank", by=by, **(self._version(model, version) | odd))

    # Stages.

    def _seq(self, model: str, stage: str) -> int:
        return len(self.state.stage_history(model, stage)) + 1

    def holder(self, model: str, stage: str) -> str | None:
        now = self.state.stage(model, stage)
        return now.version if now else None

    def _evidence(self, model: str, version: str, stage: str) -> str | None:
        policy = self.policy.stage(model, stage)
        data = self.policy.datasets[policy.data] if policy and policy.data else None
        newest = self.state.newest_report(model, version, data)
        return newest.digest if newest else None

    def _entry(self, model: str, version: str, stage: str) -> Json:
        return self._version(model, version) | {
            "stage": stage,
            "seq": self._seq(model, stage),
            "report": self._evidence(model, version, stage),
        }

    def approve(
        self, model: str, version: str, stage: str, *, by: str = "carol", **odd: Any
    ) -> Verdict:
        values = self._entry(model, version, stage) | {"verdict": "approve"}
        return self.step("approve", by=by, **(values | odd))

    def promote(
        self, model: str, version: str, stage: str, *, by: str = "alice", **odd: Any
    ) -> Verdict:
        entry = self.state.version(model, version)
        values = self._entry(model, version, stage) | {
            "manifest": entry.manifest if entry else ZEROS,
            "replaces": self.holder(model, stage),
        }
        return self.step("promote", by=by, **(values | odd))

    def vacate(self, model: str, stage: str, *, by: str = "alice", **odd: Any) -> Verdict:
        holder = self.holder(model, stage)
        values = {
            "model": model,
            "object": self._version(model, holder or "")["object"],
            "stage": stage,
            "seq": self._seq(model, stage),
            "replaces": holder,
        }
        return self.step("vacate", by=by, **(values | odd))

    def deploy(self, model: str, stage: str, *, by: str = "ci", **odd: Any) -> Verdict:
        holder = self.holder(model, stage) or "1.0.0"
        values = self._version(model, holder) | {
            "stage": stage,
            "seq": len(self.state.stage_history(model, stage)) or 1,
            "target": "cluster",
            "outcome": "succeeded",
            "detail": "three replicas",
        }
        return self.step("deploy", by=by, **(values | odd))

    def beat(self, *, by: str = "ci", **odd: Any) -> Verdict:
        head = self.state.head()
        return self.step("beat", by=by, **({"object": head.commit if head else ""} | odd))

    # What tests ask.

    @property
    def records(self) -> list[Record]:
        return [record for record, _, _ in self.told]

    @property
    def in_force(self) -> PolicyEntry:
        entry = self.state.policy()
        assert entry is not None
        return entry

    @property
    def policy(self) -> Policy:
        return self.in_force.policy

    def version(self, model: str, version: str) -> VersionEntry:
        entry = self.state.version(model, version)
        assert entry is not None
        return entry


def accepted(*verdicts: Verdict) -> None:
    """Check that every step of a story was accepted."""
    broken = [verdict for verdict in verdicts if isinstance(verdict, Broken)]
    assert not broken


def rule_of(verdict: Verdict) -> str | None:
    """The rule that a step broke, None where it holds."""
    return verdict.rule if isinstance(verdict, Broken) else None


def refusal_of(verdict: Verdict) -> str:
    """The rule that a step broke, and how; empty where it holds."""
    return f"{verdict.rule}: {verdict.what}" if isinstance(verdict, Broken) else ""


def staged(history: History, *versions: str, model: str = "iris") -> None:
    """Register each version and bring it to staging."""
    for version in versions:
        accepted(history.register(model, version), history.promote(model, version, "staging"))


def in_production(history: History, *versions: str, model: str = "iris") -> None:
    """Bring each version, measured and approved, to production, one after another."""
    for version in versions:
        staged(history, version, model=model)
        holder = history.state.champion(model, "production")
        champion = (holder, 0.95) if holder else None
        accepted(
            history.evaluate(model, version, champion=champion),
            history.approve(model, version, "production"),
            history.promote(model, version, "production"),
        )
