"""Targets: where the versions that hold a stage are deployed to (docs/deploy.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from gitreg.domain.policy import ModelPolicy, Policy, Threshold
from gitreg.value import Value

Need = Literal["query", "load", "bytes"]


class Trial(Value):
    """What a version must pass where it is deployed.

    `query`: it answers; `load`: it loads, and answers where there is something to ask; `bytes`: it
    is what was signed, no more. `seconds` and `memory_mib` bound its process.
    """

    need: Need = "load"
    seconds: float = 300.0
    memory_mib: int = 8192


class TargetSettings(Value):
    """One target as `deploy.yaml` has it; `options` are those of its kind."""

    name: str
    kind: str
    options: Mapping[str, Any] = {}
    trial: Trial = Trial()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read one target, whose shape the schema has checked."""
        own = {"name", "target", "check"}
        return cls(
            name=data["name"],
            kind=data["target"],
            options={key: value for key, value in data.items() if key not in own},
            trial=Trial(**data.get("check", {})),
        )

    def to_dict(self) -> dict[str, object]:
        """The entry, as in `deploy.yaml`."""
        trial = self.trial
        check = {
            "need": trial.need,
            "seconds": trial.seconds,
            "memory_mib": trial.memory_mib,
        }
        return {"name": self.name, "target": self.kind, **self.options, "check": check}


class Targets(Value):
    """All of a `deploy.yaml`: targets by pattern of models and by stage."""

    models: Mapping[str, Mapping[str, Sequence[TargetSettings]]] = {}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read the value of a `deploy.yaml`, whose shape the schema has checked."""
        return cls(
            models={
                pattern: {
                    stage: tuple(map(TargetSettings.from_dict, targets))
                    for stage, targets in stages.items()
                }
                for pattern, stages in data.get("models", {}).items()
            }
        )

    def of(self, model: str, stage: str) -> tuple[TargetSettings, ...]:
        """Return where the holder of `stage` goes: of the exact name, else the longest prefix."""
        entries = tuple(ModelPolicy(pattern=pattern) for pattern in self.models)
        found = Policy(keys={}, root=Threshold(), models=entries).for_model(model)
        return tuple(self.models[found.pattern].get(stage, ())) if found else ()
