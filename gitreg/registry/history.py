"""What happened to a model, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitreg.domain.names import parse_model
from gitreg.errors import NotFoundError
from gitreg.registry.open import Registry
from gitreg.registry.show import Statement, statements


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Every record about one model, newest first."""

    model: str
    statements: Sequence[Statement]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"model": self.model, "records": [item.to_dict() for item in self.statements]}


def history(registry: Registry, model: str) -> History:
    """Return the history of a model.

    Raises: UsageError; NotFoundError where there is no such model.
    """
    parse_model(model)
    found = statements(registry, model)
    if not found:
        raise NotFoundError(f"there is no model {model}", next_step="gitreg list shows them")
    return History(model=model, statements=found[::-1])
