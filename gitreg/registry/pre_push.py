"""What a clone's hook finds against a push before it is sent, as far as is known here.

It reads the ledger only where a ref of the registry is among what is pushed.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitreg.domain.finding import Finding
from gitreg.domain.names import LEDGER
from gitreg.domain.push import Update
from gitreg.domain.push_rules import (
    judge_alone,
    judge_ledger,
    judge_private,
    judge_reserved,
    judge_tags,
)
from gitreg.git.repository import Repository
from gitreg.ledger import PENDING


def judge_sent(
    repository: Repository, remote: str, updates: Sequence[Update], *, now: int
) -> tuple[Finding, ...]:
    """Return what would go wrong at `remote` (its name, or a URL), and notes on what stays here.

    `now` is in Unix seconds.

    Raises: UntrustedError where the ledger that is here cannot be read.
    """
    found = [*judge_reserved(updates), *judge_private(updates)]
    mine = [update for update in updates if update.concerns_registry]
    if mine:
        found += _judge_registry(repository, remote, mine, now)
    if repository.refs(PENDING):
        found.append(
            Finding(
                severity="note",
                code="pending",
                where=PENDING,
                what="signed records wait here and are not part of this push",
                next_step="gitreg push publishes them",
            )
        )
    return tuple(found)


def _judge_registry(
    repository: Repository, remote: str, updates: Sequence[Update], now: int
) -> list[Finding]:
    from gitreg.ledger.indexed import read_at
    from gitreg.ledger.verified import Ledger
    from gitreg.registry.ledger_change import read_change, tags_of

    tracking = f"refs/remotes/{remote}/gitreg-ledger"
    refs = repository.refs(LEDGER, tracking)
    there = read_at(repository, refs.get(tracking))
    same = refs.get(LEDGER) == refs.get(tracking)
    here = there if same else read_at(repository, refs.get(LEDGER))
    found: list[Finding] = []
    for update in updates:
        if update.ref == LEDGER:
            # Of one that was never fetched nothing is known but its tip.
            known = update.old is None or repository.has_commit(update.old)
            there = read_at(repository, update.old) if known else Ledger(tip=update.old)
            change = read_change(repository, update, there)
            found += judge_ledger(change, {item.ref: item.new for item in updates}, now=now)
    found += judge_tags(updates, tags_of(updates, here, there))
    mine, theirs = tags_of(updates, here), tags_of(updates, there)
    return [*found, *judge_alone(updates, here=mine, there=theirs)]
