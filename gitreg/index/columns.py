"""What versions say, kept as columns: of each field the values of 1,024 versions in one piece.

A column has the places of its versions and, beside them, values as `model.json` has them: a
float's shortest text is its decimal. Only what never changes is kept; what the ledger may say
anew of a version (stages, measurements, yanks) is read from the tables of the index.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from gitreg.domain.query.document import describe
from gitreg.domain.query.literals import Comparable
from gitreg.domain.query.words import split_words, write_texts
from gitreg.domain.version import Version
from gitreg.index.rows import count_versions, read_versions
from gitreg.index.transaction import transaction

Rows = npt.NDArray[np.int64]
Scalar = str | bool | int | float | Decimal

CHUNK = 1024  # versions
# No field begins so: how many words a version's texts have, the texts, and each word, which has no
# values but a place for each time that it is in a version's texts.
LENGTH, TEXTS, WORD = "~length", "~texts", "~word "

_BATCH = 8 * CHUNK  # versions that are described in one transaction
_LAST = "\U0010ffff"  # after whatever may follow in a word
_TABLE = """TABLE IF NOT EXISTS columns (
    field TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (field, chunk)
) WITHOUT ROWID"""
_KNOWN = (
    "SELECT 1 FROM sqlite_master WHERE name = 'columns' "
    "UNION SELECT 1 FROM sqlite_temp_master WHERE name = 'columns'"
)
_Cells = dict[str, tuple[list[int], list[object]]]  # places in a chunk and values, by field
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Describe the versions that no column has yet.

    Where the database cannot be written, the columns are in the memory of this connection. A
    transaction that is open ends, and another one begins.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    is_known = connection.execute(_KNOWN).fetchone() is not None
    if is_known and count_described(connection) >= count_versions(connection):
        return
    is_open = connection.in_transaction
    if is_open:
        connection.execute("COMMIT")
    try:
        _fill(connection, "BEGIN IMMEDIATE")
    except sqlite3.OperationalError:  # locked, read-only or full
        _work_in_memory(connection)
        _fill(connection, "BEGIN")
    if is_open:
        connection.execute("BEGIN")


def count_described(connection: sqlite3.Connection) -> int:
    """Return of how many versions, the first ones, there are columns."""
    sql = "SELECT chunk, body FROM columns WHERE field = ? ORDER BY chunk DESC LIMIT 1"
    found = connection.execute(sql, (LENGTH,)).fetchone()
    return found[0] * CHUNK + len(json.loads(found[1])[1]) if found else 0


def read_column(connection: sqlite3.Connection, field: str) -> tuple[Rows, list[Scalar]]:
    """Return the rows that have the field, ascending, and beside each of them a value."""
    return _read(connection, field, field)


def read_word(connection: sqlite3.Connection, word: str, *, prefix: bool) -> Rows:
    """Return the row of each place where the word, or with `prefix` any that begins so, stands."""
    return _read(connection, WORD + word, WORD + word + (_LAST if prefix else ""))[0]


def read_family(connection: sqlite3.Connection, family: str) -> Rows:
    """Return the rows that have any field of a family, such as `claimed`; one may be repeated."""
    return _read(connection, f"{family}.", f"{family}.{_LAST}")[0]


def read_fields(connection: sqlite3.Connection, family: str) -> list[str]:
    """Return the fields of a family, such as `tag`, that any version has."""
    sql = "SELECT min(field) FROM columns WHERE field > ? AND field < ?"
    found, (after,) = [], connection.execute(sql, (f"{family}.", f"{family}/")).fetchone()
    while after is not None:  # from one to the next: they have many chunks each
        found.append(after)
        (after,) = connection.execute(sql, (after, f"{family}/")).fetchone()
    return found


def plain_of(value: Comparable) -> object:
    """Return a value as a column has it; a decimal that no double's text is, as a list of it."""
    if isinstance(value, Decimal):
        if value.as_tuple().exponent == 0:
            return int(value)
        number = float(value)
        is_exact = Decimal(repr(number)).as_tuple() == value.as_tuple()
        return number if is_exact else [str(value)]
    return str(value) if isinstance(value, Version) else value


