"""Reading the ledger: every record verified in one pass, and the state that the valid ones make.

A record that breaks a rule is void: it is reported, changes nothing, and the next valid record
continues from the last valid one, so that one bad push stops nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gitreg import yaml12
from gitreg.domain.canonical import loads, read_json, sha256
from gitreg.domain.case import Attachments
from gitreg.domain.entries import Entry, Head
from gitreg.domain.model import ModelDocument
from gitreg.domain.policy import Policy, PolicyError
from gitreg.domain.record import Record, parse_record, split_signature
from gitreg.domain.report import Report
from gitreg.domain.rules import Accepted, Broken, apply
from gitreg.domain.state import State
from gitreg.domain.trailer import FutureRecordError, RecordError
from gitreg.errors import InvalidError, UntrustedError
from gitreg.git.objects import GitObject, ObjectReader, parse_tree
from gitreg.git.repository import Repository
from gitreg.signing import SignatureError, verify

_MIB = 1 << 20
_CAPS = {
    "record": 64 * 1024,
    "model.json": _MIB,
    "policy.yaml": _MIB,
    "report.json": 4 * _MIB,
    "extra.json": _MIB,
}
_MANIFEST_CAP = 64 * _MIB
_MAX_FILES = 64
_CHUNK = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidRecord:
    """A record that holds: who signed it, its digest, and the ledger commit that carries it.

    `signer` is the key, `type base64`; `entries` are what the record established.
    """

    record: Record
    person: str
    signer: str
    digest: str
    commit: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class VoidRecord:
    """A commit of the ledger that carries no valid record: the rule it breaks, and how."""

    commit: str
    after: int
    rule: str
    what: str


@dataclass(kw_only=True)
class Ledger:
    """A verified ledger: its state, and what each commit was. `tip` is None for an empty one."""

    tip: str | None = None
    state: State = field(default_factory=State)
    records: list[ValidRecord] = field(default_factory=list)
    void: list[VoidRecord] = field(default_factory=list)

    @property
    def root(self) -> str | None:
        """The sha256 of the first record: what a client pins."""
        return self.records[0].digest if self.records else None

    def accept(
        self, record: Record, accepted: Accepted, *, signer: str, digest: str, commit: str
    ) -> ValidRecord:
        """Go on from a signed record that holds, in the ledger commit `commit`."""
        valid = ValidRecord(
            record=record,
            person=accepted.person,
            signer=signer,
            digest=digest,
            commit=commit,
            entries=accepted.entries,
        )
        head = Head(index=record.index, digest=digest, commit=commit)
        self.state.advance(head, accepted.entries)
        self.records.append(valid)
        self.tip = commit
        return valid


@dataclass(frozen=True, slots=True)
class LedgerCommit:
    """A commit as it was found: `problem` says why it cannot carry a record."""

    id: str
    raw: bytes
    tree: str
    parents: tuple[str, ...]
    files: Mapping[str, bytes]
    problem: str | None = None


def read_ledger(repository: Repository, tip: str | None, *, base: Ledger | None = None) -> Ledger:
    """Verify the ledger that ends in the commit `tip`; `base` is read on where given.

    Raises: UntrustedError where history is cut off, or a record is of a later format.
    """
    ledger = base or Ledger()
    if tip is None or tip == ledger.tip:
        return ledger
    commits = repository.commits(tip, after=ledger.tip)
    with repository.reader() as reader:
        for commit in read_commits(reader, commits, like=repository.zero):
            fold(ledger, commit)
    return ledger


def fold(ledger: Ledger, commit: LedgerCommit) -> None:
    """Judge one commit and go on from it.

    Raises: UntrustedError.
    """
    parent = (ledger.tip,) if ledger.tip else ()
    if commit.parents[:1] != parent:
        raise UntrustedError(
            f"the ledger's history is cut off before {commit.id[:12]}: this clone is shallow",
            next_step="git fetch --unshallow, or clone without --depth",
        )
    outcome = _judge(ledger, commit)
    ledger.tip = commit.id
    if isinstance(outcome, ValidRecord):
        return
    ledger.void.append(
        VoidRecord(
            commit=commit.id,
            after=len(ledger.records) - 1,
            rule=outcome.rule,
            what=outcome.what,
        )
    )


def _judge(ledger: Ledger, commit: LedgerCommit) -> ValidRecord | Broken:
    if commit.problem:
        return Broken(rule="commit", what=commit.problem)
    data = commit.files["record"]
    try:
        record = parse_record(data)
        payload, armour = split_signature(data)
        signer = verify(payload, armour)
    except FutureRecordError as error:
        return _judge_future(ledger, data, error)
    except RecordError as error:
        return Broken(rule="format", what=str(error))
    except SignatureError as error:
        return Broken(rule="signature", what=error.what)
    parent = ledger.tip
    if record.commit_bytes(tree=commit.tree, parent=parent) != commit.raw:
        return Broken(rule="commit", what="the commit is not the one that the record determines")
    attachments = read_attachments(commit.files)
    outcome = apply(ledger.state, record, signer, attachments)
    if isinstance(outcome, Broken):
        return outcome
    return ledger.accept(record, outcome, signer=signer, digest=sha256(data), commit=commit.id)


def _judge_future(ledger: Ledger, data: bytes, error: FutureRecordError) -> Broken:
    """Stop at a later format that somebody known signed; a stranger's is void."""
    policy = ledger.state.policy()
    try:
        signer = verify(*split_signature(data))
    except (RecordError, SignatureError):
        signer = ""
    if policy and policy.policy.person_of(signer):
        raise UntrustedError(
            f"record {len(ledger.records)} cannot be judged: {error}",
            next_step="upgrade gitreg: pip install --upgrade gitreg",
        )
    return Broken(rule="format", what=str(error))


