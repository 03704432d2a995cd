"""Who put what into production, who approved it, on which evidence, and which bytes it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from gitreg.domain.audit import Audit, PolicyChange
from gitreg.domain.canonical import loads
from gitreg.domain.checkpoint import Checkpoint
from gitreg.domain.clocks import check_clocks
from gitreg.domain.model import ModelDocument
from gitreg.domain.replay import replay
from gitreg.domain.scope import Scope
from gitreg.domain.state import State
from gitreg.domain.tenure import Tenure
from gitreg.errors import NotFoundError
from gitreg.git.worktree import write_file
from gitreg.ledger.verified import Ledger
from gitreg.registry.metadata import read_signed
from gitreg.registry.open import Registry
from gitreg.registry.verify import age_findings
from gitreg.site.audit import render_audit
from gitreg.value import replace


def audit(registry: Registry, scope: Scope) -> Audit:
    """Return what the verified ledger says within `scope`.

    Raises: NotFoundError for a model, a stage or a record that the registry never had;
    UntrustedError.
    """
    ledger = registry.proof
    _check_known(ledger, scope)
    records = ledger.records if scope.last is None else ledger.records[: scope.last + 1]
    told = replay(records, scope)
    head = told.head
    findings = check_clocks((item.record for item in records), scope)
    if head and head.index == ledger.records[-1].record.index:  # newer ones would belong to it
        findings += age_findings(registry)
    return Audit(
        scope=scope,
        root=ledger.root or "",
        registry=ledger.state.policies[0].registry,
        checkpoint=Checkpoint(index=head.index, digest=head.digest) if head else None,
        source=registry.remote.public_url if registry.remote else None,
        tenures=_with_artifacts(registry, told.tenures),
        events=told.events,
        policies=_with_texts(registry, told.policies),
        void=[void for void in ledger.void if head and told.before <= void.after <= head.index],
        findings=findings,
    )


def write_html(found: Audit, path: Path) -> None:
    """Write an audit as a page to print, whole or not at all.

    Raises: SetupError.
    """
    write_file(path, render_audit(found).encode())


def _check_known(ledger: Ledger, scope: Scope) -> None:
    """See that an empty answer does not come from a name that was mistyped."""
    state, end = ledger.state, len(ledger.records) - 1
    if scope.last is not None and not 0 <= scope.last <= end:
        raise NotFoundError(
            f"there is no record {scope.last}", next_step=f"the ledger has records 0 to {end}"
        )
    models = [model for model in state.models() if scope.has_model(model)]
    if scope.model is not None and not models:
        raise NotFoundError(f"there is no model {scope.model}", next_step="gitreg list shows them")
    known = dict.fromkeys(stage for model in models for stage in _stages(state, model))
    if scope.stage is not None and scope.stage not in known:
        raise NotFoundError(
            f"there never was a stage {scope.stage} of {scope.model or 'any model'}",
            next_step=f"there are {', '.join(known) or 'none'}",
        )


def _stages(state: State, model: str) -> Iterable[str]:
    for entry in state.policies:
        governing = entry.policy.for_model(model)
        yield from governing.stages if governing else ()


def _with_artifacts(registry: Registry, tenures: Sequence[Tenure]) -> list[Tenure]:
    signed = {tenure.registered.moment.record: tenure.manifest for tenure in tenures}
    artifacts = {
        record: ModelDocument.from_dict(loads(data)).artifacts
        for record, data in read_signed(
            registry.repository, registry.ledger, "model.json", signed
        ).items()
    }
    return [
        replace(tenure, artifacts=artifacts[tenure.registered.moment.record]) for tenure in tenures
    ]


def _with_texts(registry: Registry, policies: Sequence[PolicyChange]) -> list[PolicyChange]:
    signed = {change.signed.moment.record: change.digest for change in policies}
    texts = read_signed(registry.repository, registry.ledger, "policy.yaml", signed)
    return [
        replace(change, text=texts[change.signed.moment.record].decode()) for change in policies
    ]
