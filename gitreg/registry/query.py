"""Asking a deployed model: the version's golden examples, else inputs made from its signature."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gitreg.domain.names import is_path
from gitreg.errors import InvalidError
from gitreg.formats import ModelFile
from gitreg.formats.isolated import IsolatedModel, Limits
from gitreg.git.worktree import read_at
from gitreg.registry.open import Registry
from gitreg.registry.pull import bring_commit
from gitreg.registry.version import ModelVersion

Columns = Mapping[str, np.ndarray[Any, np.dtype[Any]]]

_ROWS = 2  # that sample inputs have
_TOLERANCE = 1e-6
_DTYPES = {"BOOL": "?", "FP16": "f2", "FP32": "f4", "FP64": "f8"} | {
    f"{sign}INT{bits}": f"{sign.lower() or 'i'}{bits // 8}"
    for sign in ("", "U")
    for bits in (8, 16, 32, 64)
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Columns to ask a model with, and what it must answer, where that is known."""

    source: str
    columns: Columns
    expected: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    tolerance: float = _TOLERANCE


def find_query(registry: Registry, version: ModelVersion) -> Query | None:
    """Return what a version can be asked; None where it has neither examples nor a signature.

    Raises: InvalidError for examples that are none; TransferError.
    """
    block = version.metadata.get("validation", {})
    if name := block.get("examples"):
        tolerance = float(block.get("tolerance", _TOLERANCE))
        return read_examples(_read(registry, version, name), name=name, tolerance=tolerance)
    inputs = version.metadata.get("signature", {}).get("inputs")
    if not inputs or any(item["datatype"] == "BYTES" for item in inputs):
        return None  # texts that mean something cannot be made up
    columns = {item["name"]: _sample(item["datatype"], item["shape"]) for item in inputs}
    return Query(source="sample inputs", columns=columns)


def _read(registry: Registry, version: ModelVersion, name: str) -> bytes:
    """Return a file of the model's folder as it was registered."""
    folder = version.entry.path
    path = name if folder == "." else f"{folder}/{name}"
    bring_commit(registry, version.entry)
    data = read_at(registry.repository, version.entry.commit, path) if is_path(name) else None
    if data is None:
        raise _invalid(name, f"the version's commit has no file {path[:200]!r}")
    return data


def read_examples(data: bytes, *, name: str, tolerance: float = _TOLERANCE) -> Query:
    """Read `{"inputs": {column: […]}, "outputs": {"prediction": […]}}`.

    Raises: InvalidError.
    """
    try:
        value = json.loads(data)
        inputs, outputs = value["inputs"], value.get("outputs", {})
        columns = {str(column): _array(items) for column, items in inputs.items()}
        rows = {len(items) for items in (*columns.values(), *outputs.values())}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _invalid(name, "it is not {inputs: {column: […]}, outputs: {…}}") from error
    if len(rows) != 1 or 0 in rows:
        raise _invalid(name, "its columns are empty, or differ in length")
    source = f"{rows.pop()} golden examples"
    return Query(source=source, columns=columns, expected=outputs, tolerance=tolerance)


def _invalid(name: str, what: str) -> InvalidError:
    return InvalidError(
        f"{name[:200]!r} cannot be asked with: {what}",
        next_step="validation.examples of docs/model.md; register a version that has them",
    )


def _array(items: Sequence[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    if not isinstance(items, list):
        raise TypeError
    found = np.asarray([np.nan if item is None else item for item in items])
    return found.astype(str) if found.dtype == object else found


def _sample(datatype: str, shape: Sequence[int]) -> np.ndarray[Any, np.dtype[Any]]:
    """Return rows of ones, a plain input; the first size of the shape is that of the batch."""
    rows, *sizes = shape or [-1]
    whole = [_ROWS if rows == -1 else rows, *(1 if size == -1 else size for size in sizes)]
    return np.ones(whole, dtype=_DTYPES[datatype])


def ask(file: ModelFile, query: Query | None, limits: Limits) -> None:
    """Load the model in a process of its own, and put the query to it if there is one.

    Raises: InvalidError where it fails, or answers otherwise; SetupError.
    """
    with IsolatedModel(file, limits) as model:
        if query is None:
            model.load()
            return
        answer = model.predict(query.columns)
    wrong = list(find_wrong(query, answer))
    if wrong:
        raise InvalidError(
            f"the model {file.path.name} does not answer as it should: {'; '.join(wrong)}",
            next_step="predict on the same rows where it was trained; do the packages differ?",
        )


def find_wrong(query: Query, answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an answer lacks, and where it differs from what is expected."""
    rows = len(next(iter(query.columns.values())))
    for name in {"prediction", "score"} & answer.keys():
        found = answer[name]
        if found.shape[:1] != (rows,):
            yield f"{name} is of the shape {found.shape} for {rows} rows"
        elif found.dtype.kind == "f" and np.isnan(found).any():
            yield f"{name} is not a number"
    for name, expected in query.expected.items():
        if name not in answer:
            yield f"there is no {name}"
        elif not _equal(answer[name], np.asarray(expected), query.tolerance):
            yield f"{name} is not that of {query.source}"


def _equal(found: Any, expected: Any, tolerance: float) -> bool:
    if found.shape != expected.shape:
        return False
    if found.dtype.kind in "fiub" and expected.dtype.kind in "fiub":
        return bool(np.allclose(found, expected, rtol=tolerance, atol=tolerance))
    return bool(np.array_equal(found.astype(str), expected.astype(str)))
