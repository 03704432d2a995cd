"""Markdown for pull requests, in which nothing that others wrote is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gitreg.domain.printable import clean

_MARKUP = re.compile(r"[^\w ,%+=().-]|(?<![a-z0-9])_|_(?![a-z0-9])|(?<!\d)\.|\.(?!\d)")


def inert(text: str) -> str:
    """Return text in which Markdown and GitHub see no markup, mention, reference or address.

    A character reference is a literal to CommonMark (section 2.5) and never begins anything. Left
    as they are: underscores within words, and points between digits.
    """
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", clean(text))


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; what is in its cells is made inert."""
    return [
        _row(map(inert, columns)),
        _row(["---"] * len(columns)),
        *(_row(map(inert, row)) for row in rows),
    ]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
