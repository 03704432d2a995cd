"""Moving stages forward and back: `promote`, and its inverse `rollback`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gitreg.domain.entries import StageEntry, VersionEntry
from gitreg.domain.names import parse_model, parse_stage, parse_text
from gitreg.domain.promotion import next_seq
from gitreg.domain.state import State
from gitreg.errors import NotFoundError, RefusedError
from gitreg.ledger.appending import Draft
from gitreg.ledger.tips import sent_tip
from gitreg.ledger.verified import Ledger
from gitreg.registry.identity import candidate_keys
from gitreg.registry.open import Registry, resolve
from gitreg.registry.writing import Written, record_drafts

Choice = Callable[[State], VersionEntry]


def promote(
    registry: Registry,
    reference: str,
    *,
    stage: str,
    reason: str | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Written:
    """Let a version hold `stage`; nothing is recorded where it holds it already.

    Raises: RefusedError with the rule that forbids it.
    """
    move = _Move(lambda state: resolve(state, reference), parse_stage(stage), _checked(reason))
    return record_drafts(registry, move.plan, key=key, publish=publish)


def rollback(
    registry: Registry,
    model: str,
    *,
    stage: str,
    reason: str | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Written:
    """Give `stage` back to the version that held it just before.

    Nothing is recorded where a run that was cut off did so already.

    Raises: RefusedError where there is none, or a rule forbids it.
    """
    parse_model(model)
    move = _Move(
        lambda state: _version_before(state, model, stage), parse_stage(stage), _checked(reason)
    )
    sent = sent_tip(registry.repository)

    def plan(ledger: Ledger) -> list[Draft]:
        now = ledger.state.stage(model, stage)
        if now and sent and _is_this_rollback(ledger, now, sent, reason):
            mine = {candidate.public for candidate in candidate_keys(registry.repository, key)}
            if ledger.records[now.index].signer in mine:
                return []
        return move.plan(ledger)

    return record_drafts(registry, plan, key=key, publish=publish)


class _Move:
    """One change of a stage; when somebody else changed that stage meanwhile, it is off."""

    def __init__(self, choose: Choice, stage: str, reason: str | None) -> None:
        self.choose = choose
        self.stage = stage
        self.reason = reason
        self.decided: tuple[StageEntry | None] | None = None

    def plan(self, ledger: Ledger) -> list[Draft]:
        """Return the draft on this ledger; none where the version holds the stage already."""
        state = ledger.state
        version = self.choose(state)
        now = state.stage(version.model, self.stage)
        if self.decided is not None and self.decided != (now,):
            raise _overtaken(version, now)
        self.decided = (now,)
        if now and now.version == version.version:
            return []
        return [draft_promotion(state, version, self.stage, self.reason)]


def draft_promotion(
    state: State,
    version: VersionEntry,
    stage: str,
    reason: str | None = None,
    on_behalf: str | None = None,
) -> Draft:
    """Return the draft that lets a version hold `stage`."""
    now = state.stage(version.model, stage)
    fields = {
        "model": version.model,
        "version": version.version,
        "stage": stage,
        "seq": next_seq(now),
        "manifest": version.manifest,
        "replaces": now.version if now else None,
        "report": newest_report(state, version, stage),
        "reason": reason,
        "on_behalf": on_behalf,
    }
    return Draft(action="promote", object=version.commit, fields=fields)


def newest_report(state: State, version: VersionEntry, stage: str) -> str | None:
    """Return the digest of the newest evidence on the data of the stage's gates."""
    policy = state.policy()
    rules = policy.policy.stage(version.model, stage) if policy else None
    data = policy.policy.datasets.get(rules.data) if policy and rules and rules.data else None
    found = state.newest_report(version.model, version.version, data)
    return found.digest if found else None


def _checked(reason: str | None) -> str | None:
    return None if reason is None else parse_text(reason, field="the reason")


def _overtaken(version: VersionEntry, now: StageEntry | None) -> RefusedError:
    holder = now.version if now and now.version else "nothing"
    who = f" ({now.person}, record {now.index})" if now else ""
    return RefusedError(
        f"meanwhile {holder} was given the stage{who}, so your decision on {version.version} "
        "rests on what is no more",
        rule="replaces",
        next_step="look again with gitreg show, then decide anew",
    )


def _is_this_rollback(ledger: Ledger, now: StageEntry, sent: str, reason: str | None) -> bool:
    """Whether the stage's last change is the record `sent`, and says what is asked for again."""
    last = ledger.records[now.index]
    history = ledger.state.stage_history(now.model, now.stage)
    before = ledger.state.stage_before(history[-2]) if len(history) > 1 else None
    said = (last.commit, last.record.reason)
    return said == (sent, reason) and before is not None and before.version == now.version


def _version_before(state: State, model: str, stage: str) -> VersionEntry:
    if not state.last_ordinal(model):
        raise NotFoundError(f"there is no model {model}", next_step="gitreg list shows them")
    now = state.stage(model, stage)
    if now is None or now.version is None:
        raise RefusedError(
            f"{stage} of {model} is empty, so there is nothing to go back from",
            rule="rollback",
            next_step=f"gitreg history {model} shows what held it",
        )
    earlier = state.stage_before(now)
    version = state.version(model, earlier.version or "") if earlier else None
    if version is None:
        raise RefusedError(
            f"no version held {stage} of {model} before {now.version}",
            rule="rollback",
            next_step=f"empty it with gitreg vacate {model} --stage {stage}",
        )
    return version
