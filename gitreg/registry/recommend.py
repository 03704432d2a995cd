"""The versions that fit what somebody needs, best first, and what speaks for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from gitreg.domain.entries import VersionEntry
from gitreg.domain.policy import StagePolicy
from gitreg.domain.state import State
from gitreg.errors import UsageError
from gitreg.index.candidates import Chosen, Wanted, choose
from gitreg.ledger.indexed import settle
from gitreg.registry.candidates import check_top, read_evidence
from gitreg.registry.open import Registry
from gitreg.similarity.features import split_words
from gitreg.similarity.merit import (
    Part,
    judge_evidence,
    judge_fit,
    judge_stage,
    rate_stages,
    sum_up,
)
from gitreg.similarity.needs import Need
from gitreg.value import Value


class Recommended(Value):
    """A version that fits; `score` is the weighted mean of its parts, in 0 to 1."""

    entry: VersionEntry
    stages: Sequence[str]
    parts: Sequence[Part]

    @property
    def score(self) -> float:
        """How much speaks for it."""
        return sum_up(self.parts)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.entry.model,
            "version": self.entry.version,
            "deprecated": self.entry.deprecated is not None,
            "stages": list(self.stages),
            "score": self.score,
            "parts": [part.to_dict() for part in self.parts],
        }


class Recommendation(Value):
    """What fits, best first. `passed` has each filter, and how many versions it let through."""

    compared: int
    passed: Mapping[str, int]
    words_known: bool
    versions: Sequence[Recommended]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "compared": self.compared,
            "passed": dict(self.passed),
            "words_known": self.words_known,
            "versions": [version.to_dict() for version in self.versions],
        }


def recommend(
    registry: Registry,
    *,
    task: str | None = None,
    needs: Sequence[str] = (),
    like: str | None = None,
    top: int = 10,
    all_versions: bool = False,
) -> Recommendation:
    """Return the `top` versions of that `task` that meet all `needs`, best first.

    Of each model it is the best version alone, unless `all_versions` are asked for. Deprecated ones
    come after all others. A version that does not state a figure does not meet a need of it.

    Raises: UsageError.
    """
    check_top(top)
    wanted = [Need.parse(need) for need in needs]
    if like is not None and not split_words(like):
        raise UsageError(f"there is no word in {like[:100]!r}", next_step="describe it in words")
    state, store = registry.state, settle(registry.repository, registry.ledger)

    def rate(model: str) -> Mapping[str, float]:
        return rate_stages(_stages(state, model))

    asked = Wanted(
        task=task, needs=wanted, like=like, top=top, all_versions=all_versions, rate=cache(rate)
    )
    choice = store.run(lambda connection: choose(connection, asked))
    found = ((state.version(*chosen.place), chosen) for chosen in choice.versions)
    return Recommendation(
        compared=choice.compared,
        passed=choice.passed,
        words_known=choice.words_known,
        versions=[_judge(state, entry, wanted, chosen) for entry, chosen in found if entry],
    )


def _stages(state: State, model: str) -> Mapping[str, StagePolicy]:
    policy = state.policy()
    rules = policy.policy.for_model(model) if policy else None
    return rules.stages if rules else {}


def _judge(state: State, entry: VersionEntry, needs: Sequence[Need], chosen: Chosen) -> Recommended:
    held = state.held_stages(entry.model, entry.version)
    return Recommended(
        entry=entry,
        stages=held,
        parts=(
            *([judge_fit(*chosen.fit)] if chosen.fit else []),
            judge_evidence(read_evidence(state, entry), needs),
            judge_stage(held, _stages(state, entry.model)),
        ),
    )
