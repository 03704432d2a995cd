"""How a verb writes: drafts judged on the newest ledger, then published or kept pending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gitreg.domain.policy import Policy
from gitreg.domain.record import Record
from gitreg.errors import SetupError
from gitreg.git.process import GitProcessError
from gitreg.ledger import KEPT, PENDING
from gitreg.ledger.appending import Appended, Draft, Signer, append
from gitreg.ledger.indexed import open_ledger, read_at
from gitreg.ledger.sharing import write
from gitreg.ledger.tips import newest_tip, pending_tip, read_tips
from gitreg.ledger.verified import Ledger
from gitreg.registry.identity import find_signer
from gitreg.registry.open import Registry
from gitreg.registry.statement import describe
from gitreg.value import Value

# From the newest ledger to the drafts of one action; none where nothing is left to do.
Plan = Callable[[Ledger], Sequence[Draft]]


class Written(Value):
    """What a verb did: the records it added (none if there was nothing left to do).

    `published` is false for records that wait for `gitreg push`, or stay in a registry
    without a remote; `remote` names where they were pushed.
    """

    records: tuple[Record, ...]
    pending: bool = False
    remote: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "records": [describe(record) for record in self.records],
            "pending": self.pending,
            "remote": self.remote,
        }


def record_drafts(
    registry: Registry,
    plan: Plan,
    *,
    key: Path | None = None,
    publish: bool = True,
    proposed: Policy | None = None,
    before_push: Callable[[Sequence[Appended]], object] = lambda _: None,
) -> Written:
    """Sign and publish what `plan` drafts, or keep it pending where `publish` is false.

    People of a `proposed` policy may sign what is about that policy.

    Raises: RefusedError where a rule forbids it; SetupError; TransferError.
    """
    repository, remote = registry.repository, registry.remote
    signer: Signer | None = None

    def build(ledger: Ledger) -> list[Appended]:
        nonlocal signer
        policy = ledger.state.policy()
        if policy is None:
            raise SetupError(
                f"{registry.name} is not a registry yet", next_step="start one with gitreg init"
            )
        drafts = plan(ledger)
        if drafts and signer is None:
            signer = find_signer(repository, policy.policy, key, proposed=proposed)
        return [append(repository, ledger, draft, signer) for draft in drafts if signer]

    if remote is not None and not publish:
        return _keep(registry, build)
    if remote is not None:
        _refuse_pending(registry)
    ledger, appended = write(repository, remote, build, before_push=before_push)
    registry.go_on(ledger)
    records = tuple(item.record for item in appended)
    return Written(records=records, remote=remote.name if remote else None)


def _keep(registry: Registry, build: Callable[[Ledger], list[Appended]]) -> Written:
    """Sign on top of what is pending already; no tag, no place in the ledger."""
    repository = registry.repository

    def find_tip() -> str | None:
        return newest_tip(repository, read_tips(repository, registry.remote))

    while True:
        before = pending_tip(repository)
        ledger = read_at(repository, before) if before else open_ledger(repository, find_tip)
        appended = build(ledger)
        records = [item.record for item in appended]
        commits = {item.object for item in records if item.action == "register"}
        kept = [(f"{KEPT}{commit}", commit, None) for commit in commits]
        try:
            if ledger.tip and appended:
                repository.update_refs([(PENDING, ledger.tip, before or repository.zero), *kept])
            break
        except GitProcessError:
            if pending_tip(repository) == before:
                raise  # else another process here was faster
    registry.go_on(ledger)  # who keeps records pending sees them in this process
    return Written(records=tuple(records), pending=True)


def _refuse_pending(registry: Registry) -> None:
    if pending_tip(registry.repository):
        raise SetupError(
            "records are pending here, and a new one would have to come after them",
            next_step="publish them with gitreg push, or add this one with --no-push",
        )
