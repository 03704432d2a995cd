"""What a query says, as a tree. Law: `parse(str(query)) == query`.

Positions in the text are no part of it: who finds a mistake in the text is the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from gitreg.value import Value

KEYWORDS = frozenset({"and", "or", "not", "in", "order", "limit", "offset"})
LIMIT = 20  # hits on a page, where nobody says how many

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~", "!~"]

_PLAIN = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./-]*")


class Words(Value, kw_only=False):
    """Words that stand next to each other in a version's text; with `prefix` the last may go on."""

    text: str
    prefix: bool = False

    def __str__(self) -> str:
        shown = _quote(self.text)
        if not self.prefix:
            return shown
        return f"{shown}*"


class Comparison(Value, kw_only=False):
    """A field beside a value; with `regex` the value is a regular expression."""

    field: str
    operator: Operator
    value: str
    regex: bool = False

    def __str__(self) -> str:
        value = f"/{self.value}/" if self.regex else _quote(self.value)
        return f"{_quote_field(self.field)} {self.operator} {value}"


class Membership(Value, kw_only=False):
    """A field that has one of some values."""

    field: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_quote_field(self.field)} in ({', '.join(map(_quote, self.values))})"


class Not(Value, kw_only=False):
    """What does not hold."""

    part: Expression

    def __str__(self) -> str:
        return f"not {_enclose(self.part)}"


class And(Value, kw_only=False):
    """What holds together; two parts or more."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " and ".join(map(_enclose, self.parts))


class Or(Value, kw_only=False):
    """Of which one holds; two parts or more."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " or ".join(
            str(part) if isinstance(part, And) else _enclose(part) for part in self.parts
        )


Expression = Words | Comparison | Membership | Not | And | Or


class Order(Value, kw_only=False):
    """A field to order by."""

    field: str
    descending: bool = False

    def __str__(self) -> str:
        return _quote_field(self.field) + (" desc" if self.descending else "")


class Query(Value):
    """What to find (None is everything), in which order, and which page of it."""

    where: Expression | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None

    def __str__(self) -> str:
        parts = [
            "" if self.where is None else str(self.where),
            f"order by {', '.join(map(str, self.order))}" if self.order else "",
            "" if self.limit is None else f"limit {self.limit}",
            "" if self.offset is None else f"offset {self.offset}",
        ]
        return " ".join(part for part in parts if part)

    def fields(self) -> list[str]:
        """Return the fields that the query names, in the order in which it does."""
        leaves = () if self.where is None else leaves_of(self.where)
        named = [leaf.field for leaf in leaves if not isinstance(leaf, Words)]
        return list(dict.fromkeys([*named, *(key.field for key in self.order)]))


def leaves_of(
    expression: Expression, *, affirmed: bool = False
) -> Iterator[Words | Comparison | Membership]:
    """Yield the words and comparisons; with `affirmed` only those that are under no `not`."""
    match expression:
        case Not(part):
            if not affirmed:
                yield from leaves_of(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves_of(part, affirmed=affirmed)
        case leaf:
            yield leaf


def _enclose(part: Expression) -> str:
    return f"({part})" if isinstance(part, And | Or) else str(part)


def _quote(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in KEYWORDS:
        return text
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _quote_field(name: str) -> str:
    """Write a field, quoting what follows its first point where it must be: `tag."a b"`."""
    family, point, rest = name.partition(".")
    return f"{family}{point}{_quote(rest)}" if point else name
