"""The record: one signed statement, in the bytes of a Git tag object (docs/record.md).

Reading is strict by construction: fields are picked out of the bytes, and the bytes that
those fields would be written as must be the very same ones. Signatures are checked elsewhere;
here the armour is only known to be the one thing after the message.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Any, Literal, Self

from gitreg.domain.canonical import git_object_id, sha256
from gitreg.domain.grammar import Grammar
from gitreg.domain.names import is_text
from gitreg.domain.tag import StageTag, VersionTag
from gitreg.domain.trailer import (
    COMMON,
    FORMAT,
    OPTIONAL,
    TRAILERS,
    RecordError,
    check_format,
    own_trailers,
    read_trailers,
)
from gitreg.value import Value, fields_of, replace

ZEROS = "0" * 64

Action = Literal[
    "policy",
    "register",
    "evaluate",
    "approve",
    "promote",
    "vacate",
    "deprecate",
    "yank",
    "deploy",
    "beat",
]

_BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
_END = "-----END SSH SIGNATURE-----\n"
_HEADER = Grammar(
    r"object ([0-9a-f]{40}|[0-9a-f]{64})\ntype (commit|blob)\ntag ([^\n]+)\ntagger ([^\n]+)\n\n"
)
_TAGGER = Grammar(r"([^<>\n]{1,200}) <([^<>\n ]{0,200})> (0|[1-9][0-9]{0,11}) ([+-][0-9]{4})")


class Tagger(Value):
    """Who signed, as Git shows it. It proves nothing: the key does. `time` is in Unix seconds.

    Law: `Tagger.parse(str(tagger)) == tagger`.
    """

    name: str
    email: str
    time: int
    zone: str = "+0000"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `Alice <alice@example.org> 1700000000 +0000`.

        Raises: RecordError.
        """
        match = _TAGGER.fullmatch(text)
        if not match or not is_text(match[1]) or (match[2] and not is_text(match[2])):
            raise RecordError("the tagger line is not 'Name <email> seconds zone'")
        name, email, time, zone = match.groups()
        return cls(name=intern(name), email=intern(email), time=int(time), zone=intern(zone))

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.time} {self.zone}"


class Record(Value):
    """One record. Law: `parse_record(record.to_bytes()) == record` for a signed, complete one.

    Digests are bare lower-case hex; `report` and `replaces` are None where the record says `none`.
    """

    object: str
    tagger: Tagger
    index: int
    prev: str
    policy: str
    action: Action
    new_policy: str | None = None
    registry: str | None = None
    verdict: str | None = None
    model: str | None = None
    version: str | None = None
    path: str | None = None
    stage: str | None = None
    seq: int | None = None
    manifest: str | None = None
    replaces: str | None = None
    report: str | None = None
    target: str | None = None
    outcome: str | None = None
    detail: str | None = None
    on_behalf: str | None = None
    reason: str | None = None
    extra: str | None = None
    format: int = FORMAT
    signature: str = ""

    @property
    def object_type(self) -> str:
        """The type that the header names: the policy's blob, else a commit."""
        return "blob" if self.new_policy else "commit"

    @property
    def tag_ref(self) -> VersionTag | StageTag | None:
        """The tag that makes this record visible to Git users, if it has one."""
        if self.action == "register":
            return VersionTag(self.model or "", self.version or "")
        if self.action in ("promote", "vacate"):
            vacates = self.action == "vacate"
            return StageTag(self.model or "", self.stage or "", self.seq or 0, vacates)
        return None

    @property
    def tag_name(self) -> str:
        """The name in the tag object's header."""
        return str(self.tag_ref or f"gitreg/{self.index}")

    @property
    def title(self) -> str:
        """One line for people, derived from the trailers."""
        if self.action == "policy":
            return "Change the policy" if self.index else "Start the registry"
        if self.action == "approve":
            verb = (self.verdict or "").capitalize()
            if self.new_policy:
                return f"{verb} policy {self.new_policy[:12]}"
            return f"{verb} {self.model} v{self.version} for {self.stage}"
        if self.action == "vacate":
            return f"Vacate {self.stage} of {self.model}"
        if self.action == "beat":
            return "Beat"
        title = f"{self.action.capitalize()} {self.model} v{self.version}"
        if self.action == "promote":
            return f"{title} to {self.stage}"
        return f"{title} to {self.target}: {self.outcome}" if self.action == "deploy" else title

    def message(self) -> str:
        """The tag's message without its signature; the ledger commit has the same.

        Raises: RecordError where a trailer of the action is missing.
        """
        own = own_trailers(
            self.action, first=self.index == 0, of_policy=self.new_policy is not None
        )
        lines = [self.title, ""]
        for name in (*COMMON, *own):
            trailer = TRAILERS[name]
            lines.append(f"{name}: {trailer.write(name, getattr(self, trailer.attribute))}")
        for name in OPTIONAL:
            trailer = TRAILERS[name]
            if (value := getattr(self, trailer.attribute)) is not None:
                lines.append(f"{name}: {trailer.write(name, value)}")
        return "\n".join(lines) + "\n"

    def payload(self) -> bytes:
        """The bytes that are signed."""
        header = (
            f"object {self.object}\ntype {self.object_type}\n"
            f"tag {self.tag_name}\ntagger {self.tagger}\n\n"
        )
        return (header + self.message()).encode()

    def to_bytes(self) -> bytes:
        """The tag object."""
        return self.payload() + self.signature.encode()

    def signed(self, signature: str) -> Record:
        """Return this record with its signature armour."""
        return replace(self, signature=signature)

    def digest(self) -> str:
        """The sha256 that the next record's `Prev` cites."""
        return sha256(self.to_bytes())

    def tag_object_id(self) -> str:
        """The name of the tag object in the repository's hash."""
        return git_object_id("tag", self.to_bytes(), like=self.object)

    def commit_bytes(self, *, tree: str, parent: str | None) -> bytes:
        """The ledger commit that carries this record over `parent`."""
        return commit_of(self.payload(), tree=tree, parent=parent)

    def to_dict(self) -> dict[str, Any]:
        """The signed statement, for `--json`."""
        skip = {"format", "tagger", "signature", "object"}
        return {
            key: value
            for key, value in fields_of(self).items()
            if key not in skip and value is not None
        }


