"""Values of documents, the values that a query compares them with, and how they compare.

Texts are compared without regard to case. Of two numbers the decimals count as they were written,
so that 0.1 + 0.2 and its like surprise nobody.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from gitreg.domain.moment import read_time
from gitreg.domain.query.automaton import make_glob
from gitreg.domain.query.fields import Kind
from gitreg.domain.query.regex import PatternError, make_regex
from gitreg.domain.query.tree import Operator
from gitreg.domain.version import Version
from gitreg.errors import UsageError

Comparable = str | Decimal | bool | int | Version  # an int is a time, in Unix seconds
Test = Callable[[Any], bool]

_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?"
)
_SIZE = re.compile(r"(.+?) ?((?:[kmgt]i?)?b)", re.IGNORECASE)
_UNITS = {
    f"{letter}{i}b": (1024 if i else 1000) ** power
    for power, letter in enumerate(("", "k", "m", "g", "t"))
    for i in ("", "i")
}
_SHORT_VERSION = re.compile(r"v?([0-9]{1,9})(?:\.([0-9]{1,9}))?")
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def make_test(kind: Kind, sign: Operator, value: str, *, regex: bool = False) -> Test:
    """Return what tells of one value of a document whether the comparison holds.

    `!=` and `!~` are made as `=` and `~`: that none of a field's values fits is for the caller.

    Raises: ValueError, as PatternError where it is a pattern.
    """
    if sign in {"~", "!~"}:
        return _make_match(kind, value, regex=regex)
    compare = _COMPARE["=" if sign == "!=" else sign]
    if kind is Kind.FLAG and sign not in {"=", "!="}:
        raise ValueError("true and false are compared with = and != alone")
    if kind is Kind.TIME:
        return _make_time_test(sign, value)
    if kind is Kind.ANY:
        return _make_any_test(sign, compare, value)
    wanted = sort_key(kind, _read(kind, value))
    return lambda found: compare(sort_key(kind, found), wanted)


def sort_key(kind: Kind, value: Comparable) -> Any:
    """Return by what values of one kind are ordered, and are the same."""
    if kind is Kind.TEXT:
        return str(value).casefold()
    if kind is Kind.RELEASE:
        return release_key(str(value))
    if kind is Kind.ANY:
        rank = 2 if isinstance(value, bool) else 0 if isinstance(value, Decimal) else 1
        return rank, str(value).casefold() if rank == 1 else value
    return value


def release_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return the place of a package's version: 1.10 is after 1.9, 2.0rc1 before 2.0, 1.5 is 1.5.0.

    What follows a `+` tells builds apart, and no releases.
    """
    parts: list[tuple[int, int, str]] = []
    for number, word in re.findall(r"([0-9]{1,400})|([^0-9.+_-]+)", text.partition("+")[0][:1000]):
        if word and not any(rank == 0 for rank, _, _ in parts):
            parts = _without_zeros(parts)
        parts.append((2, int(number), "") if number else (0, 0, word.casefold()))
    return (*_without_zeros(parts), (1, 0, ""))


def _without_zeros(parts: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    while parts and parts[-1] == (2, 0, ""):
        parts = parts[:-1]
    return parts


def text_of(value: Comparable) -> str:
    """Return a value as a text, as patterns see it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(kind: Kind, value: str) -> Comparable:
    if kind in {Kind.NUMBER, Kind.BYTES}:
        return _read_number(kind, value)
    if kind is Kind.VERSION:
        short = _SHORT_VERSION.fullmatch(value)
        if short:
            return Version(int(short[1]), int(short[2] or 0), 0)
        try:
            return Version.parse(value.removeprefix("v"))
        except UsageError as error:
            raise ValueError(f"{value[:60]!r} is not a version, such as 1.2.0 or 1.2") from error
    if kind is Kind.FLAG:
        if value.lower() not in _FLAGS:
            raise ValueError("the field is true or false")
        return _FLAGS[value.lower()]
    return value


def _read_number(kind: Kind, value: str) -> Decimal:
    sized = _SIZE.fullmatch(value) if kind is Kind.BYTES else None
    figure = read_number(sized[1] if sized else value)
    if figure is None:
        example = "0.95 or 1e-3" if kind is Kind.NUMBER else "5000 or 10MiB"
        raise ValueError(f"{value[:60]!r} is not {kind.value}, such as {example}")
    return figure * _UNITS[sized[2].lower()] if sized else figure


def read_number(text: str) -> Decimal | None:
    """Return the number that a text says, None where it says none."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _make_time_test(sign: Operator, value: str) -> Test:
    """Compare with all of a day: `> 2026-03-01` begins on the second."""
    try:
        first = read_time(value, field="the date")
        last = read_time(value, field="the date", is_end=True)
    except UsageError as error:
        raise ValueError(
            f"{value[:60]!r} is not a date, such as 2026-03-01 or 2026-03-01T12:00"
        ) from error
    if sign in {"=", "!="}:
        return lambda found: first <= found <= last
    compare, edge = _COMPARE[sign], last if sign in {"<=", ">"} else first
    return lambda found: compare(found, edge)


def _make_any_test(sign: Operator, compare: Callable[[Any, Any], bool], value: str) -> Test:
    """Compare with each value as what it is: numbers with a number, texts with a text."""
    number, folded = read_number(value), value.casefold()
    flag = _FLAGS.get(value.lower())
    is_equality = sign in {"=", "!="}

    def test(found: Comparable) -> bool:
        if isinstance(found, bool):
            return is_equality and flag is found
        if isinstance(found, Decimal):
            return number is not None and compare(found, number)
        return (is_equality or number is None) and compare(str(found).casefold(), folded)

    return test


def _make_match(kind: Kind, value: str, *, regex: bool) -> Test:
    if kind in {Kind.NUMBER, Kind.BYTES, Kind.TIME, Kind.FLAG}:
        raise ValueError(f"the field is {kind.value}: compare it with = != < <= > >=")
    if regex:
        return _search(make_regex(value).is_in)
    if not value:
        raise ValueError("nothing stands after ~")
    if "*" in value or "?" in value:
        try:
            return _search(make_glob(value).is_in)
        except ValueError as error:
            raise PatternError(str(error), 0) from error
    folded = value.casefold()
    return lambda found: folded in text_of(found).casefold()


def _search(fits: Callable[[str], bool]) -> Test:
    return lambda found: fits(text_of(found))
