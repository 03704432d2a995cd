"""Reading the ledger: every record verified in one pass, and the state that the valid ones make.

A record that breaks a rule is void: it is reported, changes nothing, and the next valid record
continues from the last valid one, so that one bad push stops nobody.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain

from gitreg.domain.canonical import git_object_id, loads, read_json, sha256
from gitreg.domain.case import Attachments
from gitreg.domain.entries import ValidRecord, VoidRecord
from gitreg.domain.model import ModelDocument
from gitreg.domain.policy import Policy, PolicyError
from gitreg.domain.policy_change import root_people
from gitreg.domain.record import commit_of, parse_record, split_signature
from gitreg.domain.report import Report
from gitreg.domain.rules import Broken, apply, apply_unread
from gitreg.domain.trailer import FutureRecordError, RecordError
from gitreg.errors import InvalidError, UntrustedError
from gitreg.git.objects import ObjectReader
from gitreg.git.repository import Repository
from gitreg.ledger.commits import LedgerCommit, hides_parent, read_chunks, read_large
from gitreg.ledger.verified import Ledger
from gitreg.signing import SignatureError, Verified, Verifier

_AHEAD = 2  # chunks whose signatures are being checked


def read_ledger(
    repository: Repository,
    tip: str | None,
    *,
    base: Ledger | None = None,
    folded: Callable[[], object] = lambda: None,
) -> Ledger:
    """Verify the ledger that ends in the commit `tip`; `base` is read on where given.

    `folded` is called after every few commits.

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
            folded()
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
    if ledger.documents is not None and (document := attachments.files.get("model.json")):
        ledger.documents[record.index] = document
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
    from gitreg import yaml12  # policies are few

    return Policy.from_dict(yaml12.load(data, name="gitreg.yaml").value)
