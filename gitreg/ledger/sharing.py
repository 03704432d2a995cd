"""The ledger between repositories: published as a compare-and-swap, and followed by local refs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from itertools import takewhile

from gitreg.errors import TransferError
from gitreg.git.process import GitProcessError
from gitreg.git.rejection import PushRejectedError
from gitreg.git.remote import Remote
from gitreg.git.repository import BlockedRefError, Repository
from gitreg.git.transfer import fetch, push
from gitreg.ledger import BRANCH, SENT
from gitreg.ledger.appending import Appended
from gitreg.ledger.freshness import behind, check_seen, last_seen, remember
from gitreg.ledger.indexed import open_ledger
from gitreg.ledger.tips import current_tip, read_tips, sent_tip, tracking_ref
from gitreg.ledger.verified import Ledger

_ATTEMPTS = 50
_PATIENCE = 20
_FEW = 100


def publish(repository: Repository, remote: Remote, tip: str, appended: Sequence[Appended]) -> None:
    """Push the ledger that ends in `tip`, with the tags of `appended`, all or nothing.

    Raises: PushRejectedError where somebody was faster; TransferError.
    """
    tags = [(item.tag_ref, item.tag_object) for item in appended if item.tag_ref]
    _bring_commits(repository, remote, appended)
    push(repository, remote.push_url, [(BRANCH, tip), *tags])


def _bring_commits(repository: Repository, remote: Remote, appended: Sequence[Appended]) -> None:
    """Fetch the versions' commits that are not here: Git pushes a tag from where its commit is."""
    tagged = {item.record.object: item.record for item in appended if item.tag_ref}
    missing = [record for record in tagged.values() if not repository.has_commit(record.object)]
    if missing:
        names = [f"{record.model}@v{record.version or record.replaces}" for record in missing]
        known = set(repository.refs("refs/heads/", "refs/remotes/").values())
        fetch(repository, remote.url, [f"refs/tags/{name}" for name in names], known=sorted(known))


def follow(repository: Repository, ledger: Ledger, remote: Remote) -> None:
    """Let the local refs follow what is published: ledger, its remote-tracking ref, and tags.

    Tags are those of records that are new here, as far as the objects are here, and no other ref
    stands in their place. So the next command completes what one that was killed had published.

    Raises: SetupError where a ref is locked.
    """
    blocked: list[BlockedRefError] = []
    for attempt in range(_ATTEMPTS):
        try:
            repository.update_refs(_find_outdated(repository, ledger, remote, blocked))
        except BlockedRefError as error:
            blocked.append(error)
        except GitProcessError:  # another process here moved one of them meanwhile
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def _find_outdated(
    repository: Repository, ledger: Ledger, remote: Remote, blocked: Sequence[BlockedRefError]
) -> list[tuple[str, str, str | None]]:
    """Return the updates that let the local refs follow, each with the value it has now."""
    updates: list[tuple[str, str, str | None]] = []
    tip, tips = ledger.tip or "", read_tips(repository, remote)
    for ref, old in ((BRANCH, tips.local), (tracking_ref(remote), tips.tracking)):
        if old != tip and (old is None or repository.continues(old, tip)):
            updates.append((ref, tip, old or repository.zero))
    if sent_tip(repository):
        updates.append((SENT, repository.zero, None))
    new = takewhile(lambda item: item.commit != tips.local, reversed(ledger.records))
    tags = {f"refs/tags/{item.record.tag_ref}": item.record for item in new if item.record.tag_ref}
    if not tags:
        return updates
    present = repository.refs(*(tags if len(tags) < _FEW else ["refs/tags/"]))
    missing = {
        ref: record
        for ref, record in tags.items()
        if ref not in present and not any(other.blocks(ref) for other in blocked)
    }
    names = [(record.tag_object_id(), f"{record.object}^{{tree}}") for record in missing.values()]
    with repository.reader() as reader:
        found = iter(list(reader.read([name for pair in names for name in pair], limit=0)))
    for ref, record in missing.items():
        if None not in (next(found), next(found)):
            updates.append((ref, record.tag_object_id(), repository.zero))
    return updates


def write(
    repository: Repository,
    remote: Remote | None,
    build: Callable[[Ledger], Sequence[Appended]],
    *,
    before_push: Callable[[Sequence[Appended]], object] = lambda _: None,
) -> tuple[Ledger, Sequence[Appended]]:
    """Append what `build` signs on top of the newest ledger, and publish it.

    Whoever is slower builds again on top of the faster one, or is told by `build` why the
    action no longer applies. `before_push` moves what must be there first.

    Raises: whatever `build` raises; TransferError.
    """
    reason, unmoved = "", 0
    for _ in range(_ATTEMPTS):
        ledger = _read_newest(repository, remote)
        tip = ledger.tip
        appended = build(ledger)
        if appended and ledger.tip:
            before_push(appended)
            try:
                _set_tip(repository, remote, tip, ledger.tip, appended)
            except PushRejectedError as error:
                reason = str(error)
                if current_tip(repository, remote) == tip:
                    unmoved += 1
                    _wait(remote, error, unmoved)
                continue
        if remote and (appended or tip == read_tips(repository, remote).tracking):
            remember(ledger, ledger.tip)
            follow(repository, ledger, remote)
        elif remote is None:
            repository.update_refs([(SENT, repository.zero, None)])
        return ledger, appended
    raise TransferError(
        f"others were faster {_ATTEMPTS} times in a row: {reason}",
        next_step="run the same command again",
    )


def _read_newest(repository: Repository, remote: Remote | None) -> Ledger:
    """Return the newest ledger, compared with what was seen before.

    Raises: TransferError; UntrustedError.
    """

    def find_tip() -> str | None:
        return current_tip(repository, remote)

    ledger = open_ledger(repository, find_tip)
    seen = last_seen(ledger)
    if remote and behind(ledger, seen):  # another process here may have published since that fetch
        ledger = open_ledger(repository, find_tip)
    name = remote.name if remote else "the ledger here"
    check_seen(ledger, seen, name=name, at_remote=remote is not None)
    return ledger


def _set_tip(
    repository: Repository,
    remote: Remote | None,
    old: str | None,
    tip: str,
    appended: Sequence[Appended],
) -> None:
    """Move the ledger from `old` to `tip`: at the remote, or here where there is none.

    Raises: PushRejectedError where somebody was faster.
    """
    if remote:
        repository.update_refs([(SENT, tip, None)])
        publish(repository, remote, tip, appended)
        return
    tags = [(item.tag_ref, item.tag_object, repository.zero) for item in appended if item.tag_ref]
    try:
        updates = [(BRANCH, tip, old or repository.zero), *tags]
        repository.update_refs([(SENT, tip, None), *updates])
    except GitProcessError as error:
        raise PushRejectedError(error.stderr) from error


def _wait(remote: Remote | None, error: PushRejectedError, unmoved: int) -> None:
    """After a refusal that nobody had won, let others go first; `unmoved` counts those.

    Raises: TransferError for a refusal that is no race.
    """
    locked = "lock" in str(error) and not error.declined
    if remote and locked and unmoved < _PATIENCE:
        # Another push is under way on this very ref; its outcome is a moment off.
        time.sleep(random.uniform(0.02, 0.2))  # noqa: S311 not for secrets
        return
    if remote:
        raise error.told(remote.name)
    raise TransferError(
        f"Git refuses the new refs: {error}",
        next_step="if it says that a lock exists, a killed Git left it there: remove it. If a tag "
        "of that name is there already, see what it is: git show-ref --tags",
    )
