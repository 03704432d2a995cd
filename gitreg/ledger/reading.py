"""Reading the ledger: every record verified in one pass, and the state that the valid ones make.

A record that breaks a rule is void: it is reported, changes nothing, and the next valid record
continues from the last valid one, so that one bad push stops nobody.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from gitreg import yaml12
from gitreg.domain.canonical import git_object_id, loads, read_json, sha256
from gitreg.domain.case import Attachments
from gitreg.domain.chain import Chain
from gitreg.domain.entries import Head, ValidRecord, VersionEntry, VoidRecord
from gitreg.domain.foundation import NOTHING
from gitreg.domain.model import ModelDocument
from gitreg.domain.policy import Policy, PolicyError
from gitreg.domain.policy_change import root_people
from gitreg.domain.record import Record, commit_of, parse_record, split_signature
from gitreg.domain.report import Report
from gitreg.domain.rules import Accepted, Broken, apply, apply_unread
from gitreg.domain.state import State
from gitreg.domain.trailer import FutureRecordError, RecordError
from gitreg.errors import InvalidError, UntrustedError
from gitreg.git.objects import ObjectReader
from gitreg.git.repository import Repository
from gitreg.index.store import Store
from gitreg.ledger.commits import LedgerCommit, hides_parent, read_chunks, read_large
from gitreg.signing import SignatureError, Verified, Verifier

_AHEAD = 2  # chunks whose signatures are being checked


@dataclass(kw_only=True)
class Ledger:
    """A verified ledger: its state, and what each commit was. `tip` is None for an empty one.

    `begun_by` are the keys that began a later format since the root last decided. What `store`
    has is looked up there; what came since is here.
    """

    tip: str | None = None
    store: Store | None = None
    state: State = field(default_factory=State)
    records: Chain[ValidRecord] = field(default_factory=Chain)
    void: Chain[VoidRecord] = field(default_factory=Chain)
    begun_by: set[str] = field(default_factory=set)

    def rest_on(self, store: Store) -> None:
        """Let go of what a store has now: all of it."""
        before = store.lookups()
        self.tip, self.store = store.tip, store
        self.state = State(before or NOTHING)
        self.records = Chain(before.records() if before else ())
        self.void = Chain(before.void() if before else ())
        self.begun_by = set(store.begun_by)

    @property
    def root(self) -> str | None:
        """The sha256 of the first record: what a client pins."""
        return self.records[0].digest if self.records else None

    def records_of(self, model: str, version: str | None = None) -> list[ValidRecord]:
        """Return the records about a model, or about one version of it, oldest first."""
        before = self.store.lookups() if self.store else None
        stored = before.records_of(model, version) if before else []
        new = [item for item in self.records.new if item.record.model == model]
        if version is not None:
            new = [item for item in new if version in (item.record.version, item.record.replaces)]
        return [*stored, *new]

    def newest_time(self, now: int) -> int:
        """Return the newest time of a record that is not after `now`, 0 where there is none."""
        before = self.store.lookups() if self.store else None
        times = [item.record.tagger.time for item in self.records.new]
        stored = before.newest_time(now) if before else 0
        return max([stored, *(time for time in times if time <= now)])

    def document(self, entry: VersionEntry) -> bytes | None:
        """Return the `model.json` of a version where the store has it."""
        before = self.store.lookups() if self.store else None
        return before.document(entry) if before else None

    def accept(
        self, record: Record, accepted: Accepted, *, signer: str, digest: str, commit: str
    ) -> ValidRecord:
        """Go on from a signed record that holds, in the ledger commit `commit`."""
        valid = ValidRecord(
            record=record,
            person=accepted.person,
            signer=signer,
            digest=digest,
            commit=commit,
            entries=accepted.entries,
        )
        head = Head(index=record.index, digest=digest, commit=commit)
        self.state.advance(head, accepted.entries)
        policy = self.state.policy()
        if policy and policy.decided == record.index:
            self.begun_by.clear()
        self.records.append(valid)
        self.tip = commit
        return valid


Folded = Callable[[Sequence[LedgerCommit], ObjectReader], object]


def read_ledger(
    repository: Repository,
    tip: str | None,
    *,
    base: Ledger | None = None,
    folded: Folded = lambda *_: None,
) -> Ledger:
    """Verify the ledger that ends in the commit `tip`; `base` is read on where given.

    `folded` is called after every few commits, with those.

    Raises: UntrustedError where history is cut off, or the root has begun a later format.
    """
    ledger = base or Ledger()
    if tip is None or tip == ledger.tip:
        return ledger
    history = repository.history(tip, after=ledger.tip)
    with repository.reader() as reader, Verifier() as verifier, _without_collections():
        if ledger.tip is None:
            first = next(history)
            if hides_parent(reader, first.id):
                raise _cut_off(first.id)
            history = chain([first], history)
        for chunk, signers in _find_signers(verifier, read_chunks(reader, history)):
            for commit, signer in zip(chunk, signers, strict=True):
                fold(ledger, reader, commit, signer)
            folded(chunk, reader)
    return ledger


def _cut_off(commit: str) -> UntrustedError:
    return UntrustedError(
        f"the ledger's history is cut off before {commit[:12]}: this clone is shallow",
        next_step="git fetch --unshallow, or clone without --depth",
    )


@contextmanager
def _without_collections() -> Iterator[None]:
    """Keep the garbage collector from going through a growing ledger again and again.

    Nothing here makes cycles, so there is nothing for it to find.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _find_signers(
    verifier: Verifier, chunks: Iterable[list[LedgerCommit]]
) -> Iterator[tuple[list[LedgerCommit], Verified]]:
    """Yield each chunk with who signed its records; meanwhile those of the next are checked."""
    started: deque[tuple[list[LedgerCommit], Callable[[], Verified]]] = deque()
    for chunk in chunks:
        started.append((chunk, verifier.start([_split(commit) for commit in chunk])))
        if len(started) > _AHEAD:
            first, wait = started.popleft()
            yield first, wait()
    for last, wait in started:
        yield last, wait()


