"""The steps that bring the ledger to what a commit asks for, each on its own.

`ci sync` signs and publishes them; `ci check` rehearses the very same ones. One that is refused
stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from typing import Any, Literal

from gitreg import yaml12
from gitreg.artifacts.local import LocalSource
from gitreg.artifacts.proving import prove
from gitreg.artifacts.remote import open_remote
from gitreg.artifacts.settings import has_remote, work_tree_cache
from gitreg.artifacts.sources import Source
from gitreg.artifacts.tracking import Tracked
from gitreg.domain.canonical import dumps, read_json, sha256
from gitreg.domain.entries import VersionEntry
from gitreg.domain.model import Artifact, ModelDocument
from gitreg.domain.names import join_folder
from gitreg.domain.promotion import next_seq
from gitreg.domain.record import Record
from gitreg.domain.report import Report
from gitreg.domain.state import State
from gitreg.domain.wanted import WantedStage, WantedVersion
from gitreg.errors import GitregError, InvalidError, NotFoundError, RefusedError, UntrustedError
from gitreg.git.worktree import read_at
from gitreg.ledger.appending import Draft
from gitreg.ledger.verified import Ledger
from gitreg.registry.document import FILE
from gitreg.registry.dvc_folder import check_dvc_folder
from gitreg.registry.evaluate import draft_evaluation
from gitreg.registry.open import Registry
from gitreg.registry.promote import draft_promotion
from gitreg.registry.pull import remote_settings
from gitreg.registry.registration import draft_registration
from gitreg.registry.writing import Plan
from gitreg.value import Value, replace

Verdict = Literal["done", "there", "waits", "refused"]
Write = Callable[[Plan], Sequence[Record]]


class Outcome(Value):
    """How a step ended: `done`, `there` already, `waits` for approvals, or `refused`.

    `record` is the index of its record; `what` and `next_step` say why there is none.
    """

    action: Literal["register", "evaluate", "promote"]
    model: str
    version: str
    stage: str | None = None
    seq: int | None = None
    verdict: Verdict
    record: int | None = None
    tag: str | None = None
    what: str | None = None
    next_step: str | None = None

    @property
    def title(self) -> str:
        """What the step is, for people."""
        to = f" to {self.stage}" if self.stage else ""
        return f"{self.action} {self.model} {self.version}{to}"

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "action": self.action,
            "model": self.model,
            "version": self.version,
            "stage": self.stage,
            "seq": self.seq,
            "verdict": self.verdict,
            "record": self.record,
            "tag": self.tag,
            "what": self.what,
            "next": self.next_step,
        }


class Steps(Value):
    """Takes steps in a registry: `write` signs what a plan drafts, or rehearses it.

    `on_behalf` is the person whose merge is carried out.
    """

    registry: Registry
    write: Write
    on_behalf: str | None = None

    def register(self, wanted: WantedVersion) -> Outcome:
        """Register a version that a commit has filled in, once the remote has its very bytes."""

        @cache  # where somebody else was faster there is another plan, for the same bytes
        def draft() -> Draft:
            value = self._read_model(wanted)
            tracked = self._prove(wanted, ModelDocument.from_dict(value).artifacts)
            return draft_registration(
                value, wanted.path, wanted.commit, tracked, on_behalf=self.on_behalf
            )

        def plan(ledger: Ledger) -> list[Draft]:
            known = ledger.state.version(wanted.model, wanted.version)
            if known and known.manifest == sha256(dumps(self._read_model(wanted))):
                return []
            return [draft()]

        step = Outcome(
            action="register", model=wanted.model, version=wanted.version, verdict="there"
        )
        return self._take(step, plan)

    def evaluate(self, data: bytes) -> Outcome:
        """Make a report evidence, unless the ledger has one like it.

        Raises: InvalidError for what is no report.
        """
        value = _read_report(data)
        report = Report.from_dict(value)
        model, version = report.model, report.challenger.version

        def plan(ledger: Ledger) -> list[Draft]:
            entry = _registered(ledger.state, model, version)
            measured = value.get("extra", {}).get("manifest")
            if measured != entry.manifest:
                raise UntrustedError(
                    f"the report is not on {model} {version} as it was registered",
                    next_step=f"gitreg evaluate {model}@{version}",
                )
            known = ledger.state.newest_report(model, version, report.data)
            if known and _champion(known.report) == _champion(report):
                return []
            return [draft_evaluation(entry, data, on_behalf=self.on_behalf)]

        step = Outcome(action="evaluate", model=model, version=version, verdict="there")
        policy = self.registry.state.policy()
        entry = policy.policy.for_model(model) if policy else None
        if entry and not entry.evaluate:
            return replace(step, what="the policy lets nobody sign evaluations of it")
        return self._take(step, plan)

    def promote(self, wanted: WantedStage) -> Outcome:
        """Let a version hold a stage, where the number that was asked for is still the next."""
        model, version, stage = wanted.model, wanted.version, wanted.stage

        def plan(ledger: Ledger) -> list[Draft]:
            state = ledger.state
            now = state.stage(model, stage)
            if now and now.version == version:
                return []
            if next_seq(now) != wanted.seq:
                raise RefusedError(
                    f"meanwhile {stage} of {model} has moved on to change {next_seq(now) - 1}",
                    rule="seq",
                    next_step=f"look again, and gitreg propose {model}@{version} --stage {stage}",
                )
            entry = _registered(state, model, version)
            return [draft_promotion(state, entry, stage, on_behalf=self.on_behalf)]

        step = Outcome(
            action="promote",
            model=model,
            version=version,
            stage=stage,
            seq=wanted.seq,
            verdict="there",
        )
        return self._take(step, plan)

    def _take(self, step: Outcome, plan: Plan) -> Outcome:
        try:
            records = self.write(plan)
        except GitregError as error:
            waits = isinstance(error, RefusedError) and error.rule == "approvals"
            verdict: Verdict = "waits" if waits and "rejects" not in error.what else "refused"
            return replace(step, verdict=verdict, what=str(error), next_step=error.next_step)
        for record in records:
            tag = str(record.tag_ref) if record.tag_ref else None
            return replace(step, verdict="done", record=record.index, tag=tag)
        return step

    def _read_model(self, wanted: WantedVersion) -> dict[str, Any]:
        path = join_folder(wanted.path, FILE)
        data = read_at(self.registry.repository, wanted.commit, path) or b""
        value: dict[str, Any] = yaml12.load(data, name=path).value
        return value

    def _prove(self, wanted: WantedVersion, artifacts: Sequence[Artifact]) -> list[Tracked]:
        with closing(self._source(wanted.commit)) as source:
            return [
                Tracked(
                    md5=artifact.md5,
                    size=artifact.size,
                    sha256=artifact.sha256,
                    manifest=prove(source, artifact),
                )
                for artifact in artifacts
            ]

    def _source(self, commit: str) -> Source:
        """Return the DVC remote, which others fetch from; DVC's cache where nothing is shared."""
        registry = self.registry
        root = registry.root
        check_dvc_folder(registry.repository)
        if registry.remote is None and not has_remote(root):
            text = read_at(registry.repository, commit, ".dvc/config") or b""
            if b"remote" not in text:
                return LocalSource(work_tree_cache(root), "DVC's cache here")
        return open_remote(remote_settings(registry, commit))


def _registered(state: State, model: str, version: str) -> VersionEntry:
    entry = state.version(model, version)
    if entry is None:
        raise NotFoundError(
            f"{model} {version} is not registered",
            next_step="see above why not, or name a registered version in stages.yaml",
        )
    return entry


def _champion(report: Report) -> str | None:
    return report.champion.version if report.champion else None


def _read_report(data: bytes) -> dict[str, Any]:
    try:
        value = read_json(data)
        Report.from_dict(value)
    except ValueError as error:
        raise InvalidError(f"this is no evaluation report: {error}") from error
    assert isinstance(value, dict)  # noqa: S101 Report has seen to it
    return value
