"""Recommendations as they are found without an index: every version is read and judged alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gitreg.domain.entries import VersionEntry
from gitreg.domain.state import State
from gitreg.domain.version import Version
from gitreg.ledger.verified import Ledger
from gitreg.registry.candidates import read_evidence
from gitreg.registry.metadata import read_metadata
from gitreg.registry.open import Registry
from gitreg.similarity.embeddings import Embeddings
from gitreg.similarity.features import Features, count_words, read_texts
from gitreg.similarity.likeness import Texts
from gitreg.similarity.matrix import MatrixBuilder
from gitreg.similarity.merit import Part, judge_evidence, judge_fit, judge_stage, sum_up
from gitreg.similarity.needs import Need
from gitreg.similarity.sentences import load_model


def list_candidates(state: State) -> list[VersionEntry]:
    """The versions that are not yanked, by model; of each releases first, the newest first."""
    return [
        entry
        for model in state.models()
        for entry in sorted(state.versions(model), key=_newness, reverse=True)
        if entry.yanked is None
    ]


def _newness(entry: VersionEntry) -> tuple[bool, Version]:
    version = Version.parse(entry.version)
    return version.is_release, version


def texts_of(descriptions: Sequence[dict[str, object]]) -> Texts:
    """The texts of versions that say this."""
    builder = MatrixBuilder()
    for metadata in descriptions:
        builder.add(Features(marks=count_words(metadata)))
    return Texts(builder.build())


def meaning_of(descriptions: Sequence[dict[str, object]]) -> Embeddings:
    """The texts of versions that say this, each embedded alone."""
    vectors = [load_model().embed(read_texts(metadata).values()) for metadata in descriptions]
    return Embeddings(np.array(vectors, np.float32), np.arange(len(vectors)))


def judge_meaning(cosine: float, metadata: dict[str, object], like: str) -> Part:
    """Fit by meaning, with the words that make it so."""
    _, words = load_model().explain(read_texts(metadata), load_model().embed([like]))
    heaviest = [word for word, share in words[:3] if share > 0 < cosine]
    return judge_fit(cosine, heaviest, none="nothing like it")


def recommend_plainly(
    registry: Registry,
    *,
    task: str | None = None,
    needs: Sequence[str] = (),
    like: str | None = None,
    top: int = 10,
    all_versions: bool = False,
    embeddings: bool = False,
) -> dict[str, object]:
    """What `recommend` prints, from the ledger's own files."""
    state, ledger = registry.state, Ledger(records=registry.ledger.records)
    wanted = [Need.parse(need) for need in needs]
    entries = list_candidates(state)
    documents = [read_metadata(registry.repository, ledger, entry) for entry in entries]
    by_words, by_meaning = (like, None) if not embeddings else (None, like)
    likeness = texts_of(documents).compare(by_words) if by_words else None
    meaning = None
    if by_meaning:
        meaning = meaning_of(documents).compare(load_model().embed([by_meaning]))
    places, passed = list(range(len(entries))), {}
    if task is not None:
        places = [place for place in places if documents[place].get("task") == task]
        passed[f"task = {task}"] = len(places)
    for need in wanted:
        places = [place for place in places if need.find(read_evidence(state, entries[place]))]
        passed[str(need)] = len(places)
    found: list[dict[str, Any]] = []
    for place in places:
        entry = entries[place]
        policy = state.policy()
        rules = policy.policy.for_model(entry.model) if policy else None
        held = state.held_stages(entry.model, entry.version)
        parts = [
            judge_evidence(read_evidence(state, entry), wanted),
            judge_stage(held, rules.stages if rules else {}),
        ]
        if likeness:
            parts.insert(0, judge_fit(float(likeness.cosines[place]), likeness.words(place)))
        if meaning and by_meaning:
            cosine = float(meaning.cosines[place])
            parts.insert(0, judge_meaning(cosine, documents[place], by_meaning))
        found.append(
            {
                "model": entry.model,
                "version": entry.version,
                "deprecated": entry.deprecated is not None,
                "stages": held,
                "score": sum_up(parts),
                "parts": [part.to_dict() for part in parts],
            }
        )
    found.sort(key=lambda item: (item["deprecated"], -item["score"]))
    if not all_versions:
        first = {item["model"]: item for item in reversed(found)}
        found = [item for item in found if first[item["model"]] is item]
    return {
        "compared": len(entries),
        "passed": passed,
        "words_known": all(
            compared is None or compared.is_known for compared in (likeness, meaning)
        ),
        "embeddings": load_model().name if embeddings else None,
        "versions": found[:top],
    }
