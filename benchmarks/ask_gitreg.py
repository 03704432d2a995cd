"""gitreg's half of lookups.py."""

from __future__ import annotations

from collections.abc import Mapping

from questions import PAGE, Lookup, Question, run

import gitreg
from gitreg.registry.api import Registry


def open_half(where: str) -> Mapping[str, Lookup]:
    """Return the lookups in the registry of a folder."""
    registry = gitreg.open(where)
    return {
        "resolve a stage": lambda asked: registry["{holder}@{stage}".format(**asked)].version,
        "get a version": lambda asked: _get(registry, asked),
        "list a model's versions": lambda asked: len(registry.versions(asked["model"])),
        "filter by tag": lambda asked: _find(registry, "tag.{tag}:{value}".format(**asked)),
        "filter by metric": lambda asked: _find(
            registry, "metrics.{metric} >= {floor} order by metrics.{metric} desc".format(**asked)
        ),
        "find by words": lambda asked: _find(registry, asked["words"]),
        "similar versions": lambda asked: len(
            registry.similar("{model}@{version}".format(**asked), all_versions=True).versions
        ),
    }


def _get(registry: Registry, asked: Question) -> str:
    metadata = registry["{model}@{version}".format(**asked)].metadata
    return str(metadata["version"])


def _find(registry: Registry, query: str) -> int:
    return len(registry.search(query, limit=PAGE))


if __name__ == "__main__":
    run(open_half)
