"""What a push does to the ledger, read from the objects that came with it.

It is imported only for pushes of the registry's refs: others are to stay fast.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitreg.domain.push import LedgerChange, SignedTags, Update, VoidCommit
from gitreg.domain.tag import owner_of
from gitreg.git.objects import ObjectReader
from gitreg.git.repository import Repository
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.verified import Ledger


def read_change(repository: Repository, update: Update, ledger: Ledger) -> LedgerChange:
    """Read what a push would add to `ledger`; `ledger` then has it too, where it continues.

    Raises: UntrustedError for a record of a later format.
    """
    valid, void, root = len(ledger.records), len(ledger.void), ledger.root
    state = ledger.state
    times = {model: state.last_time(model) for model in state.models()}
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
    """Whether the commit `new` leads back to `tip`, or to nothing, by first parents alone."""
    with repository.reader() as reader:
        if not _is_commit(reader, new) or (tip and not _is_commit(reader, tip)):
            return False
    return repository.continues(tip, new)


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


def tags_of(updates: Iterable[Update], *ledgers: Ledger) -> SignedTags:
    """Return the tags that any of the ledgers has of the models whose tags are pushed."""
    models = {owner for update in updates if update.tag and (owner := owner_of(update.tag))}
    return SignedTags.of(
        item.record for ledger in ledgers for name in models for item in ledger.records_of(name)
    )
