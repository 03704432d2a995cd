"""Verdicts on a promotion."""

from __future__ import annotations

from pathlib import Path

from gitreg.domain.case import Case
from gitreg.domain.names import parse_text
from gitreg.errors import RefusedError
from gitreg.ledger.appending import Draft
from gitreg.ledger.verified import Ledger
from gitreg.registry.identity import candidate_keys
from gitreg.registry.open import Registry
from gitreg.registry.review import Review, next_promotion, policy_since, standing
from gitreg.registry.writing import Written, record_drafts


def approve(
    registry: Registry,
    seen: Review,
    *,
    verdict: str = "approve",
    reason: str | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Written:
    """Sign a verdict (`approve`, `reject` or `withdraw`) on what was seen.

    Nothing is recorded where the signer's standing verdict is that already.

    Raises: RefusedError where the promotion is another one by now, or a rule forbids it.
    """
    text = None if reason is None else parse_text(reason, field="the reason")
    version = seen.version

    def plan(ledger: Ledger) -> list[Draft]:
        case = next_promotion(ledger, version, seen.stage)
        _check_unchanged(case, seen)
        rules = case.stage_policy
        mine = _people_at_hand(registry, case, key)
        given = {item.person: item.verdict for item in (standing(case, rules) if rules else ())}
        if any(given.get(person, "withdraw") == verdict for person in mine[:1]):
            return []
        fields = {
            "verdict": verdict,
            "model": version.model,
            "version": version.version,
            "stage": seen.stage,
            "seq": seen.seq,
            "report": seen.report,
            "reason": text,
        }
        return [Draft(action="approve", object=version.commit, fields=fields)]

    return record_drafts(registry, plan, key=key, publish=publish)


def _check_unchanged(case: Case, seen: Review) -> None:
    """See that a verdict would be on what was seen, under the policy that was seen.

    Raises: RefusedError.
    """
    changed = {
        "seq": case.record.seq != seen.seq,
        "report": case.record.report != seen.report,
        "policy-cited": policy_since(case) != seen.since,
    }
    for rule, is_so in changed.items():
        if is_so:
            raise RefusedError(
                f"meanwhile {seen.stage} of {case.model}, its evidence or its policy changed, so "
                "what you saw is no more",
                rule=rule,
                next_step="look again, then decide anew",
            )


def _people_at_hand(registry: Registry, case: Case, key: Path | None) -> list[str]:
    keys = (candidate.public for candidate in candidate_keys(registry.repository, key))
    return [person for public in keys if (person := case.policy.person_of(public))]
