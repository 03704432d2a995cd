"""Where a registry to be kept is made: records of every kind, whether they hold or not.

What has a command is done by it (`api`); `put` signs the rest, judged by nobody. A record that is
meant to be void is put with the `rule` that it breaks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import gitreg
from gitreg.domain.canonical import dumps, git_object_id, sha256
from gitreg.domain.entries import VersionEntry
from gitreg.domain.promotion import next_seq
from gitreg.domain.record import Action, Record
from gitreg.domain.state import State
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.appending import Draft, Signer, complete
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.verified import Ledger
from gitreg.registry import identity
from gitreg.registry.api import Registry
from gitreg.signing import Key
from gitreg.value import replace
from tests.data.people import Person
from tests.fixtures import run_git, store_tree, write

BEGIN = 1_770_000_000  # 2 February 2026, in Unix seconds
_PACE = 600


class Workbench:
    """A repository in `folder`; `void` has the rule that each void commit is to break."""

    def __init__(self, folder: Path, people: Mapping[str, Person], object_format: str) -> None:
        self.folder = folder
        self.people = people
        self.void: dict[str, str] = {}
        self._now = BEGIN
        run_git(folder.parent, "init", "-q", f"--object-format={object_format}", folder.name)
        self.repository = Repository.discover(folder)

    # Commands.

    @contextmanager
    def api(self, name: str) -> Iterator[tuple[Registry, Path]]:
        """Yield the registry as Python code of that person has it, and the person's key file."""
        run_git(self.folder, "config", "user.name", name.capitalize())
        run_git(self.folder, "config", "user.email", f"{name}@example.org")
        clock = SimpleNamespace(time=self.tick)
        with (
            mock.patch.object(identity, "time", clock),
            mock.patch("gitreg.ledger.appending.sign", self._sign),
        ):
            yield gitreg.open(self.folder), self.people[name].file

    def _sign(self, payload: bytes, key: Key) -> str:
        person = next(one for one in self.people.values() if one.key.public == key.public)
        return person.sign(payload)

    def tick(self) -> int:
        """Return the next time; nobody here works at the same one."""
        self._now += _PACE
        return self._now

    # The work tree.

    def write(self, path: str, data: bytes | str) -> Path:
        """Write a file of the work tree."""
        return write(self.folder / path, data)

    def commit(self, message: str, *paths: str) -> str:
        """Commit files of the work tree."""
        date = f"{self.tick()} +0000"
        with mock.patch.dict(os.environ, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date):
            run_git(self.folder, "add", "--", *paths)
            run_git(self.folder, "commit", "--quiet", "--message", message)
        return run_git(self.folder, "rev-parse", "HEAD")

    # Records, signed whether they hold or not.

    def read(self) -> Ledger:
        """Read the ledger as it is now."""
        return read_ledger(self.repository, self.tip)

    @property
    def tip(self) -> str:
        """The newest commit of the ledger."""
        return run_git(self.folder, "rev-parse", BRANCH)

    def put(self, draft: Draft, by: str, *, rule: str | None = None, **odd: Any) -> None:
        """Sign a draft as the next record; `odd` are fields that differ from a careful writer's."""
        self.store(self.signed(draft, by, **odd), draft.files, rule=rule)

    def put_with_extra(self, draft: Draft, by: str, extra: bytes) -> None:
        """Sign a draft as the next record, with an `extra.json`."""
        files = {**draft.files, "extra.json": extra}
        self.put(replace(draft, files=files), by, extra=sha256(extra))

    def signed(self, draft: Draft, by: str, **odd: Any) -> Record:
        """Return the record that `put` would store."""
        person = self.people[by]
        signer = Signer(
            key=person.key, name=by.capitalize(), email=f"{by}@example.org", clock=self.tick
        )
        like = self.repository.zero
        record = replace(complete(self.read(), draft, signer, like=like), **odd)
        return record.signed(person.sign(record.payload()))

    def store(self, record: Record, files: Mapping[str, bytes], *, rule: str | None) -> None:
        """Put a signed record at the tip of the ledger, and its tag if it is to hold."""
        tree = store_tree(self.repository, {"record": record.to_bytes(), **files})
        data = record.commit_bytes(tree=tree, parent=self.tip)
        self.put_commit(data, rule=rule)
        if record.tag_ref and rule is None:
            (tag,) = self.repository.write([("tag", record.to_bytes())])
            run_git(self.folder, "update-ref", f"refs/tags/{record.tag_ref}", tag)

    def put_bytes(self, data: bytes, *, rule: str, name: str = "record") -> None:
        """Put anything in the place of a record."""
        tree = store_tree(self.repository, {name: data})
        date = f"{self.tick()} +0000"
        who = f"Mallory <mallory@example.org> {date}"
        header = f"tree {tree}\nparent {self.tip}\nauthor {who}\ncommitter {who}\n\nNothing\n"
        self.put_commit(header.encode(), rule=rule)

    def put_commit(self, data: bytes, *, rule: str | None) -> None:
        """Put a commit at the tip of the ledger."""
        (commit,) = self.repository.write([("commit", data)])
        run_git(self.folder, "update-ref", BRANCH, commit)
        if rule is not None:
            self.void[commit] = rule

    # Drafts, as a careful writer would fill them in.

    def policy(self, action: Action, text: str, **fields: Any) -> Draft:
        """A policy that is proposed or put into force."""
        data = text.encode()
        values = {"new_policy": sha256(data)} | fields
        return Draft(action=action, object=None, fields=values, files={"policy.yaml": data})

    def second(self, text: str, verdict: str = "approve") -> Draft:
        """Another verdict on a policy that is proposed already."""
        data = text.encode()
        blob = git_object_id("blob", data, like=self.repository.zero)
        fields = {"verdict": verdict, "new_policy": sha256(data)}
        return Draft(action="approve", object=blob, fields=fields)

    def registration(self, document: Mapping[str, Any], commit: str, **fields: Any) -> Draft:
        """A version whose `model.yaml` says `document`."""
        data = dumps(document)
        values = {
            "model": document["name"],
            "version": document["version"],
            "path": f"models/{document['name']}",
            "manifest": sha256(data),
        }
        files = {"model.json": data}
        return Draft(action="register", object=commit, fields=values | fields, files=files)

    def evaluation(self, report: Mapping[str, Any]) -> Draft:
        """A report on the version that it names."""
        data = dumps(report)
        entry = self._entry(report["model"], report["version"])
        fields = {"model": entry.model, "version": entry.version, "report": sha256(data)}
        files = {"report.json": data}
        return Draft(action="evaluate", object=entry.commit, fields=fields, files=files)

    def verdict(self, model: str, version: str, stage: str, verdict: str = "approve") -> Draft:
        """What somebody says of a promotion."""
        return self._staged("approve", model, version, stage, verdict=verdict)

    def promotion(self, model: str, version: str, stage: str, **fields: Any) -> Draft:
        """A version that enters a stage."""
        state = self.read().state
        now = state.stage(model, stage)
        own = {
            "manifest": self._entry(model, version).manifest,
            "replaces": now.version if now else None,
        }
        return self._staged("promote", model, version, stage, **(own | fields))

    def vacation(self, model: str, stage: str, replaces: str, seq: int) -> Draft:
        """A stage that is left empty."""
        fields = {"model": model, "stage": stage, "seq": seq, "replaces": replaces}
        commit = self._entry(model, replaces).commit
        return Draft(action="vacate", object=commit, fields=fields)

    def statement(self, action: Action, model: str, version: str, **fields: Any) -> Draft:
        """A record about a version and nothing more."""
        entry = self._entry(model, version)
        own = {"model": model, "version": version}
        return Draft(action=action, object=entry.commit, fields=own | fields)

    def deployment(self, model: str, version: str, stage: str, seq: int, **fields: Any) -> Draft:
        """What became of a version at a target."""
        done = {"target": "k8s/eu-west.1", "outcome": "succeeded", "detail": "3 of 3 replicas"}
        own = {"stage": stage, "seq": seq}
        return self.statement("deploy", model, version, **(own | done | fields))

    def beat(self, **fields: Any) -> Draft:
        """A heartbeat."""
        return Draft(action="beat", object=self.read().records[-1].commit, fields=fields)

    def _staged(self, action: Action, model: str, version: str, stage: str, **fields: Any) -> Draft:
        state = self.read().state
        own = {
            "stage": stage,
            "seq": next_seq(state.stage(model, stage)),
            "report": _newest_report(state, model, version, stage),
        }
        return self.statement(action, model, version, **(own | fields))

    def _entry(self, model: str, version: str) -> VersionEntry:
        entry = self.read().state.version(model, version)
        assert entry is not None, (model, version)
        return entry


def _newest_report(state: State, model: str, version: str, stage: str) -> str | None:
    in_force = state.policy()
    assert in_force is not None
    rules = in_force.policy.stage(model, stage)
    data = in_force.policy.datasets[rules.data] if rules and rules.data else None
    newest = state.newest_report(model, version, data)
    return newest.digest if newest else None
