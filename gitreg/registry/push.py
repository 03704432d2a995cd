"""Publishing what is here alone: records kept by `--no-push`, or a ledger that was never shared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gitreg.artifacts.tracking import push as push_artifacts
from gitreg.domain.entries import PolicyEntry, ValidRecord
from gitreg.domain.policy import Policy
from gitreg.domain.record import Record
from gitreg.errors import RefusedError, SetupError, UntrustedError
from gitreg.git.process import GitProcessError
from gitreg.git.rejection import PushRejectedError
from gitreg.git.remote import Remote
from gitreg.git.repository import Repository
from gitreg.ledger import KEPT, PENDING
from gitreg.ledger.appending import Appended, Draft, Signer, append
from gitreg.ledger.commits import read_files
from gitreg.ledger.freshness import remember
from gitreg.ledger.indexed import read_at
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.sharing import follow, publish, write
from gitreg.ledger.tips import current_tip, fetch_ledger, pending_tip
from gitreg.ledger.verified import Ledger
from gitreg.registry.dvc_folder import check_dvc_folder
from gitreg.registry.identity import find_signer
from gitreg.registry.metadata import artifact_md5s
from gitreg.registry.open import Registry
from gitreg.registry.writing import Written

_GIVE_UP = f"give up all that is pending: git update-ref -d {PENDING}"


def push(registry: Registry, *, key: Path | None = None) -> Written:
    """Publish pending records, and whatever of the ledger here the remote lacks.

    Where others were faster, pending records are signed again on top of theirs: one's own only.

    Raises: RefusedError where one no longer applies, or is somebody else's; SetupError without a
    remote; TransferError; UntrustedError.
    """
    repository, remote = registry.repository, registry.remote
    if remote is None:
        raise SetupError(
            "there is no remote to push to", next_step="git remote add origin URL-or-PATH"
        )
    records = _share_ledger(registry)
    while waiting := pending_tip(repository):
        records += _publish_pending(registry, remote, waiting, key)
    return Written(records=tuple(records), remote=remote.name)


def _publish_pending(
    registry: Registry, remote: Remote, waiting: str, key: Path | None
) -> list[Record]:
    repository = registry.repository
    pending = read_at(repository, waiting)

    def build(ledger: Ledger) -> list[Appended]:
        policy = ledger.state.policy()
        left = _not_yet_in(ledger, pending)
        if not left or policy is None:
            return []
        if left[0].record.prev == ledger.records[-1].digest:
            return [_as_signed(repository, ledger, item) for item in left]
        signer = find_signer(repository, policy.policy, key)
        _check_own(left, policy.policy, signer)
        _check_unchanged(left, policy)
        return [_sign_again(repository, ledger, item, signer) for item in left]

    def before_push(appended: Sequence[Appended]) -> None:
        _push_artifacts(registry, pending, [item.record for item in appended])

    ledger, appended = write(repository, remote, build, before_push=before_push)
    registry.go_on(ledger)
    done = [PENDING, *repository.refs(KEPT)]
    try:
        repository.update_refs(
            [(ref, repository.zero, waiting if ref == PENDING else None) for ref in done]
        )
    except GitProcessError:
        if pending_tip(repository) == waiting:
            raise  # else another process here has kept one more, which comes next
    return [item.record for item in appended]


def _share_ledger(registry: Registry) -> list[Record]:
    """Push the part of the local ledger that the remote lacks, with its tags and artifacts."""
    repository, remote = registry.repository, registry.remote
    assert remote is not None  # noqa: S101 push saw to it
    there = fetch_ledger(repository, remote)
    tip = current_tip(repository, remote)
    if tip is None or tip == there:
        return []
    ledger = read_at(repository, tip)
    known = set(repository.commits(there)) if there else set()
    new = [item for item in ledger.records if item.commit not in known]
    _push_artifacts(registry, ledger, [item.record for item in new])
    appended = [Appended(record=item.record, commit=item.commit) for item in new]
    try:
        publish(repository, remote, tip, appended)
    except PushRejectedError as error:
        raise error.told(remote.name) from error
    remember(ledger, tip)
    follow(repository, ledger, remote)
    return [item.record for item in new]


def _push_artifacts(registry: Registry, ledger: Ledger, records: Sequence[Record]) -> None:
    md5s: list[str] = []
    for record in records:
        if record.action == "register":
            entry = ledger.state.version(record.model or "", record.version or "")
            if entry is not None:
                md5s += artifact_md5s(registry.repository, ledger, entry)
    if md5s:
        check_dvc_folder(registry.repository)
        push_artifacts(registry.root, list(dict.fromkeys(md5s)))


def _not_yet_in(ledger: Ledger, pending: Ledger) -> list[ValidRecord]:
    """Return the pending records whose statements the ledger does not have.

    They are compared by what they say: one that was signed again elsewhere in the ledger is there.
    """
    if pending.root != ledger.root:
        raise UntrustedError(
            f"what is pending here is of another registry, with the root sha256:{pending.root}",
            next_step=f"somebody put it here; {_GIVE_UP}",
        )
    digests = {item.digest for item in ledger.records}
    left = [item for item in pending.records if item.digest not in digests]
    if not left:
        return []
    said = [_said(item) for item in ledger.records[left[0].record.index :]]
    return [item for item in left if _said(item) not in said]


def _said(item: ValidRecord) -> dict[str, Any]:
    """Return a record's statement, to compare with; of verdicts each person has their own."""
    whose = item.person if item.record.action == "approve" else None
    return {**_statement(item.record), "person": whose}


