r"""Regular expressions: the part of Python's syntax that an automaton can decide.

Literals, `.`, classes, `\d \w \s` and their opposites, groups, `|`, `* + ? {m,n}`, `^` and `$`.
What has to go back in the text is refused: references to groups, and looking ahead or behind.
"""

from __future__ import annotations

import re

from gitreg.domain.query.automaton import (
    Automaton,
    Choice,
    Edge,
    Letter,
    Part,
    Repeat,
    Sequel,
    Test,
    cases_of,
    one_of,
)

_MOST_TIMES = 100
_DEEPEST = 20  # groups in each other
_COUNTS = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\}")
_KINDS: dict[str, Test] = {
    "d": str.isdecimal,
    "s": str.isspace,
    "w": lambda letter: letter.isalnum() or letter == "_",
}
_SPELLED = {"n": "\n", "t": "\t"}


class PatternError(ValueError):
    """What is wrong with a regular expression, at which of its characters."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.at = at


def make_regex(text: str) -> Automaton:
    """Return the automaton of a regular expression; letters fit in either case.

    Raises: PatternError.
    """
    reader = _Reader(text)
    part = reader.read_choice()
    if reader.at < len(text):
        raise PatternError("there is no ( for this )", reader.at)
    try:
        return Automaton(part)
    except ValueError as error:
        raise PatternError(str(error), 0) from error


class _Reader:
    """A descent through the text of an expression; `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._depth = 0

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self) -> str:
        letter = self._peek()
        if not letter:
            raise PatternError("the regular expression ends too early", self.at)
        self.at += 1
        return letter

    def read_choice(self) -> Part:
        parts = [self._read_sequel()]
        while self._peek() == "|":
            self.at += 1
            parts.append(self._read_sequel())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _read_sequel(self) -> Part:
        parts: list[Part] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._read_repeated())
        return Sequel(tuple(parts))

    def _read_repeated(self) -> Part:
        part = self._read_atom()
        if self._peek() not in {"*", "+", "?", "{"}:
            return part
        start = self.at
        low, high = self._read_counts()
        if isinstance(part, Edge):
            raise PatternError("^ and $ are not repeated", start)
        if self._peek() == "?":  # as few as possible: whether it fits is the same
            self.at += 1
        if self._peek() in {"*", "+", "?", "{"}:
            raise PatternError("a repetition of a repetition wants a group", self.at)
        return Repeat(part, low, high)

    def _read_counts(self) -> tuple[int, int | None]:
        start, sign = self.at, self._peek()
        if sign != "{":
            self.at += 1
            return (1 if sign == "+" else 0), (1 if sign == "?" else None)
        found = _COUNTS.match(self.text, start)
        if found is None:
            raise PatternError("write {2} or {2,5}, or \\{ for the character", start)
        self.at = found.end()
        low = int(found[1])
        high = low if not found[2] else int(found[3]) if found[3] else None
        if max(low, high or 0) > _MOST_TIMES or (high is not None and high < low):
            raise PatternError(f"counts go up, to {_MOST_TIMES} at most", start)
        return low, high

    def _read_atom(self) -> Part:
        start, letter = self.at, self._take()
        if letter == "(":
            return self._read_group(start)
        if letter == "[":
            return Letter(self._read_class(start))
        if letter == "\\":
            return Letter(self._read_escape())
        if letter in "*+?{":
            raise PatternError(f"nothing is before this {letter}", start)
        if letter in "^$":
            return Edge("start" if letter == "^" else "end")
        return Letter((lambda found: found != "\n") if letter == "." else one_of(letter))

    def _read_group(self, start: int) -> Part:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PatternError(f"groups lie in each other {_DEEPEST} deep at most", start)
        if self._peek() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise PatternError("no group begins with (? but (?:", start)
            self.at += 2
        part = self.read_choice()
        if self._peek() != ")":
            raise PatternError("this ( is not closed", start)
        self.at += 1
        self._depth -= 1
        return part

    def _read_escape(self) -> Test:
        start, letter = self.at - 1, self._take()
        if letter in _KINDS:
            return _KINDS[letter]
        if letter.lower() in _KINDS:
            kind = _KINDS[letter.lower()]
            return lambda found: not kind(found)
        if letter in _SPELLED:
            return one_of(_SPELLED[letter])
        if letter.isalnum():
            raise PatternError(f"\\{letter} is not understood here", start)
        return one_of(letter)

    def _read_class(self, start: int) -> Test:
        negated = self._peek() == "^"
        self.at += negated
        tests: list[Test] = []
        while self._peek() != "]":
            if not self._peek():
                raise PatternError("this [ is not closed", start)
            tests.append(self._read_range())
        self.at += 1
        if not tests:
            raise PatternError("this class is empty; write \\] for the character", start)
        return lambda letter: any(test(letter) for test in tests) is not negated

    def _read_range(self) -> Test:
        start, low = self.at, self._take()
        if low == "\\":
            return self._read_escape()
        if self._peek() != "-" or self.text[self.at + 1 : self.at + 2] in {"]", ""}:
            return one_of(low)
        self.at += 1
        high = self._take()
        if high == "\\" or high < low:
            raise PatternError("a range goes from a lower character to a higher one", start)
        return lambda letter: any(low <= form <= high for form in cases_of(letter) if len(form) < 2)
