"""Every finding about one version's `model.yaml`, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from gitreg import schema, yaml12
from gitreg.domain.canonical import dumps
from gitreg.domain.finding import Finding
from gitreg.domain.model import ModelDocument
from gitreg.domain.names import MODEL, is_path
from gitreg.domain.version import VERSION
from gitreg.errors import InvalidError
from gitreg.yaml12 import Document

Wrong = Callable[[tuple[str | int, ...], str, str], Finding]


def read_model(data: bytes, *, name: str) -> Document:
    """Read a `model.yaml` that a person may still be writing: its artifacts need paths alone.

    Raises: InvalidError with every finding.
    """
    document = yaml12.load(data, name=name)
    if not isinstance(document.value, dict):
        what = "the file is not a mapping of fields to values"
        finding = Finding(severity="error", code="model.shape", where=f"{name}:1", what=what)
        raise InvalidError(f"{name}: {what}", findings=[finding])
    findings = schema.check(document, schema="model.v1", name=name)
    said = {_field(finding) for finding in findings}
    others = (finding for finding in _beyond(document, name) if _field(finding) not in said)
    findings += islice(others, 100)
    refuse(name, findings)
    return document


def check_complete(value: object, *, name: str) -> ModelDocument:
    """Return the document of a filled-in `model.yaml`.

    Raises: InvalidError.
    """
    try:
        dumps(value)
        return ModelDocument.from_dict(value)
    except ValueError as error:
        finding = Finding(severity="error", code="model.incomplete", where=name, what=str(error))
        raise InvalidError(f"{name}: {error}", findings=[finding]) from error


def refuse(name: str, findings: Iterable[Finding]) -> None:
    """Raise InvalidError if any finding is an error."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return
    count = f"{len(errors)} fields are wrong" if len(errors) > 1 else errors[0].what
    raise InvalidError(f"{name}: {count}", findings=errors, next_step=errors[0].next_step)


def _field(finding: Finding) -> tuple[str, str]:
    return finding.where, finding.what.partition(" ")[0]


def _beyond(document: Document, name: str) -> Iterator[Finding]:
    """Yield what a JSON Schema cannot say, among what it has said already."""

    def wrong(path: tuple[str | int, ...], what: str, next_step: str) -> Finding:
        where = f"{name}:{document.line(path)}"
        field = ".".join(map(str, path))
        return Finding(
            severity="error",
            code="model.field",
            where=where,
            what=f"{field} {what}",
            next_step=next_step,
        )

    value: dict[str, Any] = document.value
    model, version = value.get("name"), value.get("version")
    if isinstance(model, str) and not MODEL.fullmatch(model):
        yield wrong(("name",), f"cannot be {model[:80]!r}: it is reserved", "choose another name")
    if isinstance(version, str) and not VERSION.fullmatch(version):
        yield wrong(
            ("version",), f"cannot be {version[:80]!r}", "write MAJOR.MINOR.PATCH, such as 1.2.0"
        )
    artifacts = value.get("artifacts")
    for index, entry in enumerate(artifacts if isinstance(artifacts, list) else []):
        yield from _leading_out(entry, ("artifacts", index, "path"), wrong)
    yield from _leading_out(value.get("validation"), ("validation", "examples"), wrong)
    for path, number in _numbers(value, ()):
        if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 NaN
            yield wrong(path, f"cannot be {number}", "write a finite number")


def _leading_out(entry: object, place: tuple[str | int, ...], wrong: Wrong) -> Iterator[Finding]:
    path = entry.get(place[-1]) if isinstance(entry, dict) else None
    if isinstance(path, str) and not is_path(path):
        what = f"cannot be {path[:80]!r}: it must stay within the model's folder"
        yield wrong(place, what, "write a plain relative path")


def _numbers(
    value: object, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], float]]:
    if isinstance(value, float):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _numbers(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers(item, (*path, index))


def display_name(path: Path, root: Path | None) -> str:
    """Return how messages name a file: relative to the repository where it lies in it."""
    return path.relative_to(root).as_posix() if root and path.is_relative_to(root) else str(path)
