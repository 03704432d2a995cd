"""Putting a query to the index: the page of versions that it finds.

An answer is that of the ledger read from its beginning; what is kept here only makes it fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from sqlite3 import Connection

import numpy as np

from gitreg.domain.query.document import Document
from gitreg.domain.query.fields import FAMILIES, field_of
from gitreg.domain.query.page import SHOWN, Hit, Page, note_unknown
from gitreg.domain.query.tree import LIMIT, Query
from gitreg.domain.version import Version
from gitreg.index.columns import Rows, bring_up_to_date
from gitreg.index.corpus import Corpus, Source
from gitreg.index.matching import Scores, match, score

_State = tuple[tuple[str, Connection, int, int], ...]
_last: list[tuple[_State, Corpus]] = []  # what the last query was put to: the next one finds it


def search(sources: Sequence[Source], query: Query) -> Page:
    """Return what a query finds in the registries whose names and databases are `sources`.

    A single registry may be without a name. Versions that were yanked are found only by a query
    that names the field `yanked`.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    for _, connection in sources:
        bring_up_to_date(connection)
    with ExitStack() as stack:
        for _, connection in sources:
            stack.enter_context(_snapshot(connection))
        return _put(_open(sources), query)


def _open(sources: Sequence[Source]) -> Corpus:
    """Return the corpus of these databases, that of last time where nothing was written since."""
    state = tuple(
        (name, connection, _data_version(connection), connection.total_changes)
        for name, connection in sources
    )
    if not _last or _last[0][0] != state:
        _last[:] = [(state, Corpus(sources))]
    return _last[0][1]


def _put(corpus: Corpus, query: Query) -> Page:
    fields = query.fields()
    among = np.ones(corpus.size, np.bool_) if "yanked" in fields else ~corpus.is_yanked
    found, scores = among, None
    if query.where is not None:
        found = among & match(corpus, query.where, among)
        scores = score(corpus, query.where, among)
    rows = np.flatnonzero(found)
    start = query.offset or 0
    count = LIMIT if query.limit is None else query.limit
    best = _first(rows, list(_order(corpus, query, scores)), start + count)[start:]
    return Page(
        query=query,
        hits=[
            Hit(document, 0.0 if scores is None else float(scores[row]))
            for row, document in _read_documents(corpus, best.tolist(), fields)
        ],
        total=len(rows),
        offset=start,
        notes=list(_find_misspelt(corpus, fields)),
    )


def _order(corpus: Corpus, query: Query, scores: Scores | None) -> Iterator[Rows | Scores]:
    """Yield by what rows are ordered: the smaller comes first."""
    for key in query.order:
        yield corpus.values(key.field).order(corpus.size, descending=key.descending)
    if scores is not None:
        yield -scores
    yield corpus.places


def _first(rows: Rows, keys: Sequence[Rows | Scores], count: int) -> Rows:
    """Return the first `count` of `rows` by `keys`, the last of which no two rows share."""
    sure = [rows[:0]]
    for key in keys:
        if not 0 < count < len(rows):
            break
        own = key[rows]
        edge = np.partition(own, count - 1)[count - 1]
        sure.append(rows[own < edge])
        count -= len(sure[-1])
        rows = rows[own == edge]
    chosen = np.concatenate([*sure, rows[:count]])
    return chosen[np.lexsort([key[chosen] for key in reversed(keys)])]


def _read_documents(
    corpus: Corpus, rows: Sequence[int], fields: Sequence[str]
) -> Iterator[tuple[int, Document]]:
    """Yield versions with the fields that a page shows."""
    named = ["parent" if name == "lineage" else field_of(name).name for name in fields]
    shown = {name: corpus.values(name) for name in [*SHOWN, *named]}
    for row in rows:
        values = {name: column.at(row) for name, column in shown.items()}
        yield (
            row,
            Document(
                model=str(values["name"][0]),
                version=Version.parse(str(values["version"][0])),
                values={name: found for name, found in values.items() if found},
                registry=corpus.sources[corpus.source_of(row)][0],
            ),
        )


def _find_misspelt(corpus: Corpus, fields: Sequence[str]) -> Iterator[str]:
    """Yield a note on each metric, parameter or tag of the query that no version has."""
    for name in fields:
        family = name.partition(".")[0]
        if family in FAMILIES and not len(corpus.values(name).rows):
            yield note_unknown(name, sorted(corpus.fields(family)))


def _data_version(connection: Connection) -> int:
    """Return a number that is another one when somebody else has written the database."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def _snapshot(connection: Connection) -> Iterator[None]:
    """See the database as it is now, whoever writes it meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        connection.execute("SELECT 1 FROM versions LIMIT 1").fetchone()
        yield
    finally:
        connection.execute("COMMIT")
