"""What a state stands on: what earlier records established, kept elsewhere and looked up.

A state over nothing has all in its own dictionaries; the index (`gitreg/index/`) is the other
foundation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gitreg.domain.entries import (
    DeployEntry,
    Head,
    ModelEntry,
    PolicyEntry,
    ProposalEntry,
    ReportEntry,
    StageEntry,
    VerdictEntry,
    VersionEntry,
)


class Foundation(Protocol):
    """Look-ups over the records up to `head`; the answers never change."""

    def head(self) -> Head | None:
        """The last valid record."""

    def policies(self) -> Sequence[PolicyEntry]:
        """Every policy that was in force, oldest first."""

    def proposals(self) -> Sequence[ProposalEntry]:
        """The open proposals, in the order in which they were made."""

    def models(self) -> Sequence[str]:
        """The names of all models."""

    def overview(self) -> Sequence[ModelEntry]:
        """Every model at a glance."""

    def last_ordinal(self, model: str) -> int:
        """How many versions the model has."""

    def last_time(self, model: str) -> int:
        """The tagger time of the model's last tagged record, 0 before the first."""

    def version(self, model: str, version: str) -> VersionEntry | None:
        """One version."""

    def versions(self, model: str) -> Sequence[VersionEntry]:
        """The model's versions in the order of their registration."""

    def newest(self, model: str) -> VersionEntry | None:
        """The highest release that is not yanked, else the highest pre-release."""

    def stages(self, model: str) -> Sequence[str]:
        """The stages that anything of the model ever entered, in that order."""

    def stage_history(self, model: str, stage: str) -> Sequence[StageEntry]:
        """Every change of a stage, oldest first."""

    def changes_of(self, model: str, version: str) -> Sequence[StageEntry]:
        """Every change by which the version entered or left a stage, oldest first."""

    def has_held(self, model: str, version: str, stage: str) -> bool:
        """Whether the version ever entered the stage."""

    def verdicts(self, model: str, version: str, stage: str, seq: int) -> Sequence[VerdictEntry]:
        """Each person's newest verdict on a promotion."""

    def has_verdicts(self, model: str, version: str) -> bool:
        """Whether anybody ever judged a promotion of the version."""

    def reports(self, model: str, version: str) -> Sequence[ReportEntry]:
        """Every signed report on the version, oldest first."""

    def deploys(self, model: str) -> Sequence[DeployEntry]:
        """Every signed deployment outcome of the model, oldest first."""


class Nothing:
    """The foundation of a state that begins with the first record."""

    def head(self) -> None:
        """There was no record."""

    def _none(self, *_: object) -> tuple[()]:
        return ()

    def _zero(self, _: str) -> int:
        return 0

    def _absent(self, *_: str) -> None:
        return None

    def has_held(self, model: str, version: str, stage: str) -> bool:
        """Nothing held anything."""
        del model, version, stage
        return False

    def has_verdicts(self, model: str, version: str) -> bool:
        """Nobody judged anything."""
        del model, version
        return False

    policies = proposals = models = overview = versions = stages = stage_history = _none
    changes_of = verdicts = reports = deploys = _none
    last_ordinal = last_time = _zero
    version = newest = _absent


NOTHING: Foundation = Nothing()
