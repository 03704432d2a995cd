"""Patterns matched in time linear in the text, whatever the pattern.

Thompson's construction, its sets of states made into a deterministic automaton as they are met
(K. Thompson, "Regular Expression Search Algorithm", CACM 11, 1968; R. Cox, "Regular Expression
Matching Can Be Simple And Fast", 2007). Nothing here goes back in the text, so nothing can hang.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from gitreg.value import Value

_MOST_STATES = 2000
_MOST_MOVES = 20_000  # remembered, before they are forgotten and found anew

Test = Callable[[str], bool]


class Letter(Value, kw_only=False):
    """One character, which `test` admits."""

    test: Test


class Edge(Value, kw_only=False):
    """The start of the text, or its end."""

    side: Literal["start", "end"]


class Sequel(Value, kw_only=False):
    """One part after the other."""

    parts: tuple[Part, ...]


class Choice(Value, kw_only=False):
    """Any of the parts."""

    parts: tuple[Part, ...]


class Repeat(Value, kw_only=False):
    """A part, at least `low` times and at most `high`; None is without end."""

    part: Part
    low: int
    high: int | None


Part = Letter | Edge | Sequel | Choice | Repeat


@dataclass(slots=True)
class _State:
    """What leads on: a letter by `test`, an edge of the text by `side`, else nothing is read."""

    then: tuple[int, ...]
    test: Test | None = None
    side: str | None = None


@dataclass(slots=True, eq=False)
class _Place:
    """States that one may be in, and where each letter leads from them."""

    states: frozenset[int]
    moves: dict[str, _Place] = field(default_factory=dict)


class Automaton:
    """A pattern, ready to be looked for."""

    def __init__(self, part: Part) -> None:
        """Build it.

        Raises: ValueError where the pattern is too large, repetitions written out.
        """
        self._states = [_State(then=())]  # the end of the pattern is state 0
        self._start = self._build(part, 0)
        self._first = self._reach([self._start], at_start=True)
        self._anew = self._reach([self._start])
        self._places: dict[frozenset[int], _Place] = {}
        self._moves = 0

    def is_in(self, text: str) -> bool:
        """Whether the pattern fits any part of `text`."""
        place = self._place(self._first)
        for letter in text:
            if 0 in place.states:
                return True
            place = place.moves.get(letter) or self._move(place, letter)
        if 0 in place.states:
            return True
        return 0 in self._reach(place.states, at_start=not text, at_end=True)

    def _add(self, state: _State) -> int:
        if len(self._states) >= _MOST_STATES:
            raise ValueError("the pattern is too large")
        self._states.append(state)
        return len(self._states) - 1

    def _build(self, part: Part, then: int) -> int:
        """Add the states of `part`, the last of which leads to `then`; return the first."""
        match part:
            case Letter(test):
                return self._add(_State(then=(then,), test=test))
            case Edge(side):
                return self._add(_State(then=(then,), side=side))
            case Sequel(parts):
                for item in reversed(parts):
                    then = self._build(item, then)
                return then
            case Choice(parts):
                return self._add(_State(then=tuple(self._build(item, then) for item in parts)))
            case Repeat(item, low, high):
                return self._build_repeat(item, low, high, then)

    def _build_repeat(self, item: Part, low: int, high: int | None, then: int) -> int:
        if high is None:
            loop = self._add(_State(then=()))
            self._states[loop].then = (self._build(item, loop), then)
            then = loop
        else:
            leave = then
            for _ in range(high - low):
                then = self._add(_State(then=(self._build(item, then), leave)))
        for _ in range(low):
            first = self._build(item, then)
            if first == then:
                break  # the part is empty: repeating it would take time and add nothing
            then = first
        return then

    def _reach(
        self, states: Iterable[int], *, at_start: bool = False, at_end: bool = False
    ) -> frozenset[int]:
        """Return the states that are reached from `states` without a letter."""
        found: set[int] = set()
        waiting = list(states)
        edges = {"start": at_start, "end": at_end}
        while waiting:
            number = waiting.pop()
            if number in found:
                continue
            found.add(number)
            state = self._states[number]
            if state.test is None and (state.side is None or edges[state.side]):
                waiting += state.then
        return frozenset(found)

    def _place(self, states: frozenset[int]) -> _Place:
        return self._places.setdefault(states, _Place(states))

    def _move(self, place: _Place, letter: str) -> _Place:
        self._moves += 1
        if self._moves > _MOST_MOVES:
            self._places, self._moves = {}, 0
            place = _Place(place.states)
        there = [
            target
            for number in place.states
            if (test := self._states[number].test) and test(letter)
            for target in self._states[number].then
        ]
        found = self._place(self._reach(there) | self._anew)
        place.moves[letter] = found
        return found


def make_glob(text: str) -> Automaton:
    """Return the pattern of a whole text in which `*` stands for any letters and `?` for one.

    Raises: ValueError where it is too large.
    """
    anything = Letter(lambda _: True)
    parts: list[Part] = [Edge("start")]
    for letter in text:
        if letter == "*":
            parts.append(Repeat(anything, 0, None))
        else:
            parts.append(anything if letter == "?" else Letter(one_of(letter)))
    return Automaton(Sequel((*parts, Edge("end"))))


def one_of(wanted: str) -> Test:
    """Return what admits a letter in either case."""
    cases = cases_of(wanted)
    return lambda letter: not cases.isdisjoint(cases_of(letter))


def cases_of(letter: str) -> set[str]:
    """Return a letter in upper and lower case."""
    return {letter, letter.lower(), letter.upper()}
