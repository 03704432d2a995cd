"""A push as a hook is told of it: the refs that it sets, and what that does to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitreg.domain.names import LEDGER
from gitreg.domain.record import Record
from gitreg.domain.tag import owner_of
from gitreg.errors import UsageError
from gitreg.value import Value

TAGS = "refs/tags/"


class Update(Value):
    """One ref that a push sets, from the object `old` to `new`; None where there is none."""

    ref: str
    old: str | None
    new: str | None

    @property
    def tag(self) -> str | None:
        """The name of the tag that it sets, if it sets one."""
        return self.ref.removeprefix(TAGS) if self.ref.startswith(TAGS) else None

    @property
    def concerns_registry(self) -> bool:
        """Whether the ledger has to be read to judge it."""
        return self.ref == LEDGER or (self.tag is not None and owner_of(self.tag) is not None)


def read_received(text: str) -> tuple[Update, ...]:
    """Read what a pre-receive hook is told: lines of `old new ref` (githooks(5)).

    Raises: UsageError.
    """
    lines = [line.split(" ", 2) for line in _lines(text)]
    if any(len(words) != 3 for words in lines) or len({words[-1] for words in lines}) < len(lines):
        raise _not_for_people("pre-receive")
    return tuple(Update(ref=ref, old=_some(old), new=_some(new)) for old, new, ref in lines)


def read_sent(text: str) -> tuple[Update, ...]:
    """Read what a pre-push hook is told: lines of `local-ref new ref old` (githooks(5)).

    Raises: UsageError.
    """
    lines = [line.rsplit(" ", 3) for line in _lines(text)]
    if any(len(words) != 4 for words in lines):
        raise _not_for_people("pre-push")
    return tuple(Update(ref=ref, old=_some(old), new=_some(new)) for _, new, ref, old in lines)


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: names of refs may have other line separators in them."""
    return text.removesuffix("\n").split("\n") if text else []


def _some(object_id: str) -> str | None:
    return object_id if object_id.strip("0") else None


def _not_for_people(hook: str) -> UsageError:
    return UsageError(
        f"this is not what Git tells a {hook} hook",
        next_step="gitreg hook install puts it where Git runs it",
    )


class SignedTags(Value):
    """The tags of a ledger: the record of each by its name, and the models that it knows."""

    records: Mapping[str, Record]
    models: frozenset[str]

    @classmethod
    def of(cls, records: Iterable[Record]) -> SignedTags:
        """Collect the tags of valid records."""
        tagged = {str(record.tag_ref): record for record in records if record.tag_ref}
        return cls(records=tagged, models=frozenset(item.model or "" for item in tagged.values()))

    def object_of(self, name: str) -> str | None:
        """The tag object that was signed under a name."""
        record = self.records.get(name)
        return record.tag_object_id() if record else None


class VoidCommit(Value):
    """A commit that carries no valid record: the rule it breaks, and how."""

    commit: str
    rule: str
    what: str


class LedgerChange(Value):
    """What a push does to the ledger.

    `continues` is whether the new commits follow the last one there, parent by first parent; then
    `records` and `void` are what they carry. Where it does not, `other_root` is the first record
    of what was pushed instead. `times` are those of each model's last tagged record before.
    """

    update: Update
    continues: bool
    root: str | None
    other_root: str | None = None
    records: Sequence[Record] = ()
    void: Sequence[VoidCommit] = ()
    times: Mapping[str, int]
