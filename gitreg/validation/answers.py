"""Answers of a model, compared with a signature and with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitreg.validation.samples import DTYPES

_OUTPUTS = ("prediction", "score")


def name_outputs(signature: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> list[str]:
    """Return for each output of the signature what it is called in an answer, empty for none.

    One that is called `prediction` or `score` is that; others are in their order what is left.
    """
    left = [name for name in _OUTPUTS if name in answer]
    left = [name for name in left if name not in {item["name"] for item in signature}]
    return [
        item["name"] if item["name"] in answer else left.pop(0) if left else ""
        for item in signature
    ]


def check_answer(
    answer: Mapping[str, Any], signature: Sequence[Mapping[str, Any]], rows: int
) -> Iterator[str]:
    """Yield what is wrong with an answer to so many rows."""
    if not any(name in answer for name in _OUTPUTS):
        yield "it answers without a prediction"
    for name in _OUTPUTS:
        found = answer.get(name)
        if found is not None and (found.ndim == 0 or len(found) != rows):
            yield f"{name} has the shape {list(found.shape)} for {rows} rows"
        elif found is not None and (bad := count_unreal(found)):
            yield f"{name} has {bad} values that are no finite numbers (NaN)"
    for item, name in zip(signature, name_outputs(signature, answer), strict=True):
        if not name:
            yield f"it has no output for {item['name']} of the signature"
            continue
        found, dtype, shape = answer[name], DTYPES[item["datatype"]], item["shape"]
        kind = "str" if found.dtype.kind == "U" else found.dtype.name
        if kind != dtype:
            yield f"{name} is {datatype_of(kind)}, and the signature says {item['datatype']}"
        if not _fits(found.shape, shape):
            yield f"{name} has the shape {list(found.shape)}, and the signature says {shape}"


def _fits(found: tuple[int, ...], shape: Sequence[int]) -> bool:
    sizes = zip(found, shape, strict=False)
    return len(found) == len(shape) and all(size in (-1, there) for there, size in sizes)


def datatype_of(kind: str) -> str:
    """Return the V2 name of a numpy type."""
    return next((name for name, dtype in DTYPES.items() if dtype == kind), kind)


def count_unreal(values: Any) -> int:
    """Return how many values are NaN or infinite."""
    import numpy as np

    return int(np.sum(~np.isfinite(values))) if values.dtype.kind == "f" else 0


def differing_rows(one: Any, other: Any, tolerance: float) -> Any:
    """Return which rows of two arrays differ: numbers by more than `tolerance`, relative or to 1.

    NaN is like NaN. Arrays of other shapes differ in every row.
    """
    import numpy as np

    if one.shape != other.shape:
        return np.ones(max(len(one), len(other)), bool)
    if "U" in (one.dtype.kind, other.dtype.kind):
        apart = one.astype(str) != other.astype(str)
    elif "f" in (one.dtype.kind, other.dtype.kind):
        near = np.isclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True)
        apart = ~near
    else:
        apart = one != other
    return apart.reshape(len(apart), -1).any(axis=1)


def compare(
    one: Mapping[str, Any], other: Mapping[str, Any], tolerance: float
) -> Iterator[tuple[str, str]]:
    """Yield the outputs that two answers do not share, each with how it differs in words."""
    for name in _OUTPUTS:
        if (name in one) != (name in other):
            yield name, "is there once and missing once"
        elif name in one:
            rows = differing_rows(one[name], other[name], tolerance)
            if rows.any():
                yield name, describe_row(one[name], other[name], rows)


def compare_expected(
    answer: Mapping[str, Any],
    expected: Mapping[str, Any],
    signature: Sequence[Mapping[str, Any]],
    tolerance: float,
) -> Iterator[str]:
    """Yield where an answer is not the expected one, whose outputs the signature may name."""
    names = [item["name"] for item in signature]
    called = dict(zip(names, name_outputs(signature, answer), strict=True))
    for name, wanted in expected.items():
        found = answer.get(called.get(name, name))
        if found is None:
            yield f"the model answers no {name}"
        elif (rows := differing_rows(wanted, found, tolerance)).any():
            yield f"{name} {describe_row(wanted, found, rows)}"


def describe_row(one: Any, other: Any, rows: Any) -> str:
    """Return in words how the first of `rows` that differ does so."""
    first, count = int(rows.argmax()), int(rows.sum())
    if one.shape != other.shape:
        return f"has the shape {list(one.shape)}, then {list(other.shape)}"
    more = f", and {count - 1} more of {len(rows)} rows" if count > 1 else ""
    return f"of row {first} is {show(one[first])}, then {show(other[first])}{more}"


def show(value: Any) -> str:
    """Return a value of an array in a few words."""
    text = repr(value.tolist())
    return text if len(text) <= 60 else text[:59] + "…"
