"""What the ledger has established: immutable entries, and the look-ups that rules need.

A rule reads a `View` and answers with new entries; whoever keeps the view stores them. A
dictionary does (`state.py`), and so can a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from gitreg.value import Value

if TYPE_CHECKING:
    from gitreg.domain.policy import Policy
    from gitreg.domain.record import Record
    from gitreg.domain.report import Report


class Head(Value):
    """The last valid record: its index, the sha256 of its bytes, and its ledger commit."""

    index: int
    digest: str
    commit: str


class PolicyEntry(Value):
    """A policy in force since record `index`; `registry` is the registry's UUID.

    `decided` is the record by which the root last enacted one; `changed` has the later records by
    which owners changed their entries, by pattern.
    """

    digest: str
    policy: Policy
    index: int
    registry: str
    decided: int
    changed: Mapping[str, int] = {}

    def since(self, model: str) -> int:
        """Return the record since which all that governs `model` is in force."""
        entry = self.policy.for_model(model)
        return self.changed.get(entry.pattern, self.decided) if entry else self.decided


class ProposalEntry(Value):
    """A proposed policy: `object` is its blob, `signers` are the keys that approve it."""

    digest: str
    object: str
    policy: Policy
    index: int
    signers: frozenset[str] = frozenset()


class VersionEntry(Value):
    """One registered version. `ordinal` counts the model's registrations from 1.

    `time` is the tagger's claim, in Unix seconds. `yanked` and `deprecated` are the
    indices of the records that said so.
    """

    model: str
    version: str
    ordinal: int
    commit: str
    path: str
    manifest: str
    metrics: Mapping[str, Decimal] = {}
    person: str
    on_behalf: str | None = None
    time: int
    index: int
    deprecated: int | None = None
    yanked: int | None = None


class StageEntry(Value):
    """One change of a stage; `version` is None where it was vacated."""

    model: str
    stage: str
    seq: int
    version: str | None
    replaces: str | None
    person: str
    time: int
    index: int
    rollback: bool = False
    reason: str | None = None


class ModelEntry(Value):
    """A model at a glance: its newest version, how many it has, and who holds each stage.

    `stages` are those that anything ever entered, in that order, None where one is empty now.
    """

    model: str
    newest: str | None
    ordinal: int
    stages: Mapping[str, str | None]


class VerdictEntry(Value):
    """A person's newest verdict on one promotion, under the policy `policy`."""

    model: str
    version: str
    stage: str
    seq: int
    report: str | None
    person: str
    verdict: str
    policy: str
    index: int


class ReportEntry(Value):
    """A signed evaluation report."""

    model: str
    version: str
    digest: str
    report: Report
    person: str
    index: int


class DeployEntry(Value):
    """The outcome of a deployment, as the target's bot signed it."""

    model: str
    version: str
    stage: str
    seq: int
    target: str
    outcome: str
    person: str
    index: int


Entry = (
    PolicyEntry
    | ProposalEntry
    | VersionEntry
    | StageEntry
    | VerdictEntry
    | ReportEntry
    | DeployEntry
)


class ValidRecord(Value):
    """A record that holds: who signed it, its digest, and the ledger commit that carries it.

    `signer` is the key, `type base64`; `entries` are what the record established, none where it
    was read from the index, which has them as they are now.
    """

    record: Record
    person: str
    signer: str
    digest: str
    commit: str
    entries: tuple[Entry, ...]


class VoidRecord(Value):
    """A commit of the ledger that carries no valid record: the rule it breaks, and how.

    `after` is the index of the last valid record before it, -1 for what precedes record 0.
    """

    commit: str
    after: int
    rule: str
    what: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "commit": self.commit,
            "after": self.after,
            "rule": self.rule,
            "what": self.what,
        }


class View(Protocol):
    """The look-ups that the state machine needs; none of them is a search."""

    def head(self) -> Head | None:
        """The last valid record, None in an empty ledger."""

    def policy(self) -> PolicyEntry | None:
        """The policy in force."""

    def proposal(self, digest: str) -> ProposalEntry | None:
        """The open proposal of the policy `digest`."""

    def version(self, model: str, version: str) -> VersionEntry | None:
        """One version."""

    def last_ordinal(self, model: str) -> int:
        """How many versions the model has."""

    def last_time(self, model: str) -> int:
        """The tagger time of the model's last tagged record, 0 before the first."""

    def stage(self, model: str, stage: str) -> StageEntry | None:
        """The stage's last change."""

    def stage_before(self, entry: StageEntry) -> StageEntry | None:
        """The last earlier change that put another version into the stage."""

    def champion(self, model: str, stage: str) -> str | None:
        """The version that holds the stage, or held it last and was not yanked."""

    def has_held(self, model: str, version: str, stage: str) -> bool:
        """Whether the version ever entered the stage."""

    def held_stages(self, model: str, version: str) -> Sequence[str]:
        """The stages that the version holds now."""

    def verdicts(self, model: str, version: str, stage: str, seq: int) -> Sequence[VerdictEntry]:
        """Each person's newest verdict on this promotion."""

    def newest_report(self, model: str, version: str, data: str | None) -> ReportEntry | None:
        """The version's newest report, measured on the data of sha256 `data` where given."""
