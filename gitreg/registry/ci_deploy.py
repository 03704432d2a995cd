"""Deploying in CI, where a tag says that a stage has changed, and proves nothing.

Whoever can push can push a tag: its name is a hint of where to look. What is deployed is what the
newest ledger says, from a root and a checkpoint that CI was given.
"""

from __future__ import annotations

import time
from pathlib import Path

from gitreg.domain.entries import StageEntry
from gitreg.domain.tag import StageTag, parse_tag
from gitreg.errors import NotFoundError, SetupError, UntrustedError, UsageError
from gitreg.ledger.freshness import stale_since
from gitreg.ledger.tips import fetch_ledger
from gitreg.registry.deploy import deploy, find_assignment
from gitreg.registry.deploy_outcome import Deployment
from gitreg.registry.open import Registry


def deploy_tag(
    registry: Registry,
    text: str,
    *,
    outcome: Path | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Deployment:
    """Deploy what holds the stage that a tag such as `iris#production#3` names.

    A tag that is not the stage's last deploys nothing: the run of the last one does. Neither does
    a stage without targets.

    Raises: SetupError without a root and a checkpoint; NotFoundError for a tag that is not in the
    ledger; UntrustedError; UsageError; and as `deploy`.
    """
    _check_trust(registry)
    tag = parse_tag(text)
    if not isinstance(tag, StageTag):
        raise UsageError(
            f"{text[:200]!r} is not the tag of a stage", next_step="such as 'iris#production#3'"
        )
    _look_again(registry)
    history = registry.state.stage_history(tag.model, tag.stage)
    if tag.seq > len(history) or tag.vacates != (history[tag.seq - 1].version is None):
        raise NotFoundError(
            f"the ledger has no {tag}",
            next_step="gitreg tags restore brings back the tags that it has; this one was forged, "
            "or belongs to a ledger that is still to come",
        )
    now = history[-1]
    if now.seq != tag.seq:
        return _nothing(now, f"{tag} is no longer the last change of {tag.stage}: nothing is done")
    try:
        assignment = find_assignment(registry, f"{tag.model}@{tag.stage}")
    except NotFoundError as error:
        return _nothing(now, f"{error.what}: nothing is done")
    return deploy(registry, assignment, outcome=outcome, key=key, publish=publish)


def _nothing(now: StageEntry, why: str) -> Deployment:
    return Deployment(
        model=now.model, version=now.version, stage=now.stage, seq=now.seq, notes=(why,)
    )


def _check_trust(registry: Registry) -> None:
    """See that CI, which forgets, was told which registry it is, and how far it has come.

    Raises: SetupError.
    """
    if registry.trust.root is None or registry.trust.checkpoint is None:
        raise SetupError(
            "CI has no memory of the registry, and was told too little of it to know it again",
            next_step="set GITREG_ROOT and GITREG_CHECKPOINT, as gitreg verify prints them in a "
            "clone that you trust",
        )


def _look_again(registry: Registry) -> None:
    """Bring the newest ledger.

    Raises: TransferError; UntrustedError where it is another one, or held back.
    """
    if registry.remote is not None:
        fetch_ledger(registry.repository, registry.remote)
        registry.refresh()
    if stale_since(registry.ledger, int(time.time())) is not None:
        raise UntrustedError(
            f"STALE: the newest record of {registry.name} is older than its policy's max_age",
            next_step="ask whether the ledger is held back; if not, gitreg beat",
        )
