"""How the value of a `gitreg.yaml` becomes a policy, with every problem found by its path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from gitreg.domain.gates import Gate
from gitreg.domain.key import TYPES, is_public_key
from gitreg.domain.model import decimal_of
from gitreg.domain.names import PERSON, STAGE, is_model_pattern, is_text
from gitreg.domain.policy import ModelPolicy, PolicyError, StagePolicy, Threshold, find_disorder

Path = tuple[str | int, ...]

_AGE = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}
_SHA256 = re.compile("[0-9a-f]{64}")
_METRIC = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@/:-]{0,99}")
_BOUNDS = ("min", "max", "min_change", "max_change", "max_gap")
# Whoever can push can propose a policy: what it costs to read one is bounded.
_MOST_PROBLEMS = 100
_MOST_NAMED = 1_000_000


def read_policy(value: object) -> dict[str, Any]:
    """Return the arguments of Policy.

    Raises: PolicyError with every problem.
    """
    reader = _Reader()
    arguments = reader.read(value)
    if reader.problems:
        raise PolicyError(reader.problems)
    return arguments


class _Reader:
    def __init__(self) -> None:
        self.problems: list[tuple[Path, str]] = []
        self.people: frozenset[str] = frozenset()
        self.roles: dict[str, frozenset[str]] = {}
        self.named = 0

    def wrong(self, path: Path, what: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append((path, what))

    def read(self, value: object) -> dict[str, Any]:
        known = {"gitreg", "people", "roles", "root", "beat", "max_age", "datasets", "models"}
        data = self.mapping(value, (), known)
        if type(data.get("gitreg")) is not int or data["gitreg"] != 1:
            self.wrong(("gitreg",), "must be 1, the format of this policy")
        keys = self.read_people(data.get("people"))
        self.people = frozenset(keys)
        self.read_roles(data.get("roles", {}))
        return {
            "keys": keys,
            "root": self.read_root(data.get("root"), keys),
            "beat": self.who(data.get("beat", []), ("beat",)),
            "max_age": self.read_age(data.get("max_age")),
            "datasets": (datasets := self.read_datasets(data.get("datasets", {}))),
            "models": self.read_models(data.get("models", {}), datasets),
            "source": data,
        }

    def mapping(
        self, value: object, path: Path, known: Iterable[str] | None = None
    ) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.wrong(path, "must be a mapping of names to values")
            return {}
        result = {key: entry for key, entry in value.items() if isinstance(key, str)}
        if len(result) != len(value):
            self.wrong(path, "has a name that is not a text: put it in quotes")
        if known is not None:
            for key in sorted(result.keys() - set(known)):
                self.wrong(
                    (*path, key), f"is not a field here: there are {', '.join(sorted(known))}"
                )
        return result

    def read_people(self, value: object) -> dict[str, tuple[str, ...]]:
        people: dict[str, tuple[str, ...]] = {}
        owner: dict[str, str] = {}
        for name, entry in self.mapping(value, ("people",)).items():
            path: Path = ("people", name)
            if not PERSON.fullmatch(name):
                self.wrong(path, "is not a person's name: use lower-case letters, digits, '.-_'")
            keys = self.mapping(entry, path, {"keys"}).get("keys")
            if not isinstance(keys, list):
                self.wrong((*path, "keys"), 'must be a list of public keys: ["ssh-ed25519 AAAA…"]')
                keys = []
            people[name] = tuple(
                self.read_key(key, (*path, "keys", i)) for i, key in enumerate(keys)
            )
            for position, key in enumerate(people[name]):
                if key and owner.setdefault(key, name) != name:
                    self.wrong((*path, "keys", position), f"is also a key of {owner[key]}")
        return people

    def read_key(self, value: object, path: Path) -> str:
        key = " ".join(value.split(" ")[:2]) if isinstance(value, str) else ""
        if not is_public_key(key):
            self.wrong(path, f"is not a public key of a type that can sign: {', '.join(TYPES)}")
            return ""
        return key

    def read_roles(self, value: object) -> None:
        for name, members in self.mapping(value, ("roles",)).items():
            if not PERSON.fullmatch(name) or name in self.people:
                self.wrong(("roles", name), "is not a role's name, or is a person's")
            self.roles[name] = self.who(members, ("roles", name))

    def who(self, value: object, path: Path) -> frozenset[str]:
        """Resolve a list of people and roles to people."""
        if not isinstance(value, list):
            self.wrong(path, "must be a list of people and roles")
            return frozenset()
        if len(value) == 1 and isinstance(value[0], str) and value[0] in self.roles:
            return self.roles[value[0]]
        found: set[str] = set()
        for position, name in enumerate(value):
            if isinstance(name, str) and name in self.roles:
                self.named += len(self.roles[name])
                if self.named > _MOST_NAMED:
                    self.wrong(path, f"names people over {_MOST_NAMED} times, roles written out")
                    break
                found |= self.roles[name]
            elif isinstance(name, str) and name in self.people:
                found.add(name)
            else:
                spelled = repr(name[:60]) if isinstance(name, str) else "what is not a text"
                self.wrong((*path, position), f"{spelled} is neither a person nor a role")
        return frozenset(found)

    def read_count(self, value: object, path: Path, *, low: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= 100:
            self.wrong(path, f"must be a number from {low} to 100")
            return low
        return value

    def read_root(self, value: object, keys: Mapping[str, tuple[str, ...]]) -> Threshold:
        data = self.mapping(value, ("root",), {"by", "threshold"})
        by = self.who(data.get("by"), ("root", "by"))
        count = self.read_count(data.get("threshold", 1), ("root", "threshold"), low=1)
        able = [person for person in by if keys.get(person)]
        if len(able) < count:
            what = f"nobody could change this policy: {count} must sign, {len(able)} have keys"
            self.wrong(("root",), what)
        return Threshold(by=by, count=count)

    def read_age(self, value: object) -> int | None:
        if value is None:
            return None
        match = _AGE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.wrong(("max_age",), "must be a number of hours, days or weeks: 12h, 30d or 4w")
            return None
        return int(match[1]) * _HOURS[match[2]] * 3600

    def read_datasets(self, value: object) -> dict[str, str]:
        datasets = {}
        for name, entry in self.mapping(value, ("datasets",)).items():
            path: Path = ("datasets", name)
            if not is_text(name):
                self.wrong(path, "is not a data set's name: write one line of text")
            data = self.mapping(entry, path, {"sha256", "uri", "description"})
            for field in ("uri", "description"):
                if not isinstance(data.get(field, ""), str):
                    self.wrong((*path, field), "must be a text")
            digest = data.get("sha256")
            if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
                self.wrong((*path, "sha256"), "must be 64 lower-case hex digits")
                digest = ""
            datasets[name] = digest
        return datasets

    def read_models(self, value: object, datasets: Mapping[str, str]) -> tuple[ModelPolicy, ...]:
        models = []
        known = {"owners", "register", "evaluate", "deploy", "yank", "allow_pickle", "stages"}
        for pattern, entry in self.mapping(value, ("models",)).items():
            path: Path = ("models", pattern)
            if not is_model_pattern(pattern):
                self.wrong(path, "is not a model name, nor a prefix of one that ends in '*'")
            data = self.mapping(entry, path, known)
            allow_pickle = data.get("allow_pickle", False)
            if not isinstance(allow_pickle, bool):
                self.wrong((*path, "allow_pickle"), "must be true or false")
            rights = {
                right: self.who(data.get(right, []), (*path, right))
                for right in ("owners", "register", "evaluate", "deploy", "yank")
            }
            stages = self.read_stages(data.get("stages", {}), (*path, "stages"), datasets)
            models.append(
                ModelPolicy(
                    pattern=pattern, allow_pickle=allow_pickle is True, stages=stages, **rights
                )
            )
        return tuple(models)

    def read_stages(
        self, value: object, path: Path, datasets: Mapping[str, str]
    ) -> dict[str, StagePolicy]:
        entries = self.mapping(value, path)
        stages = {}
        for name, entry in entries.items():
            if not STAGE.fullmatch(name):
                self.wrong((*path, name), "is not a stage name: begin with a lower-case letter")
            stages[name] = self.read_stage(entry, (*path, name), datasets)
        for name, what in find_disorder(stages):
            self.wrong((*path, name, "after"), what)
        return stages

    def read_stage(self, value: object, path: Path, datasets: Mapping[str, str]) -> StagePolicy:
        known = {"promote", "approve", "rollback", "after", "evidence", "gates"}
        data = self.mapping(value, path, known)
        approve = self.mapping(data.get("approve", {}), (*path, "approve"), {"by", "count"})
        rollback = self.mapping(data.get("rollback", {}), (*path, "rollback"), {"approve"})
        by = self.who(approve.get("by", []), (*path, "approve", "by"))
        default = 1 if approve else 0
        count = self.read_count(approve.get("count", default), (*path, "approve", "count"), low=0)
        again = self.read_count(rollback.get("approve", 0), (*path, "rollback", "approve"), low=0)
        if max(count, again) > len(by):
            self.wrong(
                (*path, "approve"), f"asks for more approvals than the {len(by)} people in by"
            )
        after = data.get("after")
        if after is not None and not isinstance(after, str):
            self.wrong((*path, "after"), "must be the name of a stage")
        evidence = data.get("evidence", "claimed")
        if evidence not in ("claimed", "measured"):
            self.wrong((*path, "evidence"), "must be claimed or measured")
        gates = self.read_gates(data.get("gates", []), (*path, "gates"), datasets)
        if evidence == "claimed" and any(gate.data for gate in gates):
            self.wrong((*path, "evidence"), "must be measured, for a gate names its data")
        return StagePolicy(
            promote=self.who(data.get("promote", []), (*path, "promote")),
            approve=Threshold(by=by, count=count),
            rollback_approvals=again,
            after=after if isinstance(after, str) else None,
            measured=evidence == "measured",
            gates=gates,
        )

    def read_gates(
        self, value: object, path: Path, datasets: Mapping[str, str]
    ) -> tuple[Gate, ...]:
        if not isinstance(value, list):
            self.wrong(path, "must be a list of gates: [{metric: accuracy, min: 0.9}]")
            return ()
        gates = tuple(self.read_gate(gate, (*path, i)) for i, gate in enumerate(value))
        named = {gate.data for gate in gates if gate.data is not None}
        for name in sorted(named - set(datasets)):
            self.wrong(path, f"the data set {name!r} is not in datasets")
        if len(named) > 1:
            self.wrong(path, "name one data set for a stage: a report measures one")
        return gates

    def read_gate(self, value: object, path: Path) -> Gate:
        data = self.mapping(value, path, {"metric", "slice", "data", *_BOUNDS})
        metric = data.get("metric")
        if not isinstance(metric, str) or not _METRIC.fullmatch(metric):
            self.wrong((*path, "metric"), "must be the name of a metric, such as accuracy")
            metric = ""
        if not any(bound in data for bound in _BOUNDS):
            self.wrong(path, f"needs one of {', '.join(_BOUNDS)}")
        if ("slice" in data) != ("max_gap" in data) or (
            "max_gap" in data and len(data.keys() & set(_BOUNDS)) > 1
        ):
            self.wrong(path, "slice and max_gap go together, in a gate of their own")
        bounds = {name: self.read_bound(data, path, name) for name in _BOUNDS}
        return Gate(
            metric=metric,
            slice=self.read_name(data, path, "slice"),
            data=self.read_name(data, path, "data"),
            **bounds,
        )

    def read_name(self, data: Mapping[str, Any], path: Path, name: str) -> str | None:
        text = data.get(name)
        if name in data and not (isinstance(text, str) and is_text(text)):
            self.wrong((*path, name), "must be a name")
            return None
        return text

    def read_bound(self, data: Mapping[str, Any], path: Path, name: str) -> Decimal | None:
        if name not in data:
            return None
        try:
            return decimal_of(name, data[name])
        except ValueError:
            self.wrong((*path, name), "must be a finite number")
            return None
