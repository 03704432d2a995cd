"""Emptying a stage."""

from __future__ import annotations

from pathlib import Path

from gitreg.domain.names import parse_model, parse_stage, parse_text
from gitreg.domain.promotion import next_seq
from gitreg.domain.state import State
from gitreg.errors import RefusedError
from gitreg.ledger.appending import Draft
from gitreg.registry.open import Registry
from gitreg.registry.writing import Written, record_drafts


def vacate(
    registry: Registry,
    model: str,
    *,
    stage: str,
    reason: str | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Written:
    """Leave `stage` of `model` empty; nothing is recorded where it was emptied already.

    Raises: RefusedError where nothing ever held it, or a rule forbids it.
    """
    parse_model(model)
    parse_stage(stage)
    text = None if reason is None else parse_text(reason, field="the reason")
    return record_drafts(
        registry,
        lambda ledger: draft_vacate(ledger.state, model, stage, text),
        key=key,
        publish=publish,
    )


def draft_vacate(state: State, model: str, stage: str, reason: str | None) -> list[Draft]:
    """Return the draft that empties the stage; none where it was emptied already.

    Raises: RefusedError where nothing ever held it.
    """
    now = state.stage(model, stage)
    if now is None:
        raise RefusedError(
            f"nothing ever entered {stage} of {model}",
            rule="held",
            next_step="gitreg list shows who holds which stage",
        )
    holder = state.version(model, now.version) if now.version else None
    if holder is None:
        return []
    fields = {
        "model": model,
        "stage": stage,
        "seq": next_seq(now),
        "replaces": holder.version,
        "reason": reason,
    }
    return [Draft(action="vacate", object=holder.commit, fields=fields)]