def _read(connection: sqlite3.Connection, first: str, last: str) -> tuple[Rows, list[Scalar]]:
    sql = "SELECT chunk, body FROM columns WHERE field >= ? AND field <= ? ORDER BY field, chunk"
    rows: list[Rows] = [np.empty(0, np.int64)]
    values: list[Any] = []
    for chunk, body in connection.execute(sql, (first, last)):
        places, found = json.loads(body)
        inside = np.arange(len(found)) if places is None else np.array(places)
        rows.append(inside.astype(np.int64) + chunk * CHUNK)
        values += found
    if list in set(map(type, values)):
        values = [Decimal(item[0]) if isinstance(item, list) else item for item in values]
    return np.concatenate(rows), values


def _work_in_memory(connection: sqlite3.Connection) -> None:
    """Put a table in the place of that which cannot be written; it has what that had."""
    if connection.execute("SELECT 1 FROM sqlite_temp_master WHERE name = 'columns'").fetchone():
        return  # by now it has more than the other
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"CREATE TEMP {_TABLE}")
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'columns'").fetchone():
        connection.execute("INSERT OR REPLACE INTO temp.columns SELECT * FROM main.columns")
    if connection.in_transaction:
        connection.execute("COMMIT")


def _fill(connection: sqlite3.Connection, begin: str) -> None:
    """Describe what is missing; how far that goes is seen in each transaction anew."""
    is_missing = True
    while is_missing:
        with transaction(connection, begin):
            if begin != "BEGIN":
                connection.execute(f"CREATE {_TABLE}")
            start, end = count_described(connection), count_versions(connection)
            stop = min(end, start - start % CHUNK + _BATCH)
            while start < stop:
                upto = min(stop, start - start % CHUNK + CHUNK)
                _write(connection, start, _describe(connection, start, upto))
                start = upto
            is_missing = stop < end


def _describe(connection: sqlite3.Connection, start: int, stop: int) -> _Cells:
    """Return the fields, and the words, of versions of one chunk."""
    fields: _Cells = defaultdict(lambda: ([], []))
    stood: dict[str, list[int]] = defaultdict(list)
    for row, (entry, metadata) in enumerate(read_versions(connection, start, stop), start):
        inside, document = row % CHUNK, describe(entry, metadata)
        texts = list(map(split_words, document.texts))
        for field, values in document.values.items():
            rows, written = fields[field]
            rows += [inside] * len(values)
            written += map(plain_of, values)
        for field, value in ((LENGTH, sum(map(len, texts))), (TEXTS, write_texts(texts))):
            rows, written = fields[field]
            rows.append(inside)
            written.append(value)
        for words in texts:
            for word in words:
                stood[word].append(inside)
    return {**fields, **{WORD + word: (rows, []) for word, rows in stood.items()}}


def _write(connection: sqlite3.Connection, start: int, cells: _Cells) -> None:
    """Write the cells of one chunk; what it has already stays before them."""
    chunk = start // CHUNK
    if start % CHUNK:
        read = "SELECT body FROM columns WHERE field = ? AND chunk = ?"
        for field, (rows, values) in cells.items():
            known = connection.execute(read, (field, chunk)).fetchone()
            if known:
                places, kept = json.loads(known[0])
                rows[:0] = range(len(kept)) if places is None else places
                values[:0] = kept
    connection.executemany(
        "INSERT OR REPLACE INTO columns VALUES (?, ?, ?)",
        ((field, chunk, _body(*cells[field])) for field in sorted(cells)),
    )


def _body(rows: list[int], values: list[object]) -> str:
    is_dense = rows == list(range(len(rows)))
    data = (None if is_dense and values else rows, values)
    return _encode(data)
