"""A team of many on real repositories, with real keys: who signs honestly, and who forges.

Honest people write through the rules (`write`). An attacker signs whatever they like, with whatever
key they have, and pushes it with plain Git (`forge`). The victim is Dave, in a clone of his own.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import gitreg
from gitreg import yaml12
from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.record import Record
from gitreg.domain.state import State
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.appending import Draft, Signer, append, complete
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.verified import Ledger
from gitreg.signing import read_public_key, sign
from gitreg.value import replace
from tests.fixtures import make_repository, run_git, signer_of, store_tree, write

Json = dict[str, Any]

# A name with a number is another key of the same person; Mallory is in no policy.
KEYS = ("alice", "alice-2", "bob", "carol", "dave", "erin", "ci", "mallory")
HOLDOUT, EASY = "ab" * 32, "cd" * 32
_START = 1_700_000_000  # before any clock that the commands read


def team_policy(keys: Mapping[str, str]) -> Json:
    """The policy of the team, as a value that a test may change."""
    people = {
        name: {"keys": [keys[key] for key in KEYS if key.split("-")[0] == name]}
        for name in ("alice", "bob", "carol", "dave", "erin", "ci")
    }
    approvers = {"by": ["reviewers", "maintainers"], "count": 1}
    return {
        "gitreg": 1,
        "people": people,
        "roles": {"maintainers": ["alice", "bob"], "reviewers": ["carol", "dave"], "bots": ["ci"]},
        "root": {"by": ["maintainers"], "threshold": 2},
        "beat": ["bots"],
        "datasets": {"holdout": {"sha256": HOLDOUT}, "easy": {"sha256": EASY}},
        "models": {
            "*": {
                "register": ["maintainers", "bots"],
                "evaluate": ["bots"],
                "yank": ["maintainers"],
                "deploy": ["bots"],
                "stages": {
                    "canary": {"promote": ["maintainers", "bots"]},
                    "staging": {"promote": ["maintainers", "bots"]},
                    "production": {
                        "after": "staging",
                        "promote": ["maintainers", "bots"],
                        "approve": approvers,
                        "evidence": "measured",
                        "gates": [
                            {"metric": "accuracy", "min": 0.9, "data": "holdout"},
                            {"metric": "accuracy", "min_change": -0.01, "data": "holdout"},
                        ],
                    },
                },
            },
            "sandbox/*": {
                "owners": ["erin"],
                "register": ["erin"],
                "stages": {"staging": {"promote": ["erin"]}},
            },
        },
    }


@dataclass
class Crew:
    """An origin, the clones of the people, and the keys; beside each other in one folder."""

    folder: Path
    keys: Path
    clock: int = _START
    before: Json | None = field(default=None, init=False)
    _read: Ledger | None = field(default=None, init=False)

    @classmethod
    def copy(cls, template: Crew, folder: Path) -> Crew:
        """Copy a crew, which goes on where the template stands."""
        shutil.copytree(template.folder, folder, symlinks=True)
        return cls(folder, template.keys, template.clock)

    # Places.

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def dave(self) -> Path:
        """The clone of the victim, who has not looked since the attack."""
        return self.folder / "dave"

    @property
    def attacker(self) -> Path:
        """The clone from which forged things are pushed."""
        return self.folder / "attacker"

    def key(self, who: str) -> Path:
        return self.keys / who

    def public(self, who: str) -> str:
        return read_public_key(self.key(who))

    def signer(self, who: str) -> Signer:
        self.clock += 60
        return replace(signer_of(self.key(who), time=self.clock), name=who)

    @cached_property
    def repository(self) -> Repository:
        return Repository.discover(self.origin)

    @cached_property
    def thief(self) -> Repository:
        """The attacker's clone; it borrows the origin's objects."""
        return Repository.discover(self.attacker)

    # What is there.

    def ledger(self) -> Ledger:
        """The ledger of the origin, verified; what was read before is read on."""
        self._read = read_ledger(self.repository, self.tip, base=self._read)
        return self._read

    @property
    def tip(self) -> str | None:
        """The ledger's last commit at the origin."""
        file = self.origin / BRANCH
        return file.read_text(encoding="ascii").strip() if file.exists() else None

    def ledger_anew(self) -> Ledger:
        """The ledger of the origin, for a host that may have rewritten it."""
        self._read = None
        return self.ledger()

    @property
    def state(self) -> State:
        return self.ledger().state

    def commit_of(self, version: str) -> str:
        """The commit of a version of iris."""
        entry = self.state.version("iris", version)
        assert entry is not None
        return entry.commit

    def policy(self) -> Json:
        """The policy in force, as a value that a test may change."""
        entry = self.state.policy()
        assert entry is not None
        return copy.deepcopy(dict(entry.policy.source))

    # What people say.

    def draft(self, action: str, version: str = "", stage: str = "", **odd: Any) -> Draft:
        """What a careful writer would say of iris next; `odd` says otherwise, by field."""
        state, own = self.state, {"model": "iris"} | odd
        entry = state.version(own["model"], version)
        target = own.pop("object", entry.commit if entry else None)
        files: Mapping[str, bytes] = own.pop("files", {})
        said: Json = {"version": version} if version else {}
        if stage:
            now = state.stage(own["model"], stage)
            said |= {"stage": stage, "seq": now.seq + 1 if now else 1}
            if action in ("promote", "vacate"):
                said |= {"replaces": now.version if now else None}
            if action in ("promote", "approve"):
                said |= {"report": self._evidence(state, own["model"], version, stage)}
            if action == "promote":
                said |= {"manifest": entry.manifest if entry else "0" * 64}
            if action == "vacate" and now and now.version:
                holder = state.version(own["model"], now.version)
                target = holder.commit if holder and target is None else target
        return Draft(action=action, object=target, fields=said | own, files=files)  # type: ignore[arg-type]

    @staticmethod
    def _evidence(state: State, model: str, version: str, stage: str) -> str | None:
        policy = state.policy()
        rules = policy.policy.stage(model, stage) if policy else None
        data = policy.policy.datasets[rules.data] if policy and rules and rules.data else None
        newest = state.newest_report(model, version, data)
        return newest.digest if newest else None

    def registration(self, version: str, *, metrics: Json | None = None, **odd: Any) -> Draft:
        """The registration of a version whose commit says in `model.yaml` what is signed."""
        model = odd.get("model", "iris")
        artifact = {"path": "m.bin", "role": "model", "sha256": "a" * 64, "md5": "b" * 32}
        document: Json = {"schema": "gitreg/model/v1", "name": model, "version": version}
        document |= {
            "metrics": metrics or {"accuracy": 0.95},
            "artifacts": [artifact | {"size": 1}],
        }
        data = dumps(document)
        if "object" not in odd:
            text = yaml12.dump(document).encode()
            tree = self._tree({f"models/{model}/model.yaml": text})
            odd["object"] = run_git(self.origin, "commit-tree", tree, "-m", f"{model} {version}")
        own = {"path": f"models/{model}", "manifest": sha256(data), "files": {"model.json": data}}
        return self.draft("register", version, **(own | odd))

    def _tree(self, files: Mapping[str, bytes]) -> str:
        (path, data), *_ = files.items()
        tree = store_tree(self.repository, {path.rpartition("/")[2]: data})
        for folder in reversed(path.split("/")[:-1]):
            tree = run_git_input(self.origin, f"040000 tree {tree}\t{folder}\n", "mktree")
        return tree

    def evaluation(
        self,
        version: str,
        accuracy: float | str,
        *,
        champion: tuple[str, float] | None = None,
        data: str = HOLDOUT,
        **odd: Any,
    ) -> Draft:
        """A report on iris; an `accuracy` that is a text is written as it is."""
        report: Json = {"schema": "gitreg/report/v1", "model": "iris", "version": version}
        report |= {"data": {"sha256": data}, "metrics": {"accuracy": "?"}}
        if champion:
            report["champion"] = {"version": champion[0], "metrics": {"accuracy": champion[1]}}
        text = dumps(report).replace(b'"?"', str(accuracy).encode())
        own = {"report": sha256(text), "files": {"report.json": text}}
        return self.draft("evaluate", version, **(own | odd))

    @staticmethod
    def enactment(policy: Json, **odd: Any) -> Draft:
        """The record that brings a policy into force."""
        data = yaml12.dump(policy).encode()
        fields = {"new_policy": sha256(data), **odd}
        return Draft(action="policy", object=None, fields=fields, files={"policy.yaml": data})

    def proposal(self, policy: Json, *, first: bool = True, verdict: str = "approve") -> Draft:
        """The approval of a policy; the first one carries its bytes."""
        enacted = self.enactment(policy)
        digest = enacted.fields["new_policy"]
        files = enacted.files if first else {}
        known = self.state.proposal(digest)
        return Draft(
            action="approve",
            object=None if first else known.object if known else "0" * 40,
            fields={"verdict": verdict, "new_policy": digest},
            files=files,
        )

    # Writing.

    def write(self, who: str, draft: Draft, *, clock: int | None = None) -> Record:
        """Let somebody say something that the rules allow."""
        signer = self.signer(who)
        if clock is not None:
            signer = replace(signer, clock=lambda: clock)
        done = append(self.repository, self.ledger(), draft, signer)
        refs = [(BRANCH, done.commit)]
        if done.tag_ref and self.repository.has_commit(done.record.object):
            refs.append((done.tag_ref, done.tag_object))
        self.repository.update_refs([(ref, value, None) for ref, value in refs])
        return done.record

    def sign(self, who: str, draft: Draft, **odd: Any) -> Record:
        """Sign a record that nobody judged; `odd` are fields of the record that are not true."""
        record = complete(self.ledger(), draft, self.signer(who), like=self.repository.zero)
        record = replace(record, **odd)
        return record.signed(sign(record.payload(), signer_of(self.key(who)).key))

    def forge(self, who: str, draft: Draft, **odd: Any) -> Record:
        """Sign a record that nobody judged, and push it with its tag, by plain Git."""
        record = self.sign(who, draft, **odd)
        self.push_record(record, draft.files)
        return record

    def push_record(self, record: Record, files: Mapping[str, bytes], data: bytes = b"") -> str:
        """Push a record, or other `data` in its place, in a commit of the right shape."""
        tree = store_tree(self.thief, {"record": data or record.to_bytes(), **files})
        body = record.commit_bytes(tree=tree, parent=self.tip)
        return self.push_commit(self.thief.write([("commit", body)])[0])

    def push_junk(self, *, tree: str | None = None, parents: Sequence[str] = ()) -> str:
        """Push a commit that is no record, and return it."""
        tree = tree or store_tree(self.thief, {"junk.txt": b"junk\n"})
        options = [word for parent in (self.tip or "", *parents) for word in ("-p", parent)]
        return self.push_commit(run_git(self.attacker, "commit-tree", tree, *options, "-m", "junk"))

    def push_commit(self, commit: str, *options: str) -> str:
        """Make a commit the ledger's last one, as far as plain Git lets the attacker."""
        self.remember()
        run_git(self.attacker, "push", "--quiet", *options, "origin", f"{commit}:{BRANCH}")
        return commit

    # What the victim sees.

    def remember(self) -> None:
        """Note the state before the attack; everything honest is said by now."""
        if self.before is None:
            self.before = picture(self.state)

    def fetch(self, clone: Path | None = None) -> None:
        """Let Dave, or another, fetch by plain Git."""
        run_git(clone or self.dave, "fetch", "--quiet", "--tags", "--force", "origin")


