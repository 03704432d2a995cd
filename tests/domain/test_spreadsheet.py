from __future__ import annotations

from gitreg.domain.spreadsheet import csv_line


def test_a_line_is_quoted_and_no_cell_of_it_is_a_formula_or_hides_anything() -> None:
    line = csv_line(["plain", 'say "x"', "=1+1", "a;-2", "zero\u200bwidth\n", ""])
    assert line == '"plain","say ""x""","\'=1+1","a;\'-2","zero\\u200bwidth\\n",""\r\n'
