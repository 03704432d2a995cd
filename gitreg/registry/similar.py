"""The versions that are most like one, and what makes them so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitreg.domain.entries import VersionEntry
from gitreg.errors import NotFoundError
from gitreg.index.neighbours import read_neighbours
from gitreg.index.rows import Place
from gitreg.ledger.indexed import settle
from gitreg.registry.candidates import check_top
from gitreg.registry.metadata import read_metadata
from gitreg.registry.open import Registry, resolve
from gitreg.similarity.features import find_fields, read_texts
from gitreg.similarity.sentences import SentenceModel, load_model
from gitreg.similarity.space import Metric, Neighbour, name_words, parse_metric
from gitreg.value import Value


class SimilarVersion(Value):
    """A version that is near; `fields` has where either of the two says each of the words."""

    entry: VersionEntry
    stages: Sequence[str]
    neighbour: Neighbour
    fields: Mapping[str, Sequence[str]]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        found = self.neighbour
        return {
            "model": self.entry.model,
            "version": self.entry.version,
            "deprecated": self.entry.deprecated is not None,
            "stages": list(self.stages),
            "score": found.score,
            "blocks": dict(found.blocks),
            "missing": list(found.missing),
            "terms": [
                {
                    "block": term.block,
                    "name": term.name,
                    "contribution": term.contribution,
                    "fields": list(self.fields.get(term.name, ()) if term.block == "text" else ()),
                }
                for term in found.terms
            ],
            "others": found.others,
        }


class Similar(Value):
    """What is most like `entry`, nearest first, out of so many versions that were `compared`.

    `embeddings` is the sentence model by which texts were compared, if any.
    """

    entry: VersionEntry
    metric: Metric
    compared: int
    versions: Sequence[SimilarVersion]
    embeddings: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.entry.model,
            "version": self.entry.version,
            "metric": self.metric,
            "embeddings": self.embeddings,
            "compared": self.compared,
            "versions": [version.to_dict() for version in self.versions],
        }


def similar(
    registry: Registry,
    reference: str,
    *,
    metric: str = "cosine",
    top: int = 10,
    all_versions: bool = False,
    embeddings: bool = False,
) -> Similar:
    """Return the `top` versions most like one: of each other model its newest, or `all_versions`.

    Texts are compared by their words, or by their `embeddings` of the sentence model that is
    installed. Words and figures are weighed by all versions of the registry that are not yanked, so
    that two of them are as near to each other whichever is asked about, and among which others.

    Raises: UsageError; NotFoundError where the reference names nothing, or nothing to compare by;
    SetupError where there is no sentence model.
    """
    check_top(top)
    chosen = parse_metric(metric)
    model = load_model() if embeddings else None
    entry = resolve(registry.state, reference)
    own = (entry.model, entry.version)
    store = settle(registry.repository, registry.ledger)
    known = read_neighbours(store, model)
    if chosen == "cosine" and not store.run(lambda asked: known.has_direction(asked, own)):
        raise NotFoundError(
            f"{entry.model} {entry.version} states nothing by which it could be told apart",
            next_step="register a version whose model.yaml has a description, a task, tags, an "
            "architecture, a signature or metrics; or use --metric euclidean",
        )
    teller = model if chosen == "cosine" else None  # a distance is told by block alone
    found = store.run(
        lambda asked: known.find(asked, own, metric=chosen, top=top, all_versions=all_versions)
    )
    return Similar(
        entry=entry,
        metric=chosen,
        compared=found.compared,
        versions=_describe(registry, entry, found.versions, teller),
        embeddings=model.name if model else None,
    )


def _describe(
    registry: Registry,
    entry: VersionEntry,
    found: Sequence[tuple[Place, Neighbour]],
    model: SentenceModel | None = None,
) -> list[SimilarVersion]:
    near = [registry.state.version(model, version) for (model, version), _ in found]
    entries = [entry, *(other for other in near if other)]
    own, *documents = (
        read_metadata(registry.repository, registry.ledger, item) for item in entries
    )
    neighbours = [neighbour for _, neighbour in found]
    if model:
        neighbours = _name_words(model, own, zip(neighbours, documents, strict=True))
    return [
        SimilarVersion(
            entry=other,
            stages=registry.state.held_stages(other.model, other.version),
            neighbour=neighbour,
            fields={
                term.name: sorted({*find_fields(own, term.name), *find_fields(metadata, term.name)})
                for term in neighbour.terms
                if term.block == "text"
            },
        )
        for other, neighbour, metadata in zip(entries[1:], neighbours, documents, strict=True)
    ]


def _name_words(
    model: SentenceModel,
    own: Mapping[str, Any],
    found: Iterable[tuple[Neighbour, Mapping[str, Any]]],
) -> list[Neighbour]:
    """Name the words of each neighbour that mean what the version says of itself."""
    near = model.embed(read_texts(own).values())
    named = []
    for neighbour, metadata in found:
        cosine, words = model.explain(read_texts(metadata), near)
        named.append(name_words(neighbour, words, cosine=cosine))
    return named
