"""A heartbeat: a record that says nothing but that the ledger is alive (the policy's `max_age`)."""

from __future__ import annotations

from pathlib import Path

from gitreg.ledger.appending import Draft
from gitreg.ledger.verified import Ledger
from gitreg.registry.open import Registry
from gitreg.registry.writing import Written, record_drafts


def beat(registry: Registry, *, key: Path | None = None, publish: bool = True) -> Written:
    """Sign a heartbeat, so that a copy that is held back is noticed as STALE.

    Raises: RefusedError where the policy's `beat` does not have the signer.
    """

    def plan(ledger: Ledger) -> list[Draft]:
        return [Draft(action="beat", object=ledger.records[-1].commit)]

    return record_drafts(registry, plan, key=key, publish=publish)
