"""The versions that name a parent, by the name that each gives it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence

from gitreg.index.columns import bring_up_to_date, read_column


def read_children(connection: sqlite3.Connection) -> Mapping[str, Sequence[int]]:
    """Return the rows that name each parent, ascending: by `iris@1.2.0`, or by an address.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    bring_up_to_date(connection)
    rows, named = read_column(connection, "parent")
    found: dict[str, list[int]] = defaultdict(list)
    for row, name in zip(rows.tolist(), named, strict=True):
        found[str(name)].append(row)
    return found
