"""Withdrawing a version for good."""

from __future__ import annotations

from pathlib import Path

from gitreg.domain.names import parse_text
from gitreg.ledger.appending import Draft
from gitreg.ledger.verified import Ledger
from gitreg.registry.open import Registry, resolve
from gitreg.registry.vacate import draft_vacate
from gitreg.registry.writing import Written, record_drafts


def yank(
    registry: Registry,
    reference: str,
    *,
    vacate: bool = False,
    reason: str | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Written:
    """Withdraw a version: it is never resolved again and enters no stage.

    `vacate` empties the stages that it holds in the same push. Nothing is recorded where it is
    yanked already.

    Raises: RefusedError where it holds a stage, or a rule forbids it.
    """
    text = None if reason is None else parse_text(reason, field="the reason")

    def plan(ledger: Ledger) -> list[Draft]:
        state = ledger.state
        version = resolve(state, reference, with_yanked=True)
        if version.yanked is not None:
            return []
        drafts = []
        for stage in state.held_stages(version.model, version.version) if vacate else []:
            drafts += draft_vacate(state, version.model, stage, text)
        fields = {"model": version.model, "version": version.version, "reason": text}
        return [*drafts, Draft(action="yank", object=version.commit, fields=fields)]

    return record_drafts(registry, plan, key=key, publish=publish)
