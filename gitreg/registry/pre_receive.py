"""What a server's hook finds against a push: all of its refs are judged together.

It reads what Git keeps in quarantine, runs nothing but Git's plumbing, and writes nothing but the
index of what was taken before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitreg.domain.finding import Finding
from gitreg.domain.names import LEDGER
from gitreg.domain.push import TAGS, Update
from gitreg.domain.push_rules import judge_ledger, judge_moved_on, judge_reserved, judge_tags
from gitreg.git.repository import Repository

_FEW = 100


def judge_received(
    repository: Repository, updates: Sequence[Update], *, now: int
) -> tuple[Finding, ...]:
    """Return why a push cannot be taken; nothing where it can. `now` is in Unix seconds.

    Raises: UntrustedError where the ledger that is here cannot be read.
    """
    found = list(judge_reserved(updates))
    mine = [update for update in updates if update.concerns_registry]
    refs = read_refs(repository, [update.ref for update in mine])
    if moved_on := list(judge_moved_on(mine, refs)):
        return (*found, *moved_on)
    if not mine:
        return tuple(found)
    from gitreg.ledger.indexed import open_ledger
    from gitreg.registry.ledger_change import read_change, tags_of

    ledger = open_ledger(repository, lambda: read_refs(repository, [LEDGER]).get(LEDGER))
    for update in mine:
        if update.ref == LEDGER:
            change = read_change(repository, update, ledger)
            tags = [f"{TAGS}{record.tag_ref}" for record in change.records if record.tag_ref]
            after = read_refs(repository, tags) | {item.ref: item.new for item in mine}
            found += judge_ledger(change, after, now=now)
    return (*found, *judge_tags(mine, tags_of(mine, ledger)))


def read_refs(repository: Repository, names: Iterable[str]) -> dict[str, str]:
    """Return the objects of those of the refs that are here."""
    wanted = set(names)
    if not wanted:
        return {}
    found = repository.refs(*(sorted(wanted) if len(wanted) < _FEW else ["refs/"]))
    return {ref: object_id for ref, object_id in found.items() if ref in wanted}
