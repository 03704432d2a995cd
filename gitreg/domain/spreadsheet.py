"""Lines for a spreadsheet: RFC 4180, every cell quoted, and none of them a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gitreg.domain.printable import clean

# What a spreadsheet takes for the beginning of a formula, wide forms included (OWASP, "CSV
# Injection"); `;` ends a cell where commas are decimal points, quotes or not.
_FORMULA = re.compile("(^|;)(?=\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def csv_line(cells: Iterable[str]) -> str:
    """Return one line of CSV.

    Control and invisible characters are escaped. What would be a formula has an apostrophe before
    it, which makes it a text.
    """
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(text: str) -> str:
    shown = _FORMULA.sub(r"\1'", clean(text)).replace('"', '""')
    return f'"{shown}"'
