"""The trailers of a record: each one's grammar, and their order in an action (docs/record.md)."""

from __future__ import annotations

from collections.abc import Callable
from sys import intern

from gitreg.domain.grammar import Grammar
from gitreg.domain.names import MODEL, PERSON, STAGE, is_folder, is_text
from gitreg.domain.version import VERSION
from gitreg.value import Value

FORMAT = 1


class RecordError(ValueError):
    """The bytes are not a record in the format of docs/record.md."""


class FutureRecordError(RecordError):
    """The bytes claim a later format than this gitreg reads, as the record `index` after `prev`."""

    def __init__(self, number: str, index: str, prev: str) -> None:
        super().__init__(f"it is in format {number}, and this gitreg reads format {FORMAT}")
        self.index = int(index)
        self.prev = prev


class Trailer(Value):
    """One trailer: `accepts` tells which texts it may have; the value is what follows `prefix`.

    One that `is_shared` says the same in many records, which then hold the same text.
    """

    attribute: str
    accepts: Callable[[str], object]
    prefix: str = ""
    is_number: bool = False
    can_be_none: bool = False
    is_shared: bool = False

    def read(self, name: str, text: str) -> str | int | None:
        """Return the value that `text` stands for.

        Raises: RecordError.
        """
        if self.can_be_none and text == "none":
            return None
        if not self.accepts(text):
            raise RecordError(f"the trailer {name} cannot be {text[:80]!r}")
        if self.is_number:
            return int(text)
        said = text[len(self.prefix) :]
        return intern(said) if self.is_shared else said

    def write(self, name: str, value: object) -> str:
        """Return the text of `value`; the inverse of `read`.

        Raises: RecordError where the trailer cannot be left out.
        """
        if value is not None:
            return f"{self.prefix}{value}"
        if not self.can_be_none:
            raise RecordError(f"the trailer {name} is missing")
        return "none"


def _pattern(pattern: str) -> Callable[[str], object]:
    return Grammar(pattern).fullmatch


def _digest(attribute: str, *, can_be_none: bool = False, is_shared: bool = False) -> Trailer:
    return Trailer(
        attribute=attribute,
        accepts=_pattern("sha256:[0-9a-f]{64}"),
        prefix="sha256:",
        can_be_none=can_be_none,
        is_shared=is_shared,
    )


def _number(attribute: str, pattern: str) -> Trailer:
    return Trailer(attribute=attribute, accepts=_pattern(pattern), is_number=True)


def _word(attribute: str, accepts: Callable[[str], object]) -> Trailer:
    return Trailer(attribute=attribute, accepts=accepts, is_shared=True)


def _version(attribute: str, *, can_be_none: bool = False) -> Trailer:
    accepts = _pattern(f"v{VERSION.pattern}")
    return Trailer(
        attribute=attribute, accepts=accepts, prefix="v", can_be_none=can_be_none, is_shared=True
    )


_VERSIONED = ("Model", "Version")
_STAGED = (*_VERSIONED, "Stage", "Seq")

# The trailers of each action, between the common ones and the optional ones.
_OWN: dict[str, tuple[str, ...]] = {
    "policy": ("New-Policy",),
    "register": (*_VERSIONED, "Path", "Manifest"),
    "evaluate": (*_VERSIONED, "Report"),
    "approve": ("Verdict", *_STAGED, "Report"),
    "promote": (*_STAGED, "Manifest", "Replaces", "Report"),
    "vacate": ("Model", "Stage", "Seq", "Replaces"),
    "deprecate": _VERSIONED,
    "yank": _VERSIONED,
    "deploy": (*_STAGED, "Target", "Outcome", "Detail"),
    "beat": (),
}
_FIRST = ("New-Policy", "Registry")
# What every format has in common, so that its record has a place in one ledger alone (ADR 10).
_ANY_FORMAT = Grammar(
    r"Gitreg: ([1-9][0-9]{0,8})\nIndex: (0|[1-9][0-9]{0,8})\nPrev: sha256:([0-9a-f]{64})\n"
)
_APPROVE_POLICY = ("Verdict", "New-Policy")
COMMON = ("Gitreg", "Index", "Prev", "Policy", "Action")
OPTIONAL = ("On-Behalf", "Reason", "Extra")

TRAILERS: dict[str, Trailer] = {
    "Gitreg": _number("format", str(FORMAT)),
    "Index": _number("index", "0|[1-9][0-9]{0,8}"),
    "Prev": _digest("prev"),
    "Policy": _digest("policy", is_shared=True),
    "Action": _word("action", _OWN.__contains__),
    "New-Policy": _digest("new_policy"),
    "Registry": _word("registry", _pattern("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    "Verdict": _word("verdict", _pattern("approve|reject|withdraw")),
    "Model": _word("model", MODEL.fullmatch),
    "Version": _version("version"),
    "Path": _word("path", is_folder),
    "Stage": _word("stage", STAGE.fullmatch),
    "Seq": _number("seq", "[1-9][0-9]{0,8}"),
    "Manifest": _digest("manifest"),
    "Replaces": _version("replaces", can_be_none=True),
    "Report": _digest("report", can_be_none=True),
    "Target": _word("target", _pattern(r"(?=.{1,100}\Z)[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?")),
    "Outcome": _word("outcome", _pattern("succeeded|failed")),
    "Detail": _word("detail", is_text),
    "On-Behalf": _word("on_behalf", PERSON.fullmatch),
    "Reason": _word("reason", is_text),
    "Extra": _digest("extra"),
}


def own_trailers(action: str, *, first: bool, of_policy: bool) -> tuple[str, ...]:
    """Return the names of the action's own trailers.

    `first` is record 0; `of_policy` an approval that is about a policy.
    """
    if action == "policy" and first:
        return _FIRST
    if action == "approve" and of_policy:
        return _APPROVE_POLICY
    return _OWN[action]


def read_trailers(block: str) -> dict[str, str | int | None]:
    """Read the lines of a message below its title; order is the writer's to check.

    Raises: RecordError; FutureRecordError where `Gitreg:` is a later number.
    """
    values: dict[str, str | int | None] = {}
    for line in block.removesuffix("\n").split("\n"):
        name, colon, text = line.partition(": ")
        trailer = TRAILERS.get(name)
        if not colon or trailer is None:
            raise RecordError(f"{line[:60]!r} is not a trailer of a record")
        if trailer.attribute in values:
            raise RecordError(f"the trailer {name} is there twice")
        values[trailer.attribute] = trailer.read(name, text)
    for name in COMMON:
        if TRAILERS[name].attribute not in values:
            raise RecordError(f"the trailer {name} is missing")
    return values


def check_format(block: str) -> None:
    """Tell a record of a later format from a broken one.

    Raises: FutureRecordError.
    """
    found = _ANY_FORMAT.match(block)
    if found and int(found[1]) > FORMAT:
        raise FutureRecordError(*found.groups())