def _statement(record: Record) -> dict[str, Any]:
    """Return what a record says, without its place in the ledger."""
    placed = ("index", "prev", "policy")
    said = {name: value for name, value in record.to_dict().items() if name not in placed}
    return {**said, "object": record.object}


def _check_own(items: Sequence[ValidRecord], policy: Policy, signer: Signer) -> None:
    """See that whoever signs again is who signed: nobody's word becomes another's.

    Raises: RefusedError.
    """
    me = policy.person_of(signer.key.public)
    for item in items:
        if policy.person_of(item.signer) != me:
            raise RefusedError(
                f"others were faster, so the pending record “{item.record.title}” must be signed "
                f"again: {item.person} signed it, not {me}",
                rule="pending",
                next_step=f"let {item.person} run gitreg push with their key; or {_GIVE_UP}",
            )


def _as_signed(repository: Repository, ledger: Ledger, item: ValidRecord) -> Appended:
    """Take a pending record as it is: nothing valid came between."""
    data = item.record.to_bytes()
    with repository.reader() as reader:
        tree = reader.read_one(f"{item.commit}^{{tree}}", limit=0)
    assert tree is not None  # noqa: S101 the record was read from it
    body = item.record.commit_bytes(tree=tree.id, parent=ledger.tip)
    # No ref has kept the tag from `git gc`; the commit is another where void ones came between.
    _, commit = repository.write([("tag", data), ("commit", body)])
    read_ledger(repository, commit, base=ledger)
    return Appended(record=item.record, commit=commit)


def _check_unchanged(items: Sequence[ValidRecord], policy: PolicyEntry) -> None:
    """See that verdicts on promotions are given under the policy that their signer has seen.

    Raises: RefusedError.
    """
    first = items[0].record.index  # what is in the ledger from there on is new to them
    for record in (item.record for item in items):
        if record.action == "approve" and record.model and policy.since(record.model) >= first:
            raise _gone(record, "the policy of that model changed", "policy-cited")


def _sign_again(
    repository: Repository, ledger: Ledger, item: ValidRecord, signer: Signer
) -> Appended:
    try:
        return append(repository, ledger, _draft(repository, item), signer)
    except RefusedError as error:
        raise _gone(item.record, error.what, error.rule) from error


def _gone(record: Record, what: str, rule: str) -> RefusedError:
    return RefusedError(
        f"the pending record “{record.title}” no longer applies: {what}",
        rule=rule,
        next_step=f"{_GIVE_UP}, then look again and decide anew",
    )


def _draft(repository: Repository, item: ValidRecord) -> Draft:
    """Return a pending record as a draft, to be signed again in another place."""
    record = item.record
    found = read_files(repository, item.commit)
    files = {name: data for name, data in found.items() if name != "record"}
    fields = _statement(record)
    return Draft(
        action=record.action,
        object=fields.pop("object"),
        fields={name: value for name, value in fields.items() if name != "action"},
        files=files,
    )
