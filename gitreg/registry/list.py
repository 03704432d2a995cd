"""All models at a glance: the newest version of each, and who holds each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitreg.domain.entries import ModelEntry
from gitreg.domain.state import State
from gitreg.registry.asking import Answer, ask_catalog
from gitreg.registry.open import Registry
from gitreg.value import Value


class ModelSummary(Value):
    """One model; `newest` is its highest version that is not yanked, `stages` who holds what."""

    name: str
    newest: str | None
    versions: int
    stages: Mapping[str, str | None]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "name": self.name,
            "newest": self.newest,
            "versions": self.versions,
            "stages": dict(self.stages),
        }


class Catalogue(Value):
    """Every model, by name."""

    models: Sequence[ModelSummary]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"models": [model.to_dict() for model in self.models]}


class Catalogues(Value):
    """Every model of each registry in the user's catalog, or why a registry could not be read."""

    answers: Sequence[Answer[Catalogue]]

    @property
    def ok(self) -> bool:
        """Whether every registry could be read."""
        return all(answer.error is None for answer in self.answers)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "registries": [
                {
                    **answer.to_dict(),
                    "models": answer.value.to_dict()["models"] if answer.value else None,
                }
                for answer in self.answers
            ]
        }


def list_catalog() -> Catalogues:
    """Return every model of each registry in the user's catalog.

    Raises: InvalidError for a catalog that is none; SetupError.
    """
    return Catalogues(answers=list(ask_catalog(lambda _, registry: list_models(registry))))


def list_models(registry: Registry) -> Catalogue:
    """Return every model."""
    state = registry.state
    return Catalogue(models=[_summarize(state, entry) for entry in state.overview()])


def _summarize(state: State, entry: ModelEntry) -> ModelSummary:
    named = dict.fromkeys(_in_policy(state, entry.model))
    return ModelSummary(
        name=entry.model,
        newest=entry.newest,
        versions=entry.ordinal,
        stages={**named, **entry.stages},
    )


def stages_of(state: State, model: str) -> list[str]:
    """Return the model's stages in the order of the policy, then those that it had before."""
    return list(dict.fromkeys([*_in_policy(state, model), *state.stages(model)]))


def _in_policy(state: State, model: str) -> Iterable[str]:
    policy = state.policy()
    entry = policy.policy.for_model(model) if policy else None
    return entry.stages if entry else ()
