"""One version as queries see it: values by field, and the texts in which words are looked for.

What a `model.json` says beyond the rules of the ledger is anybody's text: what has not the shape
of the schema has no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from gitreg.domain.entries import VersionEntry
from gitreg.domain.model import decimal_of
from gitreg.domain.query.literals import Comparable
from gitreg.domain.version import Version
from gitreg.value import Value


class Document(Value):
    """One version: `values` has what each field holds, in its own order; absent ones are absent.

    `registry` is the name of the one that it is in, empty where there is but one.
    """

    model: str
    version: Version
    values: Mapping[str, Sequence[Comparable]]
    texts: Sequence[str] = ()
    registry: str = ""

    @property
    def reference(self) -> str:
        """The version, such as `iris@1.2.0`."""
        return f"{self.model}@{self.version}"


def describe(entry: VersionEntry, metadata: Mapping[str, Any]) -> Document:
    """Return the document of a version whose `model.json` is `metadata`.

    It has what never changes, and so nothing that the ledger said later.
    """
    values: dict[str, Sequence[Comparable]] = {
        "name": (entry.model,),
        "version": (version := Version.parse(entry.version),),
        "registered": (entry.time,),
        "by": (entry.person,),
        **_read_texts(metadata),
        **_read_numbers(metadata),
        **{f"tag.{key}": found for key, found in _flatten(metadata.get("tags"))},
        **{f"params.{key}": found for key, found in _flatten(_parameters(metadata))},
        **{f"claimed.{name}": (figure,) for name, figure in entry.metrics.items()},
    }
    return Document(
        model=entry.model,
        version=version,
        values={name: found for name, found in values.items() if found},
        texts=tuple(_texts(entry.model, metadata)),
    )


def _read_texts(metadata: Mapping[str, Any]) -> dict[str, Sequence[Comparable]]:
    places = {
        "description": ("description",),
        "task": ("task",),
        "license": ("license",),
        "framework.name": ("framework", "name"),
        "framework.version": ("framework", "version"),
        "family": ("architecture", "family"),
        "dataset": ("training", "dataset", "name"),
    }
    found: dict[str, Sequence[Comparable]] = {
        name: tuple(filter(_is_text, [_at(metadata, *path)])) for name, path in places.items()
    }
    parents = _list(_at(metadata, "training", "parents"))
    named = [_at(item, "uri") if isinstance(item, dict) else item for item in parents]
    found["parent"] = tuple(filter(_is_text, named))
    authors = [_at(item, "name") for item in _list(metadata.get("authors"))]
    found["author"] = tuple(filter(_is_text, authors))
    formats = [_at(item, "format") for item in _list(metadata.get("artifacts"))]
    found["format"] = tuple(dict.fromkeys(filter(_is_text, formats)))
    return found


def _read_numbers(metadata: Mapping[str, Any]) -> dict[str, Sequence[Comparable]]:
    sizes = [_scalar(_at(item, "size")) for item in _list(metadata.get("artifacts"))]
    parameters = _scalar(_at(metadata, "architecture", "parameters"))
    return {
        "size": (sum((size for size in sizes if isinstance(size, Decimal)), Decimal()),),
        "parameters": (parameters,) if isinstance(parameters, Decimal) else (),
    }


def _parameters(metadata: Mapping[str, Any]) -> object:
    return _at(metadata, "architecture", "hyperparameters")


def _texts(name: str, metadata: Mapping[str, Any]) -> Iterator[str]:
    yield name
    for place in (metadata.get("description"), metadata.get("card"), metadata.get("tags")):
        if isinstance(place, str):
            yield place
        for key, found in _flatten(place):
            words = " ".join(value for value in found if isinstance(value, str))
            yield f"{key} {words}" if place is metadata.get("tags") else words


def _flatten(data: object, before: str = "") -> Iterator[tuple[str, tuple[Comparable, ...]]]:
    """Yield the dotted names of all plain values of a mapping; a list has several."""
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{before}{key}.")
        else:
            several = value if isinstance(value, list) else [value]
            found = tuple(item for item in map(_scalar, several) if item is not None)
            if found:
                yield f"{before}{key}", found


def _scalar(value: object) -> str | bool | Decimal | None:
    if isinstance(value, str | bool):
        return value
    try:
        return decimal_of("", value)
    except ValueError:
        return None


def _at(data: object, *path: str) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_text(value: object) -> bool:
    return isinstance(value, str)
