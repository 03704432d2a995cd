"""Finding versions by what they say and what was signed about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gitreg.domain.query.page import Page
from gitreg.domain.query.parser import parse
from gitreg.domain.query.tree import Query
from gitreg.index.store import Store
from gitreg.ledger.indexed import settle
from gitreg.registry.asking import Answer, ask_catalog, ask_places
from gitreg.registry.open import Registry
from gitreg.value import Value, replace

if TYPE_CHECKING:
    from sqlite3 import Connection


def search(
    registry: Registry, text: str, *, limit: int | None = None, offset: int | None = None
) -> Page:
    """Return what a query finds (docs/search.md); `limit` and `offset` win over those in it.

    Raises: UsageError, which shows the place of the mistake.
    """
    query = _read(text, limit, offset)  # before anything is read: a mistake is told at once
    return _put(query, [("", settle(registry.repository, registry.ledger))])


class JointPage(Value):
    """What a query finds in several registries, and which of them could not be read."""

    page: Page
    answers: Sequence[Answer[Store]]

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
    from gitreg.index.columns import bring_up_to_date

    query = _read(text, limit, offset)

    def read(_: str, registry: Registry) -> Store:
        store = settle(registry.repository, registry.ledger)
        store.run(bring_up_to_date)
        return store

    answers = list(ask_catalog(read) if places is None else ask_places(read, places))
    stores = [(answer.name, answer.value) for answer in answers if answer.value]
    return JointPage(page=_put(query, stores), answers=answers)


def _put(
    query: Query, stores: Sequence[tuple[str, Store]], opened: Sequence[tuple[str, Connection]] = ()
) -> Page:
    """Put a query to `opened` and all of `stores`; where one is damaged, they are made anew."""
    from gitreg.index.search import search as put

    if not stores:
        return put(opened, query)
    (name, store), *others = stores
    return store.run(lambda connection: _put(query, others, [*opened, (name, connection)]))


def _read(text: str, limit: int | None, offset: int | None) -> Query:
    query = parse(text)
    if limit is not None:
        query = replace(query, limit=limit)
    return query if offset is None else replace(query, offset=offset)
