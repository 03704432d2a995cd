"""A case: one record before the state machine, with everything a rule may look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from gitreg.domain.entries import PolicyEntry, VersionEntry, View
from gitreg.domain.model import ModelDocument
from gitreg.domain.policy import ModelPolicy, Policy, StagePolicy
from gitreg.domain.record import Record
from gitreg.domain.report import Report
from gitreg.value import Value

T = TypeVar("T")


class Attachments(Value):
    """The other files of a ledger commit, and what the doors could read of them.

    `files` has each name's bytes, without the record. A file that could not be read leaves its
    value None and says why in `problem`.
    """

    files: Mapping[str, bytes] = {}
    policy: Policy | None = None
    model: ModelDocument | None = None
    report: Report | None = None
    problem: str | None = None


class Case(Value):
    """A record, the key that signed it, and the view it is to be applied to."""

    view: View
    record: Record
    signer: str
    attachments: Attachments
    entry: PolicyEntry | None

    @property
    def kind(self) -> str:
        """The record's action; an approval of a policy is another kind than one of a promotion."""
        record = self.record
        return (
            "approve policy" if record.action == "approve" and record.new_policy else record.action
        )

    @property
    def policy(self) -> Policy:
        """The policy that judges the record: the one in force, or record 0's own."""
        return self.entry.policy if self.entry else established(self.attachments.policy)

    @property
    def person(self) -> str | None:
        """Whose key signed."""
        return self.policy.person_of(self.signer)

    @property
    def model(self) -> str:
        """The record's model."""
        return self.record.model or ""

    @property
    def stage(self) -> str:
        """The record's stage."""
        return self.record.stage or ""

    @property
    def model_policy(self) -> ModelPolicy | None:
        """The policy entry that governs the model."""
        return self.policy.for_model(self.model)

    @property
    def stage_policy(self) -> StagePolicy | None:
        """What governs the stage."""
        return self.policy.stage(self.model, self.stage)

    @property
    def version(self) -> VersionEntry | None:
        """The version that the record is about."""
        return self.view.version(self.model, self.record.version or "")

    @property
    def spelled(self) -> str:
        """The version for a message: `iris 1.1.0`."""
        return f"{self.model} {self.record.version}"


def established(value: T | None) -> T:
    """Return what an earlier rule of the same record has made sure of."""
    if value is None:
        raise AssertionError("a rule stands before the one that it rests on")
    return value


# A rule's check: what breaks it, or None.
Check = Callable[[Case], str | None]
