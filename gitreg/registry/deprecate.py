"""Warning users off a version."""

from __future__ import annotations

from pathlib import Path

from gitreg.domain.names import parse_text
from gitreg.ledger.appending import Draft
from gitreg.ledger.verified import Ledger
from gitreg.registry.open import Registry, resolve
from gitreg.registry.writing import Written, record_drafts


def deprecate(
    registry: Registry,
    reference: str,
    *,
    reason: str | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Written:
    """Mark a version as deprecated; nothing is recorded where it is already.

    Raises: RefusedError with the rule that forbids it.
    """
    text = None if reason is None else parse_text(reason, field="the reason")

    def plan(ledger: Ledger) -> list[Draft]:
        version = resolve(ledger.state, reference)
        if version.deprecated is not None:
            return []
        fields = {"model": version.model, "version": version.version, "reason": text}
        return [Draft(action="deprecate", object=version.commit, fields=fields)]

    return record_drafts(registry, plan, key=key, publish=publish)
