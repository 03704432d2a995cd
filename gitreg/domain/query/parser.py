"""From the text of a query to its tree, or to the place where it goes wrong."""

from __future__ import annotations

from typing import cast

from gitreg.domain.query.fields import Field, find_field, suggest_field
from gitreg.domain.query.literals import make_test
from gitreg.domain.query.mistake import mistake
from gitreg.domain.query.regex import PatternError
from gitreg.domain.query.tokens import Token, scan, scan_value
from gitreg.domain.query.tree import (
    And,
    Comparison,
    Expression,
    Membership,
    Not,
    Operator,
    Or,
    Order,
    Query,
    Words,
)
from gitreg.domain.query.words import split_words
from gitreg.errors import UsageError

LONGEST = 4000  # characters of a query
_DEEPEST = 40  # parentheses and `not` in each other
_MOST_PARTS = 200  # words, comparisons and values
_LONGEST_PATTERN = 500  # characters
_MOST_DIGITS = 9  # of limit and offset
_GRAMMAR = "docs/search.md has the grammar"


def parse(text: str) -> Query:
    """Read a query. Law: `parse(str(query)) == query`, where that is not longer than allowed.

    Raises: UsageError, which shows the place.
    """
    if len(text) > LONGEST:
        raise UsageError(
            f"the query has {len(text)} characters, {LONGEST} are allowed",
            next_step="ask in two queries",
        )
    return _Parser(text).read_query()


