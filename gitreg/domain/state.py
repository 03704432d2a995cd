"""The state of a registry: the View that a fold over the ledger builds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from gitreg.domain.chain import Chain
from gitreg.domain.entries import (
    DeployEntry,
    Entry,
    Head,
    ModelEntry,
    PolicyEntry,
    ProposalEntry,
    ReportEntry,
    StageEntry,
    VerdictEntry,
    VersionEntry,
)
from gitreg.domain.foundation import NOTHING, Foundation
from gitreg.domain.version import Version


class State:
    """Everything the valid records established, in ledger order.

    The records up to `foundation` are looked up there; what came since is in dictionaries here.
    """

    def __init__(self, foundation: Foundation = NOTHING) -> None:
        self._foundation = foundation
        self._head = foundation.head()
        self.policies = Chain(foundation.policies())
        self._versions: dict[str, dict[str, VersionEntry]] = {}
        self._ordinals: dict[str, int] = {}
        self._stages: dict[str, dict[str, Chain[StageEntry]]] = {}
        self._verdicts: dict[tuple[str, str, str, int], dict[str, VerdictEntry]] = defaultdict(dict)
        self._reports: dict[tuple[str, str], list[ReportEntry]] = defaultdict(list)
        self._deploys: dict[str, list[DeployEntry]] = defaultdict(list)
        self._entered: set[tuple[str, str, str]] = set()
        self._times: dict[str, int] = {}

    @cached_property
    def proposals(self) -> dict[str, ProposalEntry]:
        """The open proposals by their digests."""
        return {entry.digest: entry for entry in self._foundation.proposals()}

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
                if entry.ordinal > self.last_ordinal(entry.model):
                    self._ordinals[entry.model] = entry.ordinal
                    self._times[entry.model] = entry.time
                self._versions.setdefault(entry.model, {})[entry.version] = entry
            case StageEntry():
                self._changes(entry.model, entry.stage).append(entry)
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

    def _changes(self, model: str, stage: str) -> Chain[StageEntry]:
        """Return the history of a stage, to be gone on with."""
        mine = self._stages.setdefault(model, {})
        if stage not in mine:
            mine[stage] = Chain(self._foundation.stage_history(model, stage))
        return mine[stage]

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
        mine = self._versions.get(model, {}).get(version)
        return mine or self._foundation.version(model, version)

    def last_ordinal(self, model: str) -> int:
        """How many versions the model has."""
        mine = self._ordinals.get(model)
        return self._foundation.last_ordinal(model) if mine is None else mine

    def last_time(self, model: str) -> int:
        """The tagger time of the model's last tagged record, 0 before the first."""
        mine = self._times.get(model)
        return self._foundation.last_time(model) if mine is None else mine

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
        mine = (model, version, stage) in self._entered
        return mine or self._foundation.has_held(model, version, stage)

    def held_stages(self, model: str, version: str) -> Sequence[str]:
        """The stages that the version holds now."""
        changes = ((name, self.stage(model, name)) for name in self.stages(model))
        return [name for name, last in changes if last and last.version == version]

    def verdicts(self, model: str, version: str, stage: str, seq: int) -> Sequence[VerdictEntry]:
        """Each person's newest verdict on this promotion."""
        before = self._foundation.verdicts(model, version, stage, seq)
        mine = self._verdicts.get((model, version, stage, seq), {})
        return list(({entry.person: entry for entry in before} | mine).values())

    def has_verdicts(self, model: str, version: str) -> bool:
        """Whether anybody ever judged a promotion of the version."""
        mine = any(key[:2] == (model, version) for key in self._verdicts)
        return mine or self._foundation.has_verdicts(model, version)

    def newest_report(self, model: str, version: str, data: str | None) -> ReportEntry | None:
        """The version's newest report, measured on the data of sha256 `data` where given."""
        for entry in reversed(self.reports(model, version)):
            if data is None or entry.report.data == data:
                return entry
        return None

    # What readers ask for.

    def models(self) -> list[str]:
        """The names of all models, sorted."""
        return sorted({*self._foundation.models(), *self._versions})

    def overview(self) -> list[ModelEntry]:
        """Every model at a glance, by name."""
        before = {entry.model: entry for entry in self._foundation.overview()}
        for model in {*self._versions, *self._stages}:
            before[model] = self._glance(model)
        return [entry for _, entry in sorted(before.items())]

    def _glance(self, model: str) -> ModelEntry:
        newest = self.newest(model)
        changes = {name: self.stage(model, name) for name in self.stages(model)}
        return ModelEntry(
            model=model,
            newest=newest.version if newest else None,
            ordinal=self.last_ordinal(model),
            stages={name: last.version if last else None for name, last in changes.items()},
        )

    def versions(self, model: str) -> list[VersionEntry]:
        """The model's versions in the order of their registration."""
        before = self._foundation.versions(model)
        mine = self._versions.get(model, {})
        return list(({entry.version: entry for entry in before} | mine).values())

    def newest(self, model: str) -> VersionEntry | None:
        """The highest release that is not yanked, else the highest pre-release."""
        mine, before = self._versions.get(model, {}), self._foundation.newest(model)
        if any(entry.yanked is not None for entry in mine.values()):
            known: Sequence[VersionEntry] = self.versions(model)
        else:  # what was the newest, or one of those since
            older = {before.version: before} if before else {}
            known = list((older | mine).values())
        alive = [entry for entry in known if entry.yanked is None]
        return max(alive, key=lambda entry: Version.parse(entry.version).newness, default=None)

    def stages(self, model: str) -> list[str]:
        """The stages that anything of the model ever entered."""
        mine = self._stages.get(model, {})
        return list(dict.fromkeys([*self._foundation.stages(model), *mine]))

    def stage_history(self, model: str, stage: str) -> Sequence[StageEntry]:
        """Every change of a stage, oldest first; the change of Seq n is item n - 1."""
        mine = self._stages.get(model, {}).get(stage)
        return self._foundation.stage_history(model, stage) if mine is None else mine

    def changes_of(self, model: str, version: str) -> list[StageEntry]:
        """Every change by which the version entered or left a stage, oldest first."""
        mine = [
            change
            for changes in self._stages.get(model, {}).values()
            for change in changes.new
            if version in (change.version, change.replaces)
        ]
        before = self._foundation.changes_of(model, version)
        return [*before, *sorted(mine, key=lambda change: change.index)]

    def reports(self, model: str, version: str) -> Sequence[ReportEntry]:
        """Every signed report on the version, oldest first."""
        before = self._foundation.reports(model, version)
        return [*before, *self._reports.get((model, version), ())]

    def deploys(self, model: str) -> Sequence[DeployEntry]:
        """Every signed deployment outcome of the model, oldest first."""
        return [*self._foundation.deploys(model), *self._deploys.get(model, ())]
