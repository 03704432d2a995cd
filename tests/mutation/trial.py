"""Trying mutants: each runs its test in a fork of a process that has imported everything.

A fork costs a hundredth of a new process, begins with the fixtures of the whole session, and
takes the mutant along when it ends. Each test must also pass in a fork where nothing is taken out.
"""

from __future__ import annotations

import gc
import json
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

import pytest

from tests.mutation.mutant import Mutant, apply

# Seconds for one test: a mutant may take out what ends a loop.
_PATIENCE = 120
_FEW = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a mutant: the test that failed, or None; and what it said."""

    mutant: Mutant
    killer: str | None
    said: str


class Trial:
    """A pytest plugin that tries mutants instead of running the tests; it tells in their order.

    `broken` has the tests that fail without any mutant, each with what it said.
    """

    def __init__(
        self, mutants: Sequence[Mutant], *, at_once: int, tell: Callable[[Outcome], object]
    ) -> None:
        self.mutants, self.at_once, self.tell = mutants, at_once, tell
        self.broken: list[tuple[str, str]] = []

    @property
    def tests(self) -> list[str]:
        """The node ids of the tests that are needed, each once."""
        return list(dict.fromkeys(mutant.test for mutant in self.mutants))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what cannot be collected."""
        if report.failed:
            self.broken.append((report.nodeid, report.longreprtext))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the tests that fail."""
        if report.failed:
            self.broken.append((report.nodeid, report.longreprtext))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try everything; after this there is nothing left to run."""
        _set_up_what_is_shared(session)
        if self.broken:
            return True
        tests, nothing = self.tests, Mutant(what="nothing", swaps=(), test="")
        parts = [tests[start : start + _FEW] for start in range(0, len(tests), _FEW)]
        for outcome in self._try_all([(nothing, part) for part in parts], session):
            if outcome.killer or outcome.said:
                self.broken.append((outcome.killer or "one of many", outcome.said))
        if not self.broken:
            pairs = [(mutant, [mutant.test]) for mutant in self.mutants]
            for outcome in self._try_all(pairs, session):
                self.tell(outcome)
        return True

    def _try_all(
        self, pairs: Iterable[tuple[Mutant, Sequence[str]]], session: pytest.Session
    ) -> Iterator[Outcome]:
        running: deque[tuple[Mutant, int, int]] = deque()
        for mutant, tests in pairs:
            items = [item for item in session.items if any(_is_of(item, test) for test in tests)]
            running.append((mutant, *self._begin(mutant, items, session)))
            if len(running) == self.at_once:
                yield _end(*running.popleft())
        while running:
            yield _end(*running.popleft())

    def _begin(
        self, mutant: Mutant, items: Iterable[pytest.Item], session: pytest.Session
    ) -> tuple[int, int]:
        reading, writing = os.pipe()
        child = os.fork()
        if child:
            os.close(writing)
            return child, reading
        try:
            self._try(mutant, items, session, writing)
        finally:
            os._exit(1)

    def _try(
        self, mutant: Mutant, items: Iterable[pytest.Item], session: pytest.Session, answer: int
    ) -> NoReturn:
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silence, stream)
        apply(mutant)
        for item in items:
            signal.alarm(_PATIENCE)
            _run(item, session)
            if self.broken:
                break
        name, said = self.broken[0] if self.broken else (None, "")
        with os.fdopen(answer, "w") as file:
            json.dump([name, said[-4000:]], file)
        os._exit(0)


def _set_up_what_is_shared(session: pytest.Session) -> None:
    """Run the first test that asks for some fixture; what the session shares stays set up."""
    known: set[str] = set()
    for item in session.items:
        names = set(getattr(item, "fixturenames", ()))
        if names - known:
            _run(item, session)
        known |= names
    gc.collect()
    gc.freeze()  # a collection in a fork would copy the memory that it shares


def _run(item: pytest.Item, session: pytest.Session) -> None:
    # "Next" is the session: all is torn down but what the whole session shares.
    following = cast("pytest.Item", session)
    item.ihook.pytest_runtest_protocol(item=item, nextitem=following)


def _is_of(item: pytest.Item, test: str) -> bool:
    return item.nodeid == test or item.nodeid.startswith(f"{test}[")


def _end(mutant: Mutant, child: int, reading: int) -> Outcome:
    with os.fdopen(reading) as file:
        answer = file.read()
    _, status = os.waitpid(child, 0)
    if not answer:
        code = os.waitstatus_to_exitcode(status)
        return Outcome(mutant=mutant, killer=None, said=f"its process ended with {code}")
    killer, said = json.loads(answer)
    return Outcome(mutant=mutant, killer=killer, said=said)
