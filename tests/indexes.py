"""The tables of an index, written from the documents that are to be found in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gitreg.domain.canonical import dumps, sha256
from gitreg.domain.entries import VersionEntry
from gitreg.domain.query.document import Document
from gitreg.domain.query.page import Page
from gitreg.domain.query.parser import parse
from gitreg.domain.query.tree import Query
from gitreg.index import encoding
from gitreg.index.columns import plain_of
from gitreg.index.rows import count_versions
from gitreg.index.search import search
from gitreg.index.tables import TABLES
from gitreg.value import replace


def make_index(path: Path | str = ":memory:") -> sqlite3.Connection:
    """Return a database with the tables, and nothing in them."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(TABLES)
    return connection


def index_of(documents: Iterable[Document], path: Path | str = ":memory:") -> sqlite3.Connection:
    """Return the index of a registry that has these versions."""
    connection = make_index(path)
    for item in documents:
        register(connection, item)
        settle(connection, item)
    return connection


def ask(documents: Sequence[Document], query: Query | str) -> Page:
    """Put a query to these versions, by way of an index of each registry."""
    names = list(dict.fromkeys(item.registry for item in documents)) or [""]
    sources = [(name, index_of(i for i in documents if i.registry == name)) for name in names]
    return search(sources, parse(query) if isinstance(query, str) else query)


def register(connection: sqlite3.Connection, item: Document) -> None:
    """Write the registration of a version, of which nothing else is known yet."""
    entry = VersionEntry(
        model=item.model,
        version=str(item.version),
        ordinal=1,
        commit="c" * 40,
        path="models",
        manifest="",
        metrics={name: found[0] for name, found in _family(item, "claimed").items()},
        person="alice",
        time=int(str(item.values.get("registered", (0,))[0])),
        index=count_versions(connection),
    )
    register_entry(connection, entry, _metadata(item))


def register_entry(
    connection: sqlite3.Connection, entry: VersionEntry, metadata: dict[str, Any]
) -> None:
    """Write the registration of a version whose `model.json` is `metadata`."""
    row, data = count_versions(connection), dumps(metadata)
    entry = replace(entry, manifest=sha256(data))
    connection.execute(
        "INSERT INTO versions VALUES (?, ?, ?, ?, NULL, NULL, ?)",
        (row, entry.model, entry.version, entry.index, encoding.write(entry)),
    )
    kept = encoding.write_document(data, entry.manifest)
    connection.execute("INSERT INTO documents VALUES (?, ?)", (row, kept))


def settle(connection: sqlite3.Connection, item: Document) -> None:
    """Write what the ledger says of a registered version by now, whatever it said before."""
    key = (item.model, str(item.version))
    sql = "SELECT row FROM versions WHERE model = ? AND version = ?"
    (row,) = connection.execute(sql, key).fetchone()
    connection.execute("DELETE FROM holders WHERE row = ?", (row,))
    connection.execute("DELETE FROM entered WHERE row = ?", (row,))
    connection.execute("DELETE FROM measured WHERE row = ?", (row,))
    connection.execute("DELETE FROM models WHERE newest = ?", (row,))
    for stage in item.values.get("stage", ()):  # each row holds stages of its own here
        connection.execute("INSERT INTO holders VALUES (?, ?, ?)", (str(row), stage, row))
    for stage in item.values.get("held", ()):
        connection.execute("INSERT INTO entered VALUES (?, ?)", (stage, row))
    for metric, value in _family(item, "measured").items():
        connection.execute("INSERT INTO measured VALUES (?, ?, ?, 0)", (metric, row, str(value[0])))
    if _is_flagged(item, "newest"):
        connection.execute("INSERT OR REPLACE INTO models VALUES (?, 1, 1, ?)", (item.model, row))
    flags = [1 if _is_flagged(item, name) else None for name in ("deprecated", "yanked")]
    sql = "UPDATE versions SET deprecated = ?, yanked = ? WHERE row = ?"
    connection.execute(sql, (*flags, row))


def _metadata(item: Document) -> dict[str, Any]:
    """Return a `model.json` that says what the document has."""
    tags = _family(item, "tag")
    written = item.texts[1 : len(item.texts) - len(tags)]  # between its name and its tags
    return {
        "card": {str(place): text for place, text in enumerate(written)},
        "tags": {name: list(map(plain_of, found)) for name, found in tags.items()},
        "architecture": {
            "hyperparameters": {
                name: list(map(plain_of, found)) for name, found in _family(item, "params").items()
            }
        },
        "training": {"parents": list(item.values.get("parent", ()))},
        "artifacts": [{"size": plain_of(size)} for size in item.values.get("size", ())],
    }


def _family(item: Document, family: str) -> dict[str, Sequence[Any]]:
    """Return the fields of a family by what follows its name."""
    named = {name.partition("."): found for name, found in item.values.items()}
    return {member: found for (first, _, member), found in named.items() if first == family}


def _is_flagged(item: Document, name: str) -> bool:
    return item.values.get(name) == (True,)
