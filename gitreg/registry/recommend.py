"""The versions that fit what somebody needs, best first, and what speaks for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from gitreg.domain.entries import VersionEntry
from gitreg.domain.policy import StagePolicy
from gitreg.domain.state import State
from gitreg.errors import UsageError
from gitreg.index.candidates import Chosen, Wanted, choose
from gitreg.ledger.indexed import settle
from gitreg.registry.candidates import check_top, read_evidence
from gitreg.registry.metadata import read_metadata
from gitreg.registry.open import Registry
from gitreg.similarity.features import read_texts, split_words
from gitreg.similarity.merit import (
    Part,
    judge_evidence,
    judge_fit,
    judge_stage,
    rate_stages,
    sum_up,
)
from gitreg.similarity.needs import Need
from gitreg.similarity.sentences import load_model
from gitreg.value import Value

_WORDS = 3  # of a version, those that mean most of what is asked for


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
    """What fits, best first. `passed` has each filter, and how many versions it let through.

    `embeddings` is the sentence model by which words were compared, if any.
    """

    compared: int
    passed: Mapping[str, int]
    words_known: bool
    versions: Sequence[Recommended]
    embeddings: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "compared": self.compared,
            "passed": dict(self.passed),
            "words_known": self.words_known,
            "embeddings": self.embeddings,
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
    embeddings: bool = False,
) -> Recommendation:
    """Return the `top` versions of that `task` that meet all `needs`, best first.

    Of each model it is the best version alone, unless `all_versions` are asked for. Deprecated ones
    come after all others. A version that does not state a figure does not meet a need of it. What
    it should be `like` is compared by words, or by `embeddings` of the installed sentence model.

    Raises: UsageError; SetupError where there is no sentence model.
    """
    check_top(top)
    wanted = [Need.parse(need) for need in needs]
    _check_words(like, embeddings=embeddings)
    model = load_model() if embeddings else None
    state, store = registry.state, settle(registry.repository, registry.ledger)

    def rate(model: str) -> Mapping[str, float]:
        return rate_stages(_stages(state, model))

    asked = Wanted(
        task=task,
        needs=wanted,
        like=like,
        model=model,
        top=top,
        all_versions=all_versions,
        rate=cache(rate),
    )
    choice = store.run(lambda connection: choose(connection, asked))
    found = ((state.version(*chosen.place), chosen) for chosen in choice.versions)
    return Recommendation(
        compared=choice.compared,
        passed=choice.passed,
        words_known=choice.words_known,
        versions=[_judge(registry, entry, asked, chosen) for entry, chosen in found if entry],
        embeddings=model.name if model else None,
    )


def _check_words(like: str | None, *, embeddings: bool) -> None:
    if like is not None and not split_words(like):
        raise UsageError(f"there is no word in {like[:100]!r}", next_step="describe it in words")
    if embeddings and like is None:
        raise UsageError(
            "there is nothing to compare by embeddings",
            next_step="say what it should do: --like 'predicts flower species'",
        )


def _stages(state: State, model: str) -> Mapping[str, StagePolicy]:
    policy = state.policy()
    rules = policy.policy.for_model(model) if policy else None
    return rules.stages if rules else {}


def _judge(registry: Registry, entry: VersionEntry, asked: Wanted, chosen: Chosen) -> Recommended:
    state = registry.state
    held = state.held_stages(entry.model, entry.version)
    return Recommended(
        entry=entry,
        stages=held,
        parts=(
            *_judge_fit(registry, entry, asked, chosen),
            judge_evidence(read_evidence(state, entry), asked.needs),
            judge_stage(held, _stages(state, entry.model)),
        ),
    )


def _judge_fit(
    registry: Registry, entry: VersionEntry, asked: Wanted, chosen: Chosen
) -> Iterator[Part]:
    if chosen.fit is None or asked.like is None:
        return
    cosine, shared = chosen.fit
    if asked.model is None:
        yield judge_fit(cosine, shared)
        return
    texts = read_texts(read_metadata(registry.repository, registry.ledger, entry))
    _, words = asked.model.explain(texts, asked.model.embed([asked.like]))
    heaviest = [word for word, share in words[:_WORDS] if share > 0 < cosine]
    yield judge_fit(cosine, heaviest, none="nothing like it")
