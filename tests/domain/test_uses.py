from __future__ import annotations

from decimal import Decimal

from gitreg.domain.entries import DeployEntry, ReportEntry, StageEntry, VersionEntry
from gitreg.domain.lineage import Gathering, Lineage, version_node
from gitreg.domain.report import Figures, Report
from gitreg.domain.uses import add_uses

VERSION = VersionEntry(
    model="iris",
    version="1.0.0",
    ordinal=1,
    commit="0" * 40,
    path="models/iris",
    manifest="0" * 64,
    person="alice",
    time=0,
    index=1,
)


def report(index: int, **metrics: str) -> ReportEntry:
    figures = Figures(version="1.0.0", metrics={k: Decimal(v) for k, v in metrics.items()})
    return ReportEntry(
        model="iris",
        version="1.0.0",
        digest="ef" * 32,
        report=Report(model="iris", data="ab" * 32, challenger=figures),
        person="bot",
        index=index,
    )


def change(seq: int, version: str | None, replaces: str | None, index: int) -> StageEntry:
    return StageEntry(
        model="iris",
        stage="production",
        seq=seq,
        version=version,
        replaces=replaces,
        person="bob",
        time=86400 * index,
        index=index,
    )


def uses(reports: list[ReportEntry], changes: list[StageEntry], *deploys: DeployEntry) -> Lineage:
    gathering = Gathering()
    subject = gathering.add(version_node(VERSION, ["production"]))
    said = {"evaluation": {"metrics": ["f1_macro", 3, "unmeasured"]}}
    add_uses(gathering, VERSION, said, reports=reports, changes=changes, deploys=deploys)
    return gathering.finish(subject)


def texts(lineage: Lineage) -> list[str]:
    return [branch.text for branch in lineage.as_tree().branches]


def test_reports_are_told_newest_first_with_the_metrics_that_the_model_names() -> None:
    lineage = uses(
        [
            report(4, latency_p95_ms="1.5"),
            report(7, accuracy="0.95", f1_macro="0.9312345678", recall="0.9", model_size="7"),
            report(9),
        ],
        [],
    )
    data, digest = "data abababababababab…", "report efefefefefefefef…"
    assert texts(lineage) == [
        f"no metrics, {data}, by bot, record 9, {digest}",
        f"f1_macro 0.931235, accuracy 0.95, {data}, by bot, record 7, {digest}",
        f"latency_p95_ms 1.5, {data}, by bot, record 4, {digest}",
    ]


def test_a_stage_is_told_for_each_time_that_it_was_held() -> None:
    changes = [
        change(1, "1.0.0", None, 3),
        change(2, "1.1.0", "1.0.0", 5),
        change(4, "1.0.0", "1.1.0", 8),
    ]
    assert texts(uses([], changes)) == [
        "production number 1, since 1970-01-04, by bob, record 3, until record 5",
        "production number 4, since 1970-01-09, by bob, record 8, held now",
    ]
    vacated = [change(1, "1.0.0", None, 3), change(2, None, "1.0.0", 4)]
    assert texts(uses([], vacated))[0].endswith("until record 4")


def test_a_deployment_stands_below_the_stage_that_it_was_for() -> None:
    deployed = DeployEntry(
        model="iris",
        version="1.0.0",
        stage="production",
        seq=1,
        target="shelf",
        outcome="succeeded",
        person="ci",
        index=6,
    )
    (stage,) = uses([], [change(1, "1.0.0", None, 3)], deployed).as_tree().branches
    (deployment,) = stage.branches
    assert (deployment.relation, deployment.text) == (
        "deployment",
        "shelf: succeeded, by ci, record 6",
    )