def read_attachments(files: Mapping[str, bytes]) -> Attachments:
    """Read what came beside a record; a file that cannot be read says so in `problem`."""
    others = {name: data for name, data in files.items() if name != "record"}
    policy, model, report, problem = None, None, None, None
    try:
        if "policy.yaml" in others:
            policy = read_policy(others["policy.yaml"])
        if "model.json" in others:
            model = ModelDocument.from_dict(loads(others["model.json"]))
        if "report.json" in others:
            report = Report.from_dict(read_json(others["report.json"]))
    except PolicyError as error:
        problem = str(error)
    except InvalidError as error:
        problem = error.what
    except ValueError as error:
        problem = str(error)
    return Attachments(files=others, policy=policy, model=model, report=report, problem=problem)


def read_policy(data: bytes) -> Policy:
    """Read the bytes of a `gitreg.yaml`.

    Raises: InvalidError for what is not YAML, PolicyError for what is not a policy.
    """
    return Policy.from_dict(yaml12.load(data, name="gitreg.yaml").value)


def read_commits(
    reader: ObjectReader, commits: Sequence[str], *, like: str
) -> Iterator[LedgerCommit]:
    """Yield the ledger's commits with their files, a chunk at a time."""
    for start in range(0, len(commits), _CHUNK):
        chunk = commits[start : start + _CHUNK]
        names = [name for commit in chunk for name in (commit, f"{commit}^{{tree}}")]
        objects = list(reader.read(names, limit=_MIB))
        found = [
            _describe(commit, objects[2 * place], objects[2 * place + 1], like)
            for place, commit in enumerate(chunk)
        ]
        wanted = [blob for _, blobs in found for blob in blobs.values()]
        stream = reader.read(wanted, limit=_MANIFEST_CAP)
        for commit, blobs in found:
            yield _fill(commit, {name: next(stream) for name in blobs})


def _describe(
    commit_id: str, commit: GitObject | None, tree: GitObject | None, like: str
) -> tuple[LedgerCommit, dict[str, str]]:
    raw = (commit.data if commit else None) or b""
    header = raw.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
    parents = tuple(line[7:] for line in header if line.startswith("parent "))
    tree_id = header[0].removeprefix("tree ")
    blobs: dict[str, str] = {}
    problem = None
    try:
        entries = parse_tree(tree.data, like=like) if tree and tree.data is not None else None
    except ValueError:
        entries = None
    if entries is None:
        problem = "the commit or its tree cannot be read, or is too large"
    elif len(entries) > _MAX_FILES or any(entry.mode != "100644" for entry in entries):
        problem = "the tree has more than a record's plain files"
    elif not any(entry.name == "record" for entry in entries):
        problem = "the tree has no file named record"
    else:
        blobs = {entry.name: entry.id for entry in entries}
    return LedgerCommit(commit_id, raw, tree_id, parents, {}, problem), blobs


def _fill(commit: LedgerCommit, blobs: Mapping[str, GitObject | None]) -> LedgerCommit:
    files, problem = {}, commit.problem
    for name, blob in blobs.items():
        cap = _CAPS.get(name, _MANIFEST_CAP if name.startswith("manifest-") else 0)
        if blob is None or blob.data is None or blob.size > cap:
            problem = f"the file {name[:80]!r} is missing, too large, or none of a record"
        else:
            files[name] = blob.data
    return LedgerCommit(commit.id, commit.raw, commit.tree, commit.parents, files, problem)


def check_tree(files: Mapping[str, bytes]) -> None:
    """See that a new record's files are within what every reader takes.

    Raises: InvalidError.
    """
    for name, data in files.items():
        cap = _CAPS.get(name, _MANIFEST_CAP)
        if len(data) > cap:
            raise InvalidError(
                f"{name} has {len(data)} bytes; a record carries at most {cap}",
                next_step="split the folder into several artifacts, or shorten the document",
            )
