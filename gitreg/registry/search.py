"""Finding versions by what they say and what was signed about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from gitreg.domain.entries import VersionEntry
from gitreg.domain.query.document import Document, Standing, describe
from gitreg.domain.query.evaluation import Corpus
from gitreg.domain.query.page import Page
from gitreg.domain.query.page import search as put
from gitreg.domain.query.parser import parse
from gitreg.domain.query.tree import Query
from gitreg.domain.state import State
from gitreg.registry.asking import Answer, ask_catalog, ask_places
from gitreg.registry.metadata import read_all_metadata
from gitreg.registry.open import Registry


def search(
    registry: Registry, text: str, *, limit: int | None = None, offset: int | None = None
) -> Page:
    """Return what a query finds (docs/search.md); `limit` and `offset` win over those in it.

    Raises: UsageError, which shows the place of the mistake.
    """
    query = _read(text, limit, offset)  # before anything is read: a mistake is told at once
    return put(Corpus(list(read_documents(registry))), query)


@dataclass(frozen=True, kw_only=True, slots=True)
class JointPage:
    """What a query finds in several registries, and which of them could not be read."""

    page: Page
    answers: Sequence[Answer[list[Document]]]

    @property
    def ok(self) -> bool:
        """Whether every registry could be read."""
        return all(answer.error is None for answer in self.answers)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        registries = [answer.to_dict() for answer in self.answers]
        return {**self.page.to_dict(), "registries": registries}


def search_several(
    text: str,
    places: Sequence[str | Path] | None = None,
    *,
    limit: int | None = None,
    offset: int | None = None,
) -> JointPage:
    """Put one query to the registries at these paths and URLs, or to all of the user's catalog.

    Each registry is held to its own root; the score of words is that among all of them.

    Raises: UsageError; InvalidError for a catalog that is none; SetupError.
    """
    query = _read(text, limit, offset)

    def read(name: str, registry: Registry) -> list[Document]:
        return list(read_documents(registry, name))

    answers = list(ask_catalog(read) if places is None else ask_places(read, places))
    documents = [item for answer in answers for item in answer.value or ()]
    return JointPage(page=put(Corpus(documents), query), answers=answers)


def _read(text: str, limit: int | None, offset: int | None) -> Query:
    query = parse(text)
    if limit is not None:
        query = replace(query, limit=limit)
    return query if offset is None else replace(query, offset=offset)


def read_documents(registry: Registry, name: str = "") -> Iterator[Document]:
    """Yield every version as queries see it, in order of name and registration.

    `name` is what the registry is called where there are several.
    """
    state = registry.state
    entries = [entry for model in state.models() for entry in state.versions(model)]
    newest = {model: state.newest(model) for model in state.models()}
    read = read_all_metadata(registry.repository, registry.ledger, entries)
    for entry, metadata in zip(entries, read, strict=True):
        yield describe(
            entry,
            metadata,
            Standing(
                stages=state.held_stages(entry.model, entry.version),
                held=[
                    stage
                    for stage in state.stages(entry.model)
                    if state.has_held(entry.model, entry.version, stage)
                ],
                measured=_measured(state, entry),
                newest=newest[entry.model] == entry,
            ),
            registry=name,
        )


def _measured(state: State, entry: VersionEntry) -> dict[str, Decimal]:
    """Return the newest figure of each metric that was measured of the version."""
    figures: dict[str, Decimal] = {}
    for found in state.reports(entry.model, entry.version):
        figures |= found.report.challenger.metrics
    return figures
