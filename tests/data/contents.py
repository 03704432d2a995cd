"""What a reader finds in a ledger, as plain values: `expected.json` keeps it."""

from __future__ import annotations

from typing import Any

from gitreg.domain.entries import ReportEntry, StageEntry, VersionEntry
from gitreg.domain.report import Figures
from gitreg.domain.state import State
from gitreg.ledger.verified import Ledger

Values = dict[str, Any]


def contents_of(ledger: Ledger) -> Values:
    """Return every verdict and the whole state of a ledger."""
    last = ledger.records[-1]
    return {
        "root": f"sha256:{ledger.root}",
        "checkpoint": f"{last.record.index}:sha256:{last.digest}",
        "tip": ledger.tip,
        "records": [
            {
                "index": item.record.index,
                "digest": item.digest,
                "action": item.record.action,
                "person": item.person,
                "title": item.record.title,
                "tag": str(item.record.tag_ref) if item.record.tag_ref else None,
                "commit": item.commit,
            }
            for item in ledger.records
        ],
        "void": [
            {"after": item.after, "rule": item.rule, "commit": item.commit} for item in ledger.void
        ],
        "policies": [
            {"index": entry.index, "digest": entry.digest, "registry": entry.registry}
            for entry in ledger.state.policies
        ],
        "models": {name: model_of(ledger.state, name) for name in ledger.state.models()},
    }


def model_of(state: State, name: str) -> Values:
    """Return what a state knows of a model."""
    newest = state.newest(name)
    return {
        "newest": newest.version if newest else None,
        "versions": [_version(state, entry) for entry in state.versions(name)],
        "stages": {stage: _stage(state, name, stage) for stage in sorted(state.stages(name))},
        "deployments": [
            [entry.version, entry.stage, entry.seq, entry.target, entry.outcome, entry.person]
            for entry in state.deploys(name)
        ],
    }


def _version(state: State, entry: VersionEntry) -> Values:
    report = state.newest_report(entry.model, entry.version, None)
    return {
        "version": entry.version,
        "ordinal": entry.ordinal,
        "index": entry.index,
        "commit": entry.commit,
        "path": entry.path,
        "manifest": entry.manifest,
        "metrics": {name: str(value) for name, value in entry.metrics.items()},
        "person": entry.person,
        "on_behalf": entry.on_behalf,
        "time": entry.time,
        "deprecated": entry.deprecated,
        "yanked": entry.yanked,
        "report": _report(report) if report else None,
        "holds": sorted(state.held_stages(entry.model, entry.version)),
    }


def _report(entry: ReportEntry) -> Values:
    champion = entry.report.champion
    return {
        "digest": entry.digest,
        "person": entry.person,
        "data": entry.report.data,
        "challenger": _figures(entry.report.challenger),
        "champion": _figures(champion) if champion else None,
    }


def _figures(figures: Figures) -> Values:
    slices = {
        name: {
            group: {metric: str(value) for metric, value in metrics.items()}
            for group, metrics in groups.items()
        }
        for name, groups in figures.slices.items()
    }
    metrics = {name: str(value) for name, value in figures.metrics.items()}
    return {"version": figures.version, "metrics": metrics, "slices": slices}


def _stage(state: State, model: str, stage: str) -> Values:
    now = state.stage(model, stage)
    return {
        "holder": now.version if now else None,
        "champion": state.champion(model, stage),
        "changes": [_change(state, entry) for entry in state.stage_history(model, stage)],
    }


def _change(state: State, entry: StageEntry) -> Values:
    verdicts = state.verdicts(entry.model, entry.version or "", entry.stage, entry.seq)
    return {
        "seq": entry.seq,
        "version": entry.version,
        "replaces": entry.replaces,
        "person": entry.person,
        "time": entry.time,
        "rollback": entry.rollback,
        "reason": entry.reason,
        "verdicts": [[item.person, item.verdict, item.index] for item in verdicts],
    }