class _Parser:
    """A descent through the text, one token ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._token = scan(text, 0)
        self._depth = 0
        self._parts = 0

    def _wrong(self, what: str, token: Token, next_step: str = _GRAMMAR) -> UsageError:
        return mistake(self._text, what, token.start, token.end, next_step=next_step)

    def _take(self) -> Token:
        token = self._token
        self._token = scan(self._text, token.end)
        return token

    def _after(self, token: Token) -> Token:
        return scan(self._text, token.end)

    def read_query(self) -> Query:
        where = None if self._is_end() else self._read_or()
        order: tuple[Order, ...] = ()
        counts: dict[str, int] = {}
        while self._token.kind != "end":
            name = self._token
            if not self._is_clause():
                raise self._wrong("nothing may stand here", name)
            word = self._take().text.lower()
            if word in counts or (word == "order" and order):
                raise self._wrong(f"{word} is said twice", name)
            if word == "order":
                order = self._read_order()
            else:
                counts[word] = int(self._take().text)
        return Query(
            where=where, order=order, limit=counts.get("limit"), offset=counts.get("offset")
        )

    def _is_clause(self) -> bool:
        """Whether what comes is no word to look for, but says order, limit or offset."""
        if self._depth:
            return False
        if self._token.is_word("order"):
            return self._after(self._token).is_word("by")
        if not self._token.is_word("limit", "offset"):
            return False
        count = self._after(self._token)
        is_count = count.kind == "word" and count.text.isascii() and count.text.isdigit()
        return is_count and not count.star and len(count.text) <= _MOST_DIGITS

    def _is_end(self) -> bool:
        return self._token.kind in {"end", ")"} or self._is_clause()

    def _read_order(self) -> tuple[Order, ...]:
        self._take()  # by
        keys: list[Order] = []
        while not keys or self._token.kind == ",":
            if keys:
                self._take()
            field = self._find_field(self._take())
            descending = self._token.is_word("desc")
            if self._token.is_word("asc", "desc"):
                self._take()
            keys.append(Order(field.name, descending))
        return tuple(keys)

    def _read_or(self) -> Expression:
        parts = [self._read_and()]
        while self._token.is_word("or"):
            self._take()
            parts.append(self._read_and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _read_and(self) -> Expression:
        parts = [self._read_not()]
        while not self._is_end() and not self._token.is_word("or"):
            if self._token.is_word("and"):
                self._take()
            parts.append(self._read_not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _read_not(self) -> Expression:
        token = self._token
        if not token.is_word("not"):
            return self._read_primary()
        self._descend(token)
        self._take()
        part = self._read_not()
        self._depth -= 1
        return Not(part)

    def _descend(self, token: Token) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._wrong(f"this is nested more than {_DEEPEST} deep", token)

    def _count(self, token: Token) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise self._wrong(f"the query has more than {_MOST_PARTS} parts", token)

    def _read_primary(self) -> Expression:
        token = self._token
        if self._is_end() or token.is_word("and", "or"):
            what = "something to look for is missing"
            quote = f'; to look for "{token.text}", put quotes around it' if token.text else ""
            raise self._wrong(what, token, f"write it here{quote}")
        if token.kind == "(":
            return self._read_group()
        if token.kind not in {"word", "quoted"}:
            what = f"no field stands before {token.text}"
            raise self._wrong(what, token, "name a field before it, or put quotes around the text")
        self._count(token)
        self._take()
        if self._token.kind == "sign":
            return self._read_comparison(token)
        return self._read_membership(token) or self._read_words(token)

    def _read_group(self) -> Expression:
        opened = self._token
        self._descend(opened)
        self._take()
        part = self._read_or()
        if self._token.kind != ")":
            raise self._wrong("this ( is not closed", opened)
        self._depth -= 1
        self._take()
        return part

    def _read_words(self, token: Token) -> Words:
        if token.kind == "word" and "*" in token.text:
            next_step = "within a field it may: description ~ *part*"
            raise self._wrong("a * may only end a word", token, next_step)
        if not split_words(token.text):
            raise self._wrong("there is no letter or digit to look for", token)
        return Words(token.text, token.star)

    def _find_field(self, token: Token) -> Field:
        if token.kind != "word" or token.star:
            next_step = "write it without quotes, as in name = iris"
            raise self._wrong("here must be the name of a field", token, next_step)
        field = find_field(token.text)
        if field is None:
            what = f"there is no field {token.text[:60]}"
            raise self._wrong(what, token, suggest_field(token.text))
        return field

    def _read_comparison(self, name: Token) -> Comparison:
        field = self._find_field(name)
        sign = self._token
        operator = cast("Operator", {":": "=", "==": "="}.get(sign.text, sign.text))
        value = scan_value(self._text, sign.end, regex=operator in {"~", "!~"})
        self._check(field, operator, value)
        self._token = scan(self._text, value.end)
        return Comparison(field.name, operator, value.text, value.kind == "regex")

    def _read_membership(self, name: Token) -> Expression | None:
        """Read `in (…)` or `not in (…)`; None where neither comes."""
        negated = name.kind == "word" and self._token.is_word("not")
        word = self._after(self._token) if negated else self._token
        opened = self._after(word)
        if name.kind != "word" or not word.is_word("in") or opened.kind != "(":
            return None
        field = self._find_field(name)
        values: list[str] = []
        closing = opened
        while closing.kind != ")":
            value = scan_value(self._text, closing.end, regex=False)
            self._check(field, "=", value)
            self._count(value)
            values.append(value.text)
            closing = scan(self._text, value.end)
            if closing.kind not in {",", ")"}:
                raise self._wrong("here must be a comma or the )", closing)
        self._token = self._after(closing)
        found = Membership(field.name, tuple(values))
        return Not(found) if negated else found

    def _check(self, field: Field, operator: Operator, value: Token) -> None:
        """Refuse a value with which the field cannot be compared."""
        is_pattern = operator in {"~", "!~"}
        if is_pattern and len(value.text) > _LONGEST_PATTERN:
            raise self._wrong(f"a pattern has at most {_LONGEST_PATTERN} characters", value)
        try:
            make_test(field.kind, operator, value.text, regex=value.kind == "regex")
        except PatternError as error:
            start = min(value.start + 1 + error.at, value.end - 1)
            raise mistake(self._text, str(error), start, start + 1, next_step=_GRAMMAR) from error
        except ValueError as error:
            next_step = f"{field.name} is {field.kind.value}"
            raise self._wrong(str(error), value, next_step) from error