def picture(state: State) -> Json:
    """Everything that a state says, to compare with."""
    policy = state.policy()
    models = {
        model: {
            "versions": {
                entry.version: (entry.ordinal, entry.manifest, entry.yanked, entry.deprecated)
                for entry in state.versions(model)
            },
            "stages": {
                stage: [
                    (change.seq, change.version) for change in state.stage_history(model, stage)
                ]
                for stage in state.stages(model)
            },
        }
        for model in state.models()
    }
    proposals = {digest: sorted(entry.signers) for digest, entry in state.proposals.items()}
    head = state.head()
    return {
        "head": head.index if head else None,
        "policy": policy.digest if policy else None,
        "proposals": proposals,
        "models": models,
    }


def is_void(crew: Crew, *rules: str) -> str:
    """Check that what was forged is void by exactly these rules, for everybody and for good.

    Dave sees it named and nothing changed, and the next honest record continues the ledger.
    Returns what he is told.
    """
    crew.fetch()
    registry = gitreg.open(crew.dave)
    proof = registry.verify()
    assert [(item.severity, item.code) for item in proof.findings] == [
        ("warning", f"void.{rule}") for rule in rules
    ]
    assert picture(registry.state) == crew.before
    record = crew.write("alice", crew.draft("promote", "1.0.0", "canary"))
    assert record.index == proof.valid
    return proof.findings[-1].what


