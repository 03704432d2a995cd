"""Evaluation: a version, and the champion beside it, measured on the same data in one run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gitreg.domain.canonical import sha256
from gitreg.domain.claims import find_false_claims
from gitreg.domain.entries import VersionEntry
from gitreg.domain.names import parse_text
from gitreg.domain.policy import StagePolicy
from gitreg.domain.report import OPERATIONAL
from gitreg.domain.state import State
from gitreg.errors import RefusedError, UsageError
from gitreg.evaluation.data import CHUNK
from gitreg.evaluation.engines import open_engine
from gitreg.evaluation.report import make_report
from gitreg.formats.isolated import Limits
from gitreg.formats.team_metric import is_team_metric
from gitreg.git.worktree import write_file
from gitreg.ledger.appending import Draft
from gitreg.registry.dataset import find_dataset
from gitreg.registry.measuring import describe_environment, measure
from gitreg.registry.metadata import read_metadata
from gitreg.registry.open import Registry, resolve
from gitreg.registry.own_metrics import choose_own_metrics, describe_own_metrics
from gitreg.registry.shards import Plan
from gitreg.registry.version import ModelVersion
from gitreg.registry.writing import Written, record_drafts
from gitreg.site.evaluation import render_report
from gitreg.value import Value, replace

Begin = Callable[[int], Callable[[int], object]]


class Request(Value):
    """What is asked for; what is None or empty is looked up in `model.yaml` and the policy.

    `data` is a file, an address, or the policy's name of a data set (`registry/dataset.py`).
    Metrics called `module:function` are found in the folder `code`. The stage's champion is
    measured too; without one, that of the first stage that wants measured evidence. `replicates`
    of the bootstrap give the confidence intervals, 0 for none. `engine` and `scheduler` say where
    it runs (`evaluation/engines`), `rows` how many at a time.
    """

    data: str | Path | None = None
    target: str | None = None
    metrics: Sequence[str] = ()
    slices: Sequence[str] = ()
    features: Sequence[str] = ()
    stage: str | None = None
    code: Path = Path()
    replicates: int = 200
    seed: int = 0
    engine: str = "local"
    scheduler: str | None = None
    rows: int = CHUNK
    limits: Limits = Limits()


class Evaluation(Value):
    """A report on a version, meant for `stage`; `notes` say what it cannot be evidence for."""

    version: VersionEntry
    stage: str | None
    report: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    written: Written | None = None

    @property
    def data(self) -> bytes:
        """The exact bytes of `report.json`."""
        return (json.dumps(self.report, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()

    def to_html(self) -> bytes:
        """The report as a page with plots."""
        return render_report(self.report, self.notes).encode()

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "report": dict(self.report),
            "digest": f"sha256:{sha256(self.data)}",
            "stage": self.stage,
            "notes": list(self.notes),
            "written": self.written.to_dict() if self.written else None,
        }


def evaluate(
    registry: Registry,
    reference: str,
    request: Request,
    *,
    advance: Callable[[int], object] = lambda _: None,
) -> Evaluation:
    """Measure a version, and the champion of the stage that it is meant for; nothing is signed.

    `advance` is told of the rows that each was measured on.

    Raises: InvalidError where the data or a model fails; RefusedError for a format that runs code
    where the policy forbids it; SetupError; TransferError; UntrustedError; UsageError.
    """
    state = registry.state
    version = resolve(state, reference)
    metadata = read_metadata(registry.repository, registry.ledger, version)
    stage, rules = _find_stage(registry, version, request.stage)
    data = find_dataset(registry, version, request.data, metadata.get("evaluation", {}))
    permits_code = ModelVersion(registry, version).permits_code
    plan = _plan(request, metadata, rules, data.path, permits_code=permits_code)
    more = describe_own_metrics(plan)
    entries = [version, *_find_champion(state, version, stage)]
    with closing(open_engine(request.engine, request.scheduler)) as engine:
        found = [
            measure(ModelVersion(registry, entry), plan, engine=engine, advance=advance)
            for entry in entries
        ]
        more |= engine.describe()
    data.check_unchanged()
    report = make_report(
        model=version.model,
        data={"name": data.name, "sha256": data.sha256},
        challenger=found[0],
        champion=found[1] if len(found) > 1 else None,
        environment=describe_environment(),
        manifest=version.manifest,
        more=more,
    )
    notes = [
        *(said["note"] for name, said in more.items() if name == "engine"),
        *_find_unmeasured(metadata, rules, plan),
        *_find_notes(registry, stage, rules, data.sha256),
        *map(str, find_false_claims(metadata, version.metrics, report)),
    ]
    return Evaluation(version=version, stage=stage, report=report, notes=tuple(notes))


def sign(
    registry: Registry,
    evaluation: Evaluation,
    *,
    reason: str | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Evaluation:
    """Append the report to the ledger as a signed record; it is evidence from then on.

    Raises: RefusedError where the signer may not evaluate the model; SetupError; TransferError.
    """
    text = None if reason is None else parse_text(reason, field="the reason")
    draft = draft_evaluation(evaluation.version, evaluation.data, reason=text)
    written = record_drafts(registry, lambda _: [draft], key=key, publish=publish)
    return replace(evaluation, written=written)


def draft_evaluation(
    version: VersionEntry, data: bytes, *, reason: str | None = None, on_behalf: str | None = None
) -> Draft:
    """Return the draft that makes `data`, a `report.json` on a version, evidence."""
    fields = {
        "model": version.model,
        "version": version.version,
        "report": sha256(data),
        "reason": reason,
        "on_behalf": on_behalf,
    }
    return Draft(
        action="evaluate", object=version.commit, fields=fields, files={"report.json": data}
    )


def write_report(
    evaluation: Evaluation, *, report: Path | None = None, html: Path | None = None
) -> None:
    """Write `report.json`, and a page with plots, each whole or not at all.

    Raises: SetupError.
    """
    if report is not None:
        write_file(report, evaluation.data)
    if html is not None:
        write_file(html, evaluation.to_html())


def _find_stage(
    registry: Registry, version: VersionEntry, asked: str | None
) -> tuple[str | None, StagePolicy | None]:
    policy = registry.state.policy()
    entry = policy.policy.for_model(version.model) if policy else None
    stages = entry.stages if entry else {}
    if asked is not None and asked not in stages:
        raise RefusedError(
            f"{version.model} has no stage {asked}",
            rule="right",
            next_step="gitreg policy show has the stages",
        )
    stage = asked or next((name for name, rules in stages.items() if rules.measured), None)
    return stage, stages[stage] if stage else None


def _find_champion(state: State, version: VersionEntry, stage: str | None) -> list[VersionEntry]:
    """Return the stage's champion, unless there is none or it is the version itself."""
    holder = state.champion(version.model, stage) if stage else None
    champion = state.version(version.model, holder) if holder else None
    return [champion] if champion and champion.version != version.version else []


