"""The policy: people, their keys and roles, and what each may do (docs/policy.md).

`Policy.from_dict` reads the value of a `gitreg.yaml`, and finds everything that is wrong with it
at once. It is part of the frozen rules: what it refuses can never come into force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self

from gitreg.domain.gates import Gate
from gitreg.value import Value, fields_of


class PolicyError(ValueError):
    """The policy cannot be in force; `problems` has each (path, what), path as in the file."""

    def __init__(self, problems: list[tuple[tuple[str | int, ...], str]]) -> None:
        self.problems = problems
        places = [".".join(map(str, path))[:200] or "policy" for path, _ in problems]
        lines = [
            f"{place}: {what[:300]}" for place, (_, what) in zip(places, problems, strict=True)
        ]
        super().__init__("; ".join(lines))


class Threshold(Value):
    """So many distinct people out of `by`."""

    by: frozenset[str] = frozenset()
    count: int = 0


class StagePolicy(Value):
    """What it takes to enter one stage."""

    promote: frozenset[str] = frozenset()
    approve: Threshold = Threshold()
    rollback_approvals: int = 0
    after: str | None = None
    measured: bool = False
    gates: tuple[Gate, ...] = ()

    @property
    def data(self) -> str | None:
        """The data set that the gates name; a stage has at most one."""
        return next((gate.data for gate in self.gates if gate.data), None)


class ModelPolicy(Value):
    """Who may do what to the models that one entry of `models:` matches."""

    pattern: str
    owners: frozenset[str] = frozenset()
    register: frozenset[str] = frozenset()
    evaluate: frozenset[str] = frozenset()
    deploy: frozenset[str] = frozenset()
    yank: frozenset[str] = frozenset()
    allow_pickle: bool = False
    stages: Mapping[str, StagePolicy] = {}

    def matches(self, model: str) -> bool:
        """Whether the entry's name or prefix fits `model`."""
        if self.pattern.endswith("*"):
            return model.startswith(self.pattern[:-1])
        return model == self.pattern

    @property
    def precedence(self) -> tuple[bool, int]:
        """The order among the entries that match one model; the highest governs it."""
        return (not self.pattern.endswith("*"), len(self.pattern))


class Policy(Value):  # noqa: PLW1641 it holds mappings, which have none
    """A policy that can be in force. People in rights are resolved from roles to names.

    `source` is what it was read from; two that come to the same are equal.
    """

    __slots__ = ("__dict__",)  # for what is worked out once

    keys: Mapping[str, tuple[str, ...]]
    root: Threshold
    beat: frozenset[str] = frozenset()
    datasets: Mapping[str, str] = {}
    max_age: int | None = None
    models: tuple[ModelPolicy, ...] = ()
    source: Mapping[str, Any] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Policy):
            return NotImplemented
        return {**fields_of(self), "source": None} == {**fields_of(other), "source": None}

    @classmethod
    def from_dict(cls, value: object) -> Self:
        """Read the value of a `gitreg.yaml`; `max_age` becomes seconds.

        Raises: PolicyError with every problem.
        """
        from gitreg.domain.policy_reader import read_policy

        return cls(**read_policy(value))

    @cached_property
    def _people(self) -> dict[str, str]:
        return {key: person for person, keys in self.keys.items() for key in keys}

    def person_of(self, key: str) -> str | None:
        """Return whose key `key` (`type base64`) is, if anyone's."""
        return self._people.get(key)

    @cached_property
    def _governing(self) -> dict[str, ModelPolicy | None]:
        return {}  # filled as models are asked for: several rules do, of every record

    def for_model(self, model: str) -> ModelPolicy | None:
        """Return the entry that governs `model`: its exact name, else the longest prefix."""
        if model not in self._governing:
            fitting = [entry for entry in self.models if entry.matches(model)]
            found = max(fitting, key=lambda entry: entry.precedence, default=None)
            self._governing[model] = found
        return self._governing[model]

    def stage(self, model: str, stage: str) -> StagePolicy | None:
        """Return what governs `stage` of `model`, if the model has it."""
        entry = self.for_model(model)
        return entry.stages.get(stage) if entry else None


def find_disorder(stages: Mapping[str, StagePolicy]) -> Iterator[tuple[str, str]]:
    """Yield each stage that nothing could enter for what it comes after, and why."""
    seen: set[str] = set()  # each is walked through once, however many there are
    for start in stages:
        walk: list[str] = []
        name: str | None = start
        while name is not None and name in stages and name not in seen:
            seen.add(name)
            walk.append(name)
            name = stages[name].after
        if name is not None and name not in stages:
            yield walk[-1], f"{name[:60]!r} is not a stage here"
        elif name in walk:
            circle = walk[walk.index(name) :]
            yield from ((one, "nothing could enter it: it comes after itself") for one in circle)
