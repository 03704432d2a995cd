"""What a server's hook finds against a push: all of its refs are judged together.

It reads what Git keeps in quarantine, runs nothing but Git's plumbing, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitreg.domain.finding import Finding
from gitreg.domain.push import LEDGER, TAGS, LedgerChange, SignedTags, Update, VoidCommit
from gitreg.domain.push_rules import judge_ledger, judge_moved_on, judge_reserved, judge_tags
from gitreg.git.objects import ObjectReader
from gitreg.git.repository import Repository
from gitreg.ledger.reading import Ledger, read_ledger

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
    ledger = read_ledger(repository, read_refs(repository, [LEDGER]).get(LEDGER))
    for update in mine:
        if update.ref == LEDGER:
            change = read_change(repository, update, ledger)
            tags = [f"{TAGS}{record.tag_ref}" for record in change.records if record.tag_ref]
            after = read_refs(repository, tags) | {item.ref: item.new for item in mine}
            found += judge_ledger(change, after, now=now)
    return (*found, *judge_tags(mine, tags_of(ledger)))


def read_change(repository: Repository, update: Update, ledger: Ledger) -> LedgerChange:
    """Read what a push would add to `ledger`; `ledger` then has it too, where it continues.

    Raises: UntrustedError for a record of a later format.
    """
    valid, void, root = len(ledger.records), len(ledger.void), ledger.root
    times = {
        item.record.model or "": item.record.tagger.time
        for item in ledger.records
        if item.record.tag_ref
    }
    if update.new is None or not _continues(repository, ledger.tip, update.new):
        other = _other_root(repository, update.new) if update.new else None
        return LedgerChange(
            update=update, continues=False, root=root, other_root=other, times=times
        )
    read_ledger(repository, update.new, base=ledger)
    return LedgerChange(
        update=update,
        continues=True,
        root=root,
        records=[item.record for item in ledger.records[valid:]],
        void=[
            VoidCommit(commit=item.commit, rule=item.rule, what=item.what)
            for item in ledger.void[void:]
        ],
        times=times,
    )


def _continues(repository: Repository, tip: str | None, new: str) -> bool:
    """Whether the commit `new` leads back to `tip`, or to nothing, by first parents alone.

    A merge that has the ledger as its second parent would pass as a fast-forward.
    """
    if new == tip:
        return True
    with repository.reader() as reader:
        if not _is_commit(reader, new) or (tip and not _is_commit(reader, tip)):
            return False
    first = next(repository.history(new, after=tip), None)
    return first is not None and first.parents[:1] == ((tip,) if tip else ())


def _other_root(repository: Repository, new: str) -> str | None:
    """Return the root of the registry that the commit `new` belongs to, if it is of one."""
    with repository.reader() as reader:
        if not _is_commit(reader, new):
            return None
    # A ledger begins with its record 0; what does not is somebody's branch, of any length.
    return read_ledger(repository, repository.commits(new)[0]).root


def _is_commit(reader: ObjectReader, name: str) -> bool:
    found = reader.read_one(name, limit=0)
    return found is not None and found.kind == "commit"


def tags_of(*ledgers: Ledger) -> SignedTags:
    """Return the tags that any of the ledgers has."""
    return SignedTags.of(item.record for ledger in ledgers for item in ledger.records)


def read_refs(repository: Repository, names: Iterable[str]) -> dict[str, str]:
    """Return the objects of those of the refs that are here."""
    wanted = set(names)
    if not wanted:
        return {}
    found = repository.refs(*(sorted(wanted) if len(wanted) < _FEW else ["refs/"]))
    return {ref: object_id for ref, object_id in found.items() if ref in wanted}