def _plan(
    request: Request,
    metadata: Mapping[str, Any],
    rules: StagePolicy | None,
    data: Path,
    *,
    permits_code: bool,
) -> Plan:
    asked, gates = metadata.get("evaluation", {}), rules.gates if rules else ()
    target = request.target or asked.get("target")
    if target is None:
        raise UsageError(
            "no target column is named",
            next_step="--target COLUMN, or model.yaml: evaluation.target",
        )
    wanted = (*request.metrics, *asked.get("metrics", ()), *(gate.metric for gate in gates))
    built_in = (name for name in dict.fromkeys(wanted) if not is_team_metric(name))
    inputs = metadata.get("signature", {}).get("inputs", ())
    of_gates = (gate.slice for gate in gates if gate.slice)
    slices = (*request.slices, *asked.get("slices", ()), *of_gates)
    return Plan(
        data=data,
        target=target,
        slices=tuple(dict.fromkeys(slices)),
        metrics=tuple(name for name in built_in if name not in OPERATIONAL),
        own=choose_own_metrics(
            request.metrics,
            wanted if permits_code and request.engine == "local" else (),
            request.code,
        ),
        code=request.code,
        task=metadata.get("task"),
        inputs=tuple(request.features) or tuple(item["name"] for item in inputs),
        replicates=request.replicates,
        seed=request.seed,
        limits=request.limits,
        rows=request.rows,
    )


def _find_unmeasured(
    metadata: Mapping[str, Any], rules: StagePolicy | None, plan: Plan
) -> Iterator[str]:
    named = metadata.get("evaluation", {}).get("metrics", ())
    gates = [gate.metric for gate in rules.gates] if rules else []
    for name in dict.fromkeys([*named, *gates]):
        if is_team_metric(name) and name not in plan.own:
            yield (
                f"{name} is not measured: no module of it here, or the policy lets no code run "
                f"that others name (--metric {name} runs yours)"
            )


def _find_notes(
    registry: Registry, stage: str | None, rules: StagePolicy | None, digest: str
) -> Iterator[str]:
    policy = registry.state.policy()
    wanted = rules.data if rules else None
    if policy and wanted and policy.policy.datasets.get(wanted) != digest:
        yield f"no evidence for {stage}: its gates want the data set {wanted}, and this is another"
