"""What became of a version: the reports on it, the stages it held, and where it was deployed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitreg.domain.entries import DeployEntry, ReportEntry, StageEntry, VersionEntry
from gitreg.domain.lineage import Gathering, Node, version_id
from gitreg.domain.moment import iso_time
from gitreg.domain.printable import shorten
from gitreg.domain.report import OPERATIONAL

_HEADLINE = 2  # metrics


def add_uses(
    gathering: Gathering,
    version: VersionEntry,
    metadata: Mapping[str, Any],
    *,
    reports: Sequence[ReportEntry],
    changes: Iterable[StageEntry],
    deploys: Iterable[DeployEntry],
) -> None:
    """Take in the version's reports, newest first, its stages and its deployments.

    `changes` are those of the stages that it entered or left, each stage's in their order.
    """
    subject = version_id(version.model, version.version)
    for report in reversed(reports):
        gathering.link(subject, gathering.add(_report_node(report, metadata)), "evaluation")
    for node in _stage_nodes(version, changes):
        gathering.link(subject, gathering.add(node), "stage")
    for deploy in deploys:
        stage = f"stage:{deploy.model}#{deploy.stage}#{deploy.seq}"
        gathering.link(stage, gathering.add(_deploy_node(deploy)), "deployment")


def _report_node(entry: ReportEntry, metadata: Mapping[str, Any]) -> Node:
    measured = entry.report.challenger.metrics
    evaluation = metadata.get("evaluation")
    wanted = evaluation.get("metrics") if isinstance(evaluation, Mapping) else None
    first = [name for name in wanted if isinstance(name, str)] if isinstance(wanted, list) else []
    names = [name for name in dict.fromkeys([*first, *measured]) if name in measured]
    # Figures of the machine alone say more than none.
    names = [name for name in names if name not in OPERATIONAL] or names
    label = ", ".join(f"{name} {shorten(measured[name])}" for name in names[:_HEADLINE])
    return Node(
        id=f"report:{entry.index}",
        kind="evaluation",
        label=label or "no metrics",
        details={
            "data": entry.report.data,
            "by": entry.person,
            "record": entry.index,
            "report": entry.digest,
        },
    )


def _stage_nodes(version: VersionEntry, changes: Iterable[StageEntry]) -> list[Node]:
    """Return a node for each time that the version held a stage, with the record that ended it."""
    nodes: dict[tuple[str, int], dict[str, Any]] = {}
    ended: dict[str, int] = {}
    for change in changes:
        if change.stage in ended and change.version != version.version:
            nodes[change.stage, ended.pop(change.stage)]["until record"] = change.index
        elif change.version == version.version:
            ended[change.stage] = change.seq
            nodes[change.stage, change.seq] = {
                "since": iso_time(change.time)[:10],
                "by": change.person,
                "record": change.index,
                "rollback": change.rollback,
            }
    return [
        Node(
            id=f"stage:{version.model}#{stage}#{seq}",
            kind="stage",
            label=f"{stage} number {seq}",
            details={**details, "held now": ended.get(stage) == seq},
        )
        for (stage, seq), details in nodes.items()
    ]


def _deploy_node(entry: DeployEntry) -> Node:
    return Node(
        id=f"deployment:{entry.index}",
        kind="deployment",
        label=f"{entry.target}: {entry.outcome}",
        details={"by": entry.person, "record": entry.index},
    )
