"""Where the ledger ends: here, at the remote, and with what waits to be published.

Every command asks for it; what writes is in `sharing.py`, and not imported by those that read.
"""

from __future__ import annotations

from gitreg.errors import UntrustedError
from gitreg.git.process import GitProcessError
from gitreg.git.remote import Remote
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH, PENDING, SENT
from gitreg.value import Value


class Tips(Value):
    """Where the ledger ends: here, and at the remote when it was last seen."""

    local: str | None
    tracking: str | None


def tracking_ref(remote: Remote) -> str:
    """The ref that remembers a remote's ledger, where `git fetch` keeps it too."""
    return f"refs/remotes/{remote.name}/gitreg-ledger"


def read_tips(repository: Repository, remote: Remote | None) -> Tips:
    """Return where the refs point."""
    names = [BRANCH, *([tracking_ref(remote)] if remote else [])]
    refs = repository.refs(*names)
    return Tips(local=refs.get(BRANCH), tracking=refs.get(tracking_ref(remote)) if remote else None)


def newest_tip(repository: Repository, tips: Tips) -> str | None:
    """Return the ledger to read: the local one, unless the remote's continues it.

    Raises: UntrustedError where the two have parted.
    """
    local, tracking = tips.local, tips.tracking
    if not local or not tracking or local == tracking:
        return local or tracking
    if repository.continues(local, tracking):
        return tracking
    if repository.continues(tracking, local):
        return local
    raise UntrustedError(
        f"the ledger here ({local[:12]}) and the remote's ({tracking[:12]}) have parted",
        next_step="somebody rewrote one of them: compare with git log gitreg-ledger; if yours is "
        "wrong, git branch -f gitreg-ledger ORIGIN/gitreg-ledger",
    )


def fetch_ledger(repository: Repository, remote: Remote, *, anew: bool = False) -> str | None:
    """Bring the remote's ledger here and remember it; return its tip, None where it has none.

    `anew` takes whatever the remote gives: for a cache, whose reader compares it with what was
    seen before.

    Raises: TransferError; UntrustedError where it went back or was rewritten.
    """
    from gitreg.git.transfer import fetch  # most commands ask no remote

    tips = read_tips(repository, remote)
    known = [tip for tip in (tips.local, tips.tracking) if tip]
    found = fetch(repository, remote.url, [BRANCH], known=known).get(BRANCH)
    if found is None or found == tips.tracking:
        return found
    updates: list[tuple[str, str, str | None]] = [
        (tracking_ref(remote), found, tips.tracking or repository.zero)
    ]
    continues = not tips.tracking or repository.continues(tips.tracking, found)
    if anew and not continues:
        updates.append((BRANCH, repository.zero, tips.local))
    elif not continues:
        raise UntrustedError(
            f"{remote.name} gives a ledger that does not continue what it gave before "
            f"({(tips.tracking or '')[:12]}, now {found[:12]})",
            next_step="ask who rewrote it; nothing here was changed",
        )
    try:
        repository.update_refs(updates)
    except GitProcessError:
        if read_tips(repository, remote).tracking == tips.tracking:
            raise  # else another process here has fetched meanwhile
    return found


def current_tip(repository: Repository, remote: Remote | None) -> str | None:
    """Return where the ledger ends, asking the remote first.

    Raises: TransferError; UntrustedError.
    """
    if remote:
        fetch_ledger(repository, remote)
    return newest_tip(repository, read_tips(repository, remote))


def sent_tip(repository: Repository) -> str | None:
    """Return the record that a write here sent before it was cut off; it may have landed."""
    return repository.refs(SENT).get(SENT)


def pending_tip(repository: Repository) -> str | None:
    """Return the last record that waits for `gitreg push`."""
    return repository.refs(PENDING).get(PENDING)
