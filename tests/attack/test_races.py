"""Attack 17: two people promote at once. Exactly one wins, the other is told or rebuilt on top.

Each race is staged: between signing and publishing, the one lets the other go first, as a seed has
it, and that one in turn a third. What gitreg does then is what it does among processes, which
tests/e2e/test_two_writers.py has; nothing here waits for luck.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from gitreg.errors import RefusedError
from gitreg.git.remote import Remote
from gitreg.git.repository import Repository
from gitreg.ledger.appending import Appended, append
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.sharing import write
from gitreg.ledger.verified import Ledger
from gitreg.registry.promote import draft_promotion
from tests.attack.crew import Crew
from tests.fixtures import refs_of

PEOPLE = ("alice", "bob", "ci")
AT_ONCE = 3


@dataclass
class Race:
    """People who promote iris to canary, each in a repository of their own or all in one.

    `tried` counts compare-and-swaps, `won` has the commits of those that were told they won, and
    `told` the rules of the others.
    """

    crew: Crew
    desks: Sequence[Repository]
    remote: Remote | None
    luck: random.Random  # of a seed: a race that fails can be run again
    tried: int = 0
    won: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def promote(self, others: int = AT_ONCE - 1) -> None:
        """Let somebody promote some version, while up to so many `others` come between."""
        number, version = self.luck.randrange(len(PEOPLE)), self.luck.choice(("1.0.0", "1.1.0"))
        person, desk = PEOPLE[number], self.desks[number % len(self.desks)]

        def build(ledger: Ledger) -> list[Appended]:
            entry = ledger.state.version("iris", version)
            assert entry is not None
            draft = draft_promotion(ledger.state, entry, "canary")
            return [append(desk, ledger, draft, self.crew.signer(person))]

        def come_between(_: Sequence[Appended]) -> None:
            self.tried += 1
            if others and self.luck.random() < 0.5:
                self.promote(others - 1)

        try:
            _, appended = write(desk, self.remote, build, before_push=come_between)
        except RefusedError as error:
            self.told.append(error.rule)
        else:
            self.won += [item.commit for item in appended]

    def check(self, before: Ledger) -> None:
        """See that the ledger has what was there, then what won in this order, and no more."""
        crew, start = self.crew, len(before.records)
        after = crew.ledger_anew()
        assert after.void == []
        assert after.records[:start] == before.records
        assert [item.commit for item in after.records[start:]] == self.won
        assert set(self.told) <= {"replaces"}  # it holds the stage already
        tags = refs_of(crew.origin)
        for number, item in enumerate(after.records[start:], 1):
            assert item.record.seq == number
            assert tags[f"refs/tags/iris#canary#{number}"] == item.record.tag_object_id()


@pytest.mark.parametrize("seed", range(20))
def test_17_a_thousand_times_over_in_one_repository(crew: Crew, seed: int) -> None:
    race = Race(crew, [crew.repository], None, random.Random(seed))  # noqa: S311
    before = read_ledger(crew.repository, crew.tip)
    while race.tried < 50:
        race.promote()
    race.check(before)
    assert len(race.won) < race.tried
    assert race.told


@pytest.mark.parametrize("seed", range(2))
def test_17_among_clones_of_one_remote(crew: Crew, seed: int) -> None:
    desks = [Repository.discover(clone) for clone in (crew.dave, crew.attacker)]
    remote = Remote(name="origin", url=str(crew.origin), push_url=str(crew.origin))
    race = Race(crew, desks, remote, random.Random(seed))  # noqa: S311
    before = read_ledger(crew.repository, crew.tip)
    while race.tried < 12:
        race.promote()
    race.check(before)
    assert len(race.won) < race.tried
