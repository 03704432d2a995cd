"""A ledger that grows in memory, record by record, and its Git objects until they are stored.

Records are really signed, and judged by the rules; objects go to Git as packs, since a file for
each of a million would take longer than all the rest.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from people import BEGIN, armour, public_key, signer_at

from gitreg.domain.canonical import git_object_id
from gitreg.domain.record import Action
from gitreg.domain.rules import Accepted, apply
from gitreg.git.objects import TreeEntry, pack_objects, tree_bytes
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.appending import Draft, complete
from gitreg.ledger.reading import read_attachments
from gitreg.ledger.verified import Ledger

_BATCH = 50_000  # objects in a pack
Said = tuple[str, Draft]


def say(
    person: str,
    action: Action,
    commit: str | None,
    fields: Mapping[str, Any],
    files: Mapping[str, bytes] = {},
) -> Said:
    """Return who says what; a `commit` of None means the policy's blob."""
    return person, Draft(action=action, object=commit, fields=fields, files=files)


class Growing:
    """A new repository in `folder`, and the ledger that it will have."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=folder, check=True)
        self.repository = Repository.discover(folder)
        self.ledger = Ledger()
        self._tags: dict[str, str] = {}
        self._objects: dict[str, tuple[str, bytes]] = {}

    def append(self, person: str, draft: Draft) -> None:
        """Append a record that the rules accept."""
        ledger, zero, files = self.ledger, self.repository.zero, draft.files
        record = complete(ledger, draft, signer_at(person, len(ledger.records)), like=zero)
        signed = record.signed(armour(person, record.payload()))
        outcome = apply(ledger.state, signed, public_key(person), read_attachments(files))
        assert isinstance(outcome, Accepted), outcome  # noqa: S101
        data, tag = signed.to_bytes(), signed.tag_ref
        tree = self.keep_tree(
            TreeEntry("100644", name, self.keep("blob", body))
            for name, body in {"record": data, **files}.items()
        )
        commit_id = self.keep("commit", signed.commit_bytes(tree=tree, parent=ledger.tip))
        if tag:
            self._tags[f"refs/tags/{tag}"] = self.keep("tag", data)
        signer, digest = public_key(person), signed.digest()
        ledger.accept(signed, outcome, signer=signer, digest=digest, commit=commit_id)

    def next_change(self, model: str, stage: str) -> dict[str, Any]:
        """Return what a record says of the stage that it changes next."""
        now = self.ledger.state.stage(model, stage)
        seq, holder = (now.seq + 1, now.version) if now else (1, None)
        return {"stage": stage, "seq": seq, "replaces": holder}

    def keep(self, kind: str, data: bytes) -> str:
        """Store an object, sooner or later, and return its name."""
        name = git_object_id(kind, data, like=self.repository.zero)
        self._objects[name] = (kind, data)
        if len(self._objects) >= _BATCH:
            self._store()
        return name

    def keep_tree(self, entries: Iterable[TreeEntry]) -> str:
        """Store a tree, as `keep` does."""
        return self.keep("tree", tree_bytes(list(entries)))

    def keep_commit(self, tree: str, message: str, parent: str | None = None) -> str:
        """Store a commit of the bot's, as `keep` does."""
        who = f"CI <ci@example.org> {BEGIN} +0000"
        parents = f"parent {parent}\n" if parent else ""
        text = f"tree {tree}\n{parents}author {who}\ncommitter {who}\n\n{message}\n"
        return self.keep("commit", text.encode())

    def finish(self, main: str | None = None) -> None:
        """Store what was not stored yet, set all refs, pack them, and check out `main`."""
        self._store()
        repository, tip = self.repository, self.ledger.tip
        branches = {BRANCH: tip, "refs/heads/main": main}
        refs = {**self._tags, **{name: commit for name, commit in branches.items() if commit}}
        repository.update_refs([(name, object_id, None) for name, object_id in refs.items()])
        repository.git("gc", "-q")
        if main:
            repository.git("reset", "-q", "--hard")

    def _store(self) -> None:
        pack = pack_objects(list(self._objects.values()), like=self.repository.zero)
        self.repository.git("index-pack", "--stdin", stdin=pack)
        self._objects.clear()
