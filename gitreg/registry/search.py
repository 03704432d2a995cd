"""Finding versions by what they say and what was signed about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from gitreg.domain.entries import VersionEntry
from gitreg.domain.query.document import Document, Standing, describe
from gitreg.domain.query.evaluation import Corpus
from gitreg.domain.query.page import Page
from gitreg.domain.query.page import search as put
from gitreg.domain.query.parser import parse
from gitreg.domain.state import State
from gitreg.registry.metadata import read_all_metadata
from gitreg.registry.open import Registry


def search(
    registry: Registry, text: str, *, limit: int | None = None, offset: int | None = None
) -> Page:
    """Return what a query finds (docs/search.md); `limit` and `offset` win over those in it.

    Raises: UsageError, which shows the place of the mistake.
    """
    query = parse(text)  # before anything is read: a mistake is told at once
    if limit is not None:
        query = replace(query, limit=limit)
    if offset is not None:
        query = replace(query, offset=offset)
    return put(Corpus(list(read_documents(registry))), query)


def read_documents(registry: Registry) -> Iterator[Document]:
    """Yield every version as queries see it, in order of name and registration."""
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
                newest=newest[entry.model] is entry,
            ),
        )


def _measured(state: State, entry: VersionEntry) -> dict[str, Decimal]:
    """Return the newest figure of each metric that was measured of the version."""
    figures: dict[str, Decimal] = {}
    for found in state.reports(entry.model, entry.version):
        figures |= found.report.challenger.metrics
    return figures
