"""The state of a registry in dictionaries: the View that a fold over the ledger builds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from gitreg.domain.entries import (
    DeployEntry,
    Entry,
    Head,
    PolicyEntry,
    ProposalEntry,
    ReportEntry,
    StageEntry,
    VerdictEntry,
    VersionEntry,
)
from gitreg.domain.version import Version

T = TypeVar("T")


class State:
    """Everything the valid records established, in ledger order."""

    def __init__(self) -> None:
        self._head: Head | None = None
        self.policies: list[PolicyEntry] = []
        self.proposals: dict[str, ProposalEntry] = {}
        self._versions: dict[str, dict[str, VersionEntry]] = defaultdict(dict)
        self._stages: dict[str, dict[str, list[StageEntry]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._verdicts: dict[tuple[str, str, str, int], dict[str, VerdictEntry]] = defaultdict(dict)
        self._reports: dict[tuple[str, str], list[ReportEntry]] = defaultdict(list)
        self._deploys: dict[str, list[DeployEntry]] = defaultdict(list)
        self._entered: set[tuple[str, str, str]] = set()
        self._times: dict[str, int] = {}

    def advance(self, head: Head, entries: Sequence[Entry]) -> None:
        """Store what one valid record established."""
        self._head = head
        for entry in entries:
            self._put(entry)

    def _put(self, entry: Entry) -> None:
        match entry:
            case PolicyEntry():
                self.policies.append(entry)
                if entry.decided == entry.index:
                    self.proposals.clear()  # the root has decided otherwise
                self.proposals.pop(entry.digest, None)
            case ProposalEntry():
                self.proposals[entry.digest] = entry
            case VersionEntry():
                known = self._versions[entry.model]
                if entry.version not in known:
                    self._times[entry.model] = entry.time
                known[entry.version] = entry
            case StageEntry():
                self._stages[entry.model][entry.stage].append(entry)
                if entry.version:
                    self._entered.add((entry.model, entry.version, entry.stage))
                self._times[entry.model] = entry.time
            case VerdictEntry():
                key = (entry.model, entry.version, entry.stage, entry.seq)
                self._verdicts[key][entry.person] = entry
            case ReportEntry():
                self._reports[entry.model, entry.version].append(entry)
            case _:  # DeployEntry, the last of them
                self._deploys[entry.model].append(entry)

    # What rules look up (entries.View).

    def head(self) -> Head | None:
        """The last valid record, None in an empty ledger."""
        return self._head

    def policy(self) -> PolicyEntry | None:
        """The policy in force."""
        return self.policies[-1] if self.policies else None

    def proposal(self, digest: str) -> ProposalEntry | None:
        """The open proposal of the policy `digest`."""
        return self.proposals.get(digest)

    def version(self, model: str, version: str) -> VersionEntry | None:
        """One version."""
        return self._versions.get(model, {}).get(version)

    def last_ordinal(self, model: str) -> int:
        """How many versions the model has."""
        return len(self._versions.get(model, {}))

    def last_time(self, model: str) -> int:
        """The tagger time of the model's last tagged record, 0 before the first."""
        return self._times.get(model, 0)

    def stage(self, model: str, stage: str) -> StageEntry | None:
        """The stage's last change."""
        changes = self.stage_history(model, stage)
        return changes[-1] if changes else None

    def stage_before(self, entry: StageEntry) -> StageEntry | None:
        """The last earlier change that put another version into the stage."""
        changes = self.stage_history(entry.model, entry.stage)
        for number in range(entry.seq - 2, -1, -1):
            earlier = changes[number]
            if earlier.version and earlier.version != entry.version:
                return earlier
        return None

    def champion(self, model: str, stage: str) -> str | None:
        """The version that holds the stage, or held it last and was not yanked."""
        for change in reversed(self.stage_history(model, stage)):
            entry = self.version(model, change.version) if change.version else None
            if entry and entry.yanked is None:
                return entry.version
        return None

    def has_held(self, model: str, version: str, stage: str) -> bool:
        """Whether the version ever entered the stage."""
        return (model, version, stage) in self._entered

    def held_stages(self, model: str, version: str) -> Sequence[str]:
        """The stages that the version holds now."""
        stages = self._stages.get(model, {})
        return [name for name, changes in stages.items() if changes[-1].version == version]

    def verdicts(self, model: str, version: str, stage: str, seq: int) -> Sequence[VerdictEntry]:
        """Each person's newest verdict on this promotion."""
        return list(self._verdicts.get((model, version, stage, seq), {}).values())

    def newest_report(self, model: str, version: str, data: str | None) -> ReportEntry | None:
        """The version's newest report, measured on the data of sha256 `data` where given."""
        for entry in reversed(self._reports.get((model, version), [])):
            if data is None or entry.report.data == data:
                return entry
        return None

    # What readers ask for.

    def models(self) -> list[str]:
        """The names of all models, sorted."""
        return sorted(self._versions)

    def versions(self, model: str) -> list[VersionEntry]:
        """The model's versions in the order of their registration."""
        return list(self._versions.get(model, {}).values())

    def newest(self, model: str) -> VersionEntry | None:
        """The highest release that is not yanked, else the highest pre-release."""
        alive = [entry for entry in self.versions(model) if entry.yanked is None]
        parsed = [(Version.parse(entry.version), entry) for entry in alive]
        ranked = sorted(parsed, key=lambda pair: (pair[0].is_release, pair[0]))
        return ranked[-1][1] if ranked else None

    def stages(self, model: str) -> list[str]:
        """The stages that anything of the model ever entered."""
        return list(self._stages.get(model, {}))

    def stage_history(self, model: str, stage: str) -> Sequence[StageEntry]:
        """Every change of a stage, oldest first; the change of Seq n is item n - 1."""
        return self._stages.get(model, {}).get(stage, [])

    def reports(self, model: str, version: str) -> Sequence[ReportEntry]:
        """Every signed report on the version, oldest first."""
        return self._reports.get((model, version), [])

    def deploys(self, model: str) -> Sequence[DeployEntry]:
        """Every signed deployment outcome of the model, oldest first."""
        return self._deploys.get(model, [])
