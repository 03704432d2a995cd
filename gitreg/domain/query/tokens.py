"""The words, signs and quoted texts that a query is made of, with their places.

What stands after a sign (`:`, `<=`, …) is read otherwise: `2026-03-01T12:00` is one value there.
"""

from __future__ import annotations

import re
from typing import Literal

from gitreg.domain.query.mistake import mistake
from gitreg.value import Value

_SPACE = re.compile(r"\s*")
_SIGN = re.compile(r"<=|>=|!=|!~|==|[:=<>~]")
_WORD = re.compile(r"""(?!')(?:[^\s()",:=<>~!]|!(?![=~]))+""")
_VALUE = re.compile(r"""(?![':=<>~!])[^\s()",]+""")
_QUOTED = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL),
}
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/(?=[\s),]|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

Kind = Literal["word", "quoted", "regex", "sign", "(", ")", ",", "end"]


class Token(Value, kw_only=False):
    """A piece of a query from `start` to before `end`; `text` is what it means.

    `star` says that a `*` ends it, which `text` has not.
    """

    kind: Kind
    text: str
    start: int
    end: int
    star: bool = False

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these words, without quotes."""
        return self.kind == "word" and not self.star and self.text.lower() in words


def scan(text: str, start: int) -> Token:
    """Return the piece at `start`, or after the spaces there.

    Raises: UsageError.
    """
    at = skip_space(text, start)
    letter = text[at : at + 1]
    if not letter:
        return Token("end", "", at, at)
    if letter in "(),":
        return Token("(" if letter == "(" else ")" if letter == ")" else ",", letter, at, at + 1)
    if letter in _QUOTED:
        return _scan_quoted(text, at)
    if sign := _SIGN.match(text, at):
        return Token("sign", sign[0], at, sign.end())
    word = _WORD.match(text, at)
    if word is None:
        raise mistake(
            text, f"nothing begins with {letter}", at, at + 1, next_step="put quotes around it"
        )
    if word[0].endswith(".") and text[word.end() : word.end() + 1] in {'"', "'"}:
        member = _scan_quoted(text, word.end())
        return Token("word", word[0] + member.text, at, member.end, member.star)
    star = word[0].endswith("*")
    return Token("word", word[0].removesuffix("*"), at, word.end(), star)


def scan_value(text: str, start: int, *, regex: bool) -> Token:
    """Return the value at `start`, or after the spaces there; with `regex` it may be `/…/`.

    Raises: UsageError.
    """
    at = skip_space(text, start)
    letter = text[at : at + 1]
    if letter in _QUOTED:
        token = _scan_quoted(text, at)
        return Token("quoted", token.text, at, token.end - token.star)
    if regex and letter == "/":
        found = _REGEX.match(text, at)
        if found is None:
            raise mistake(
                text,
                "the regular expression is not closed",
                at,
                len(text),
                next_step="write ~ /…/, with \\/ for a / in it and nothing after it",
            )
        return Token("regex", found[1], at, found.end())
    value = _VALUE.match(text, at)
    if value is None:
        raise mistake(
            text,
            "there is no value" if not letter else f"no value begins with {letter}",
            at,
            at + 1,
            next_step='write one; put quotes around it where it has other signs: name = "…"',
        )
    return Token("word", value[0], at, value.end())


def skip_space(text: str, start: int) -> int:
    """Return where the next piece begins."""
    found = _SPACE.match(text, start)
    return found.end() if found else start


def _scan_quoted(text: str, at: int) -> Token:
    quote = text[at]
    found = _QUOTED[quote].match(text, at)
    if found is None:
        raise mistake(
            text,
            f"this {quote} is not closed",
            at,
            at + 1,
            next_step=f"close it; write \\{quote} for the sign in a text",
        )
    star = text[found.end() : found.end() + 1] == "*"
    return Token("quoted", _ESCAPE.sub(r"\1", found[1]), at, found.end() + star, star)