def _split(commit: LedgerCommit) -> tuple[bytes, str]:
    try:
        return split_signature(commit.files.get("record", b""))
    except RecordError:
        return b"", ""  # it is no record, and why is told later


def fold(
    ledger: Ledger, reader: ObjectReader, commit: LedgerCommit, signer: str | SignatureError
) -> None:
    """Judge one commit and go on from it; `signer` is the key that signed its record.

    Raises: UntrustedError.
    """
    parent = (ledger.tip,) if ledger.tip else ()
    if commit.parents[:1] != parent:
        raise _cut_off(commit.id)
    outcome = _judge(ledger, reader, commit, signer)
    ledger.tip = commit.id
    if isinstance(outcome, ValidRecord):
        return
    ledger.void.append(
        VoidRecord(
            commit=commit.id,
            after=len(ledger.records) - 1,
            rule=outcome.rule,
            what=outcome.what,
        )
    )


def _judge(
    ledger: Ledger, reader: ObjectReader, commit: LedgerCommit, signer: str | SignatureError
) -> ValidRecord | Broken:
    if len(commit.parents) > 1:
        return Broken(rule="commit", what="it merges another history into the ledger, in vain")
    if commit.problem:
        return Broken(rule="commit", what=commit.problem)
    data = commit.files["record"]
    try:
        record = parse_record(data)
    except FutureRecordError as error:
        return _judge_later(ledger, signer, error)
    except RecordError as error:
        return Broken(rule="format", what=str(error))
    if isinstance(signer, SignatureError):
        return Broken(rule="signature", what=signer.what)
    payload = data.removesuffix(record.signature.encode())
    determined = commit_of(payload, tree=commit.tree, parent=ledger.tip)
    if git_object_id("commit", determined, like=commit.id) != commit.id:
        return Broken(rule="commit", what="the commit is not the one that the record determines")
    has_more = commit.large or len(commit.files) > 1
    if has_more and (broken := apply_unread(ledger.state, record, signer)):
        return broken
    attachments = read_attachments(read_large(reader, commit) if has_more else {})
    outcome = apply(ledger.state, record, signer, attachments)
    if isinstance(outcome, Broken):
        return outcome
    return ledger.accept(record, outcome, signer=signer, digest=sha256(data), commit=commit.id)


def _judge_later(ledger: Ledger, signer: str | SignatureError, later: FutureRecordError) -> Broken:
    """Stop where the root's threshold has begun a later format; up to there its records are void.

    Raises: UntrustedError.
    """
    head, entry = ledger.state.head(), ledger.state.policy()
    continues = head and (later.index, later.prev) == (head.index + 1, head.digest)
    if entry is None or not continues or isinstance(signer, SignatureError):
        return Broken(rule="format", what=str(later))
    root = entry.policy.root
    if entry.policy.person_of(signer) in root.by:
        ledger.begun_by.add(signer)
    begun = root_people(entry.policy, ledger.begun_by)
    if len(begun) >= root.count:
        raise UntrustedError(
            f"record {later.index} cannot be judged: {later}",
            next_step="upgrade gitreg: pip install --upgrade gitreg",
        )
    said = f"{len(begun)} of the {root.count} root people have begun it"
    return Broken(rule="format", what=f"{later}; {said}")


def read_attachments(files: Mapping[str, bytes]) -> Attachments:
    """Read what came beside a record; a file that cannot be read says so in `problem`."""
    others = {name: data for name, data in files.items() if name != "record"}
    policy, model, report, problem = None, None, None, None
    try:
        if "policy.yaml" in others:
            policy = read_policy(others["policy.yaml"])
        if "model.json" in others:
            model = ModelDocument.from_dict(loads(others["model.json"]))
        if "report.json" in others:
            report = Report.from_dict(read_json(others["report.json"]))
    except PolicyError as error:
        problem = str(error)
    except InvalidError as error:
        problem = error.what
    except ValueError as error:
        problem = str(error)
    return Attachments(files=others, policy=policy, model=model, report=report, problem=problem)


def read_policy(data: bytes) -> Policy:
    """Read the bytes of a `gitreg.yaml`.

    Raises: InvalidError for what is not YAML, PolicyError for what is not a policy.
    """
    return Policy.from_dict(yaml12.load(data, name="gitreg.yaml").value)