def run_git_input(path: Path, text: str, *arguments: str) -> str:
    """Run Git with a standard input."""
    return Repository.discover(path).git(*arguments, stdin=text.encode()).decode().strip()


def start_crew(crew: Crew, *, registry: str = "5c2b0f0e-6a43-4f9e-8b44-0f8a3a8f2f10") -> None:
    """Begin the registry: iris 1.0.0 is in production, 1.1.0 is in staging, and measured."""
    run_git(crew.folder, "init", "--quiet", "--bare", "origin.git")
    work = make_repository(crew.folder / "work")
    write(work / ".dvc/config", "")
    run_git(work, "add", ".dvc/config")
    run_git(work, "commit", "--quiet", "--message", "Begin")
    run_git(work, "push", "--quiet", str(crew.origin), "main")
    shutil.rmtree(work)
    policy = team_policy({name: crew.public(name) for name in KEYS})
    crew.write("alice", crew.enactment(policy, registry=registry))
    crew.write("alice", crew.registration("1.0.0"))
    crew.write("alice", crew.draft("promote", "1.0.0", "staging"))
    crew.write("ci", crew.evaluation("1.0.0", 0.95))
    crew.write("carol", crew.draft("approve", "1.0.0", "production", verdict="approve"))
    crew.write("bob", crew.draft("promote", "1.0.0", "production"))
    crew.write("alice", crew.registration("1.1.0"))
    crew.write("alice", crew.draft("promote", "1.1.0", "staging"))
    crew.write("ci", crew.evaluation("1.1.0", 0.96, champion=("1.0.0", 0.95)))
    for name in ("dave", "attacker"):
        run_git(crew.folder, "clone", "--quiet", "origin.git", name)
        run_git(crew.folder / name, "remote", "set-url", "origin", "../origin.git")
    write(crew.attacker / ".git/objects/info/alternates", "../../../origin.git/objects\n")
