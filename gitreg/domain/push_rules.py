"""The judgement of a push: what speaks against the refs that it sets (docs/hosting.md).

The hook of a server and the hook of a clone judge by the same rules; each says what it knows of
the ledger and of the refs that are there already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gitreg.domain.finding import Finding
from gitreg.domain.push import TAGS, LedgerChange, SignedTags, Update
from gitreg.domain.tag import owner_of

_DAY = 86_400  # seconds: how far a clock may be ahead of the server's
_REPLACE = "refs/replace/"
_PRIVATE = "refs/gitreg/"
_PUBLISH = "gitreg push sends the ledger and its tags at once"


def judge_reserved(updates: Iterable[Update]) -> Iterator[Finding]:
    """No object may be replaced by another for who reads."""
    for update in updates:
        if update.ref.startswith(_REPLACE):
            yield _refuse(
                update.ref,
                "replace",
                "replace refs would show readers other objects than those that were signed",
                "git replace -d OBJECT removes it where it was made",
            )


def judge_private(updates: Iterable[Update]) -> Iterator[Finding]:
    """What waits in one clone is no business of others."""
    for update in updates:
        if update.ref.startswith(_PRIVATE) and update.new is not None:
            yield _refuse(
                update.ref,
                "private",
                "gitreg keeps this ref for this clone alone",
                "push branches and tags by name; gitreg push publishes pending records",
            )


def judge_ledger(
    change: LedgerChange, tags: Mapping[str, str | None], *, now: int
) -> Iterator[Finding]:
    """The ledger only grows, by valid records whose tags come along.

    `tags` has the objects of full ref names after the push, as far as the ledger's new records
    have them; `now` is in Unix seconds.
    """
    ref = change.update.ref
    if change.update.new is None:
        yield _refuse(
            ref, "ledger.deleted", "the ledger is for good", "leave it out of what you push"
        )
        return
    if not change.continues:
        yield _judge_other(change)
        return
    for void in change.void:
        yield _refuse(
            ref,
            "ledger.void",
            f"commit {void.commit[:12]} carries no valid record, by the rule {void.rule}: "
            f"{void.what}",
            "git branch -f gitreg-ledger ORIGIN/gitreg-ledger drops it in your clone; gitreg's "
            "own commands write valid records",
        )
    yield from _judge_tags_present(change, tags)
    yield from _judge_times(change, now)


def _judge_other(change: LedgerChange) -> Finding:
    ref = change.update.ref
    if change.root and change.other_root and change.root != change.other_root:
        return _refuse(
            ref,
            "ledger.other",
            f"it is another registry, with the root sha256:{change.other_root}; here it is "
            f"sha256:{change.root}",
            "git remote -v shows where you push; a new registry needs a new repository",
        )
    return _refuse(
        ref,
        "ledger.rewritten",
        "it does not go on from the last record that is there",
        "git fetch, then run your gitreg command again; the ledger is never forced or merged",
    )


def _judge_tags_present(change: LedgerChange, tags: Mapping[str, str | None]) -> Iterator[Finding]:
    for record in change.records:
        if record.tag_ref is None:
            continue
        found = tags.get(f"{TAGS}{record.tag_ref}")
        if found != record.tag_object_id():
            state = "in neither this push nor the repository" if found is None else "another object"
            yield _refuse(
                change.update.ref,
                "tag.missing",
                f"the tag {record.tag_ref} of record {record.index} is {state}",
                _PUBLISH,
            )


def _judge_times(change: LedgerChange, now: int) -> Iterator[Finding]:
    """No new record is signed more than a day ahead of the clock here.

    A model whose last record is in the future already goes on by the least that the rules ask.
    """
    times = dict(change.times)
    for record in change.records:
        model, time = record.model or "", record.tagger.time
        if time > max(now + _DAY, times.get(model, 0) + 1):
            yield _refuse(
                change.update.ref,
                "time.ahead",
                f"record {record.index} is signed {(time - now) // _DAY + 1} days ahead of the "
                "clock here",
                "set the clock of the machine that signs, then run the command again",
            )
        if record.tag_ref is not None:
            times[model] = time


def judge_tags(updates: Iterable[Update], signed: SignedTags) -> Iterator[Finding]:
    """A tag of the registry is what the ledger has under that name, and stays."""
    for update in updates:
        if update.tag is None or update.new == (known := signed.object_of(update.tag)):
            continue
        if known is not None:
            verb = "deleted" if update.new is None else "moved"
            yield _refuse(
                update.ref,
                "tag.deleted" if update.new is None else "tag.moved",
                f"the ledger has signed this tag, so it cannot be {verb}",
                "gitreg tags restore brings back the signed one",
            )
        elif update.new is not None and owner_of(update.tag) in signed.models:
            yield _refuse(
                update.ref,
                "tag.unknown",
                "it looks like the registry's, and the ledger does not have it",
                "gitreg register and gitreg promote make such tags; name other tags otherwise",
            )


def judge_alone(
    updates: Iterable[Update], *, here: SignedTags, there: SignedTags
) -> Iterator[Finding]:
    """A tag of the registry does not go before the ledger that has it.

    `here` is the ledger of the clone, `there` that of the remote after the push.
    """
    for update in updates:
        name = update.tag
        if name in here.records and name not in there.records and update.new is not None:
            yield _refuse(
                update.ref,
                "tag.alone",
                "the remote's ledger does not have this tag, as far as is known here",
                f"{_PUBLISH}; git fetch shows what is there",
            )


def judge_moved_on(updates: Iterable[Update], refs: Mapping[str, str]) -> Iterator[Finding]:
    """Who pushes has seen the refs as they are.

    Git itself would refuse such a ref later, and set the others of the same push.
    """
    for update in updates:
        if refs.get(update.ref) != update.old:
            yield _refuse(
                update.ref, "moved-on", "it has changed meanwhile", "git fetch, then try again"
            )


def _refuse(ref: str, code: str, what: str, next_step: str) -> Finding:
    return Finding(severity="error", code=code, where=ref, what=what, next_step=next_step)
