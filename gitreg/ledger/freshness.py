"""Whether a ledger is the one that was meant, and no older than the one seen before.

Signatures prove what was said, not that nothing was held back: see docs/adr/0009.
"""

from __future__ import annotations

from typing import Self

from gitreg import memory
from gitreg.domain.checkpoint import Checkpoint, parse_root
from gitreg.errors import UntrustedError
from gitreg.ledger.verified import Ledger
from gitreg.value import Value


class Trust(Value):
    """What a user was told about a registry, from outside of it."""

    root: str | None = None
    checkpoint: Checkpoint | None = None

    @classmethod
    def parse(cls, root: str | None, checkpoint: str | None) -> Self:
        """Read `sha256:…` and `57:sha256:…`, each where it was given.

        Raises: UsageError.
        """
        return cls(
            root=parse_root(root) if root else None,
            checkpoint=Checkpoint.parse(checkpoint) if checkpoint else None,
        )


def check_given(ledger: Ledger, trust: Trust, *, name: str) -> None:
    """See that the ledger begins with the given root, and contains the given checkpoint.

    Raises: UntrustedError.
    """
    if trust.root is not None and trust.root != ledger.root:
        raise UntrustedError(
            f"{name} is another registry: its first record is sha256:{ledger.root}, "
            f"and sha256:{trust.root} was asked for",
            next_step="compare the root with what its owners tell you",
        )
    if trust.checkpoint is not None:
        _check_contains(ledger, trust.checkpoint, name=name, source="the checkpoint names")


def check_seen(ledger: Ledger, seen: Checkpoint | None, *, name: str, at_remote: bool) -> None:
    """See that the ledger goes on from `seen`, the newest record seen at a remote of it.

    A clone (`at_remote` false) may be behind it; it may not differ. What a remote answered is
    held only to what was remembered before it was asked: another process may see more meanwhile.

    Raises: UntrustedError.
    """
    if seen is not None and (at_remote or seen.index < len(ledger.records)):
        _check_contains(ledger, seen, name=name, source="was seen at a remote before,")


def check_pinned(root: str | None, url: str) -> None:
    """See that the registry at `url` is the one that it was before; None where it has none now.

    Raises: UntrustedError.
    """
    pinned = memory.pinned_root(url)
    if pinned is None or pinned == root:
        return
    if root is None:
        raise UntrustedError(
            f"ROLLBACK: {url} has no ledger any more; there was one with the root sha256:{pinned}",
            next_step="ask its owners who removed the branch gitreg-ledger; any clone can push it",
        )
    raise UntrustedError(
        f"{url} is another registry than before: its first record is sha256:{root}, "
        f"it was sha256:{pinned}",
        next_step=f"ask its owners; if they started anew, say so once: --root sha256:{root}",
    )


def last_seen(ledger: Ledger) -> Checkpoint | None:
    """Return the newest record that this machine saw at a remote of the registry.

    Raises: UntrustedError where the memory is damaged.
    """
    return memory.last_seen(ledger.root) if ledger.root else None


def behind(ledger: Ledger, seen: Checkpoint | None) -> int:
    """Return how many records have been seen at a remote that the ledger lacks."""
    return max(0, seen.index + 1 - len(ledger.records)) if seen else 0


def stale_since(ledger: Ledger, now: int) -> int | None:
    """Return the newest time of a record where that is longer ago than the policy's `max_age`.

    Times are Unix seconds; one that lies after `now` proves nothing, and 0 is returned where
    all do. None for a ledger that is fresh, or whose policy sets no age.
    """
    policy = ledger.state.policy()
    if policy is None or policy.policy.max_age is None:
        return None
    newest = ledger.newest_time(now)
    return newest if now - newest > policy.policy.max_age else None


def remember(ledger: Ledger, tip: str | None) -> None:
    """Remember the last valid record of a ledger whose commit `tip` a remote has now."""
    if ledger.root is None or tip is None or tip != ledger.tip:
        return
    last = ledger.records[-1]
    memory.remember(ledger.root, Checkpoint(index=last.record.index, digest=last.digest))


def _check_contains(ledger: Ledger, checkpoint: Checkpoint, *, name: str, source: str) -> None:
    records = ledger.records
    if checkpoint.index >= len(records):
        raise UntrustedError(
            f"ROLLBACK: {name} ends with record {len(records) - 1}, and {source} record "
            f"{checkpoint.index}",
            next_step="somebody took records away: compare with another clone before you go on",
        )
    found = records[checkpoint.index].digest
    if found != checkpoint.digest:
        raise UntrustedError(
            f"FORK: record {checkpoint.index} of {name} is sha256:{found}, and {source} "
            f"sha256:{checkpoint.digest}",
            next_step="two histories of this registry exist: compare with another clone, and ask "
            "who rewrote one of them",
        )
