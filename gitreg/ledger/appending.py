"""Building new records: completed, judged by the rules, signed, and stored as ledger commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gitreg.domain.canonical import git_object_id
from gitreg.domain.record import ZEROS, Action, Record, Tagger
from gitreg.domain.rules import Accepted, Broken, apply
from gitreg.errors import RefusedError
from gitreg.git.objects import TreeEntry, tree_bytes
from gitreg.git.repository import Repository
from gitreg.ledger.commits import check_tree
from gitreg.ledger.reading import read_attachments
from gitreg.ledger.verified import Ledger
from gitreg.signing import Key, sign
from gitreg.value import Value


class Signer(Value):
    """Who writes: the key, the name and e-mail that Git shows, and the clock (Unix seconds)."""

    key: Key
    name: str
    email: str
    clock: Callable[[], int]


class Draft(Value):
    """A record before its place in the ledger is known.

    `fields` are Record's own; an `object` of None means the blob of the policy. `files` are the
    attachments by name.
    """

    action: Action
    object: str | None
    fields: Mapping[str, Any] = {}
    files: Mapping[str, bytes] = {}


class Appended(Value):
    """A signed record, ready to be published: its ledger commit, and its tag if it has one."""

    record: Record
    commit: str

    @property
    def tag_object(self) -> str:
        """The name of its tag object."""
        return self.record.tag_object_id()

    @property
    def tag_ref(self) -> str | None:
        """The full name of the tag's ref."""
        tag = self.record.tag_ref
        return f"refs/tags/{tag}" if tag else None


def complete(ledger: Ledger, draft: Draft, signer: Signer, *, like: str) -> Record:
    """Return the draft as the next record of `ledger`, unsigned."""
    state = ledger.state
    head, policy = state.head(), state.policy()
    now = signer.clock()
    model = draft.fields.get("model")
    time = max(now, state.last_time(model) + 1) if model else now
    target = draft.object
    if target is None:
        target = git_object_id("blob", draft.files["policy.yaml"], like=like)
    return Record(
        object=target,
        tagger=Tagger(name=signer.name, email=signer.email, time=time),
        index=head.index + 1 if head else 0,
        prev=head.digest if head else ZEROS,
        policy=policy.digest if policy else str(draft.fields["new_policy"]),
        action=draft.action,
        **draft.fields,
    )


def judge(ledger: Ledger, record: Record, files: Mapping[str, bytes], public_key: str) -> Accepted:
    """Return what `record` changes.

    Raises: RefusedError with the rule it breaks.
    """
    outcome = apply(ledger.state, record, public_key, read_attachments(files))
    if isinstance(outcome, Broken):
        advice = _ADVICE.get(outcome.rule)
        raise RefusedError(
            outcome.what,
            rule=outcome.rule,
            next_step=advice
            and advice.format(it=f"{record.model}@{record.version}", stage=record.stage),
        )
    return outcome


def append(repository: Repository, ledger: Ledger, draft: Draft, signer: Signer) -> Appended:
    """Sign the draft as the next record, store its objects, and advance `ledger` by it.

    No ref changes. Raises: RefusedError; SetupError where the key cannot sign.
    """

    def seal(record: Record) -> Record:
        return record.signed(sign(record.payload(), signer.key))

    return _append(repository, ledger, draft, signer, seal)


def rehearse(repository: Repository, ledger: Ledger, draft: Draft, signer: Signer) -> Appended:
    """Advance `ledger`, in memory, as if `signer` had signed the draft; the key is not used.

    What follows from it can be asked of the ledger then. The objects that are stored belong to no
    ref, and an unsigned record is void to every reader.

    Raises: RefusedError.
    """
    return _append(repository, ledger, draft, signer, lambda record: record)


def _append(
    repository: Repository,
    ledger: Ledger,
    draft: Draft,
    signer: Signer,
    seal: Callable[[Record], Record],
) -> Appended:
    check_tree(draft.files)
    record = complete(ledger, draft, signer, like=repository.zero)
    public = signer.key.public
    accepted = judge(ledger, record, draft.files, public)
    sealed = seal(record)
    data = sealed.to_bytes()
    files = {"record": data, **draft.files}
    blobs = {
        name: git_object_id("blob", body, like=repository.zero) for name, body in files.items()
    }
    tree = tree_bytes([TreeEntry("100644", name, blob) for name, blob in blobs.items()])
    tree_id = git_object_id("tree", tree, like=repository.zero)
    commit = sealed.commit_bytes(tree=tree_id, parent=ledger.tip)
    objects = [("blob", body) for body in files.values()]
    tag = [("tag", data)] if sealed.tag_ref else []
    repository.write([*objects, ("tree", tree), ("commit", commit), *tag])
    commit_id = git_object_id("commit", commit, like=repository.zero)
    ledger.accept(sealed, accepted, signer=public, digest=sealed.digest(), commit=commit_id)
    return Appended(record=sealed, commit=commit_id)


# What a person can do about a refusal, by rule.
_ADVICE = {
    "signer": "sign with a key of the policy (--key FILE), or ask a root person to add yours",
    "right": "ask somebody who may, or a root person to change gitreg.yaml",
    "new-version": "take the next one: --bump patch",
    "registered": "gitreg list shows what is registered",
    "free": "gitreg yank --vacate does both at once",
    "held": "gitreg history shows who held it",
    "gates": "gitreg show has the metrics; a better version may pass",
    "approvals": "ask for it: gitreg approve {it} --stage {stage}",
    "after": "promote it there first",
    "replaces": "gitreg list shows who holds each stage",
    "report": "it needs a signed evaluation on the data of the gates",
    "deprecated": "nothing is left to do",
}