def commit_of(payload: bytes, *, tree: str, parent: str | None) -> bytes:
    """Return the ledger commit that carries the record of these signed bytes over `parent`."""
    header, _, message = payload.partition(b"\n\n")
    tagger = header.rpartition(b"\ntagger ")[2].decode()
    parents = f"parent {parent}\n" if parent else ""
    own = f"tree {tree}\n{parents}author {tagger}\ncommitter {tagger}\n\n"
    return own.encode() + message


def split_signature(data: bytes) -> tuple[bytes, str]:
    """Return the signed payload of a tag object, and its armour.

    Raises: RecordError unless exactly one SSH signature ends the bytes.
    """
    # At the start of a line only, as Git has it: a Reason may quote the words.
    message, begin, rest = data.partition(f"\n{_BEGIN}".encode())
    if not begin:
        raise RecordError("the record has no SSH signature")
    if not rest.isascii():
        raise RecordError("the record's signature is not ASCII")
    signature = _BEGIN + rest.decode("ascii")
    if not signature.endswith(_END) or signature.count("-----") != 4:
        raise RecordError("the record does not end with exactly one SSH signature")
    return message + b"\n", signature


def parse_record(data: bytes) -> Record:
    """Read the bytes of a tag object.

    Raises: RecordError; FutureRecordError where `Gitreg:` is a later number.
    """
    signed, signature = split_signature(data)
    try:
        payload = signed.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError("the record is not UTF-8") from error
    header = _HEADER.match(payload)
    if not header:
        raise RecordError("the header is not object, type, tag and tagger, in this order")
    _, _, block = payload[header.end() :].partition("\n\n")
    check_format(block)
    values: dict[str, Any] = read_trailers(block)
    tagger = Tagger.parse(header[4])
    record = Record(object=header[1], tagger=tagger, signature=signature, **values)
    if record.payload() != signed:
        raise RecordError(_difference(record, header, payload))
    return record


def _difference(record: Record, header: re.Match[str], payload: str) -> str:
    if record.tag_name != header[3]:
        return f"the header names the tag {header[3]!r}, its trailers imply {record.tag_name!r}"
    if record.object_type != header[2]:
        return f"the header's object is a {header[2]}, the action needs a {record.object_type}"
    if not payload[header.end() :].startswith(record.title + "\n\n"):
        return f"the title is not {record.title!r}, as the trailers imply"
    return "the trailers are not those of the action, in their order"
