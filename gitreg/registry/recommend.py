"""The versions that fit what somebody needs, best first, and what speaks for each."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitreg.domain.entries import VersionEntry
from gitreg.domain.state import State
from gitreg.errors import UsageError
from gitreg.registry.candidates import check_top, first_of_each, list_candidates, read_evidence
from gitreg.registry.metadata import read_all_metadata
from gitreg.registry.open import Registry
from gitreg.similarity.features import split_words
from gitreg.similarity.likeness import Likeness, Texts
from gitreg.similarity.merit import Part, judge_evidence, judge_fit, judge_stage, sum_up
from gitreg.similarity.needs import Need


@dataclass(frozen=True, kw_only=True, slots=True)
class Recommended:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Recommendation:
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
    state = registry.state
    entries = list_candidates(state)
    tasks, likeness = _read(registry, entries, like)
    places, passed = list(range(len(entries))), {}
    if task is not None:
        places = [place for place in places if tasks[place] == task]
        passed[f"task = {task}"] = len(places)
    for need in wanted:
        places = [place for place in places if need.find(read_evidence(state, entries[place]))]
        passed[str(need)] = len(places)
    found = [_judge(state, entries[place], place, wanted, likeness) for place in places]
    found.sort(key=lambda item: (item.entry.deprecated is not None, -item.score))
    if not all_versions:
        found = list(first_of_each((item.entry, item) for item in found))
    return Recommendation(
        compared=len(entries),
        passed=passed,
        words_known=likeness is None or likeness.is_known,
        versions=found[:top],
    )


def _read(
    registry: Registry, entries: Sequence[VersionEntry], like: str | None
) -> tuple[list[object], Likeness | None]:
    """Return the task of each version, and how like it is to what was asked for."""
    tasks: list[object] = []

    def note_task(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
        tasks.append(metadata.get("task"))
        return metadata

    documents = map(note_task, read_all_metadata(registry.repository, registry.ledger, entries))
    if like is not None:
        return tasks, Texts(documents).compare(like)
    deque(documents, maxlen=0)
    return tasks, None


def _judge(
    state: State,
    entry: VersionEntry,
    place: int,
    needs: Sequence[Need],
    likeness: Likeness | None,
) -> Recommended:
    policy = state.policy()
    rules = policy.policy.for_model(entry.model) if policy else None
    held = state.held_stages(entry.model, entry.version)
    fit = []
    if likeness is not None:
        fit = [judge_fit(float(likeness.cosines[place]), likeness.words(place))]
    return Recommended(
        entry=entry,
        stages=held,
        parts=(
            *fit,
            judge_evidence(read_evidence(state, entry), needs),
            judge_stage(held, rules.stages if rules else {}),
        ),
    )
