"""Rows to measure: target, prediction, score, weight and groups, checked once as they come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics.arrays import Array, Floats
from gitreg.value import Value, replace

_LONGEST = 1000  # an array gives each text the room of its longest


class Batch(Value, eq=False):
    """Some rows of the data. Make one with `read_batch`, which checks it.

    `target`: (rows,) labels or numbers; (rows, labels) of 0 and 1 for multi-label, (rows,
    candidates) relevances for ranking, where a row is one query. `prediction`: like the target.
    `score`: (rows,) of the positive class, (rows, classes), or (rows, candidates). `groups`: slice
    to each row's group. `first_row`: where the first row stands in the whole data; errors name
    rows by it and resamples are drawn by it, so shards must tell it. `draws`: how often each row
    counts in each resample.
    """

    target: Array
    prediction: Array | None = None
    score: Array | None = None
    weight: Floats | None = None
    groups: Mapping[str, Array] = {}
    first_row: int = 0
    draws: Floats | None = None

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: slice | Array) -> Self:
        """Return these rows alone; a mask or a slice. `first_row` is right for slices only."""

        def cut(array: Array | None) -> Any:
            return None if array is None else array[rows]

        start = (rows.start or 0) if isinstance(rows, slice) else 0
        return replace(
            self,
            target=self.target[rows],
            prediction=cut(self.prediction),
            score=cut(self.score),
            weight=cut(self.weight),
            groups={name: groups[rows] for name, groups in self.groups.items()},
            first_row=self.first_row + start,
            draws=cut(self.draws),
        )


def read_batch(
    target: Any,
    *,
    prediction: Any = None,
    score: Any = None,
    weight: Any = None,
    groups: Mapping[str, Any] | None = None,
    first_row: int = 0,
) -> Batch:
    """Return rows whose columns are as long as the target and hold no missing value.

    Arguments: see Batch; anything that numpy makes an array of. A missing group is called
    "missing".

    Raises: InvalidError that names the column and the first row that is wrong.
    """
    rows = _read_column("target", target, first_row)
    if rows.ndim == 0:
        raise InvalidError("the target is a single value", next_step="give one value a row")
    columns = {"prediction": prediction, "score": score, "weight": weight}
    read = {
        name: _read_column(name, column, first_row)
        for name, column in columns.items()
        if column is not None
    }
    named = {name: _read_groups(column) for name, column in (groups or {}).items()}
    for name, column in {**read, **named}.items():
        if column.shape[:1] != rows.shape[:1]:
            raise InvalidError(
                f"{name} has {len(column) if column.ndim else 1} rows, the target {len(rows)}",
                next_step="give every column one value a row",
            )
    weights = read.get("weight")
    return Batch(
        target=rows,
        prediction=read.get("prediction"),
        score=_check_numbers("score", read.get("score"), first_row),
        weight=None if weights is None else _check_weight(weights, first_row),
        groups=named,
        first_row=first_row,
    )


def _read_column(name: str, column: Any, first_row: int) -> Array:
    try:
        array: Array = np.asarray(column)
    except ValueError as error:
        raise InvalidError(
            f"{name} has rows of different lengths", next_step="make every row as long"
        ) from error
    if array.dtype.kind == "O":
        array = _read_objects(name, array, first_row)
    if array.dtype.kind not in "biufUT" or array.ndim > 2:
        raise InvalidError(
            f"{name} is an array of {array.dtype} with {array.ndim} dimensions",
            next_step="give numbers or text, in one dimension or two",
        )
    if array.dtype.kind == "f":
        _refuse(name, ~np.isfinite(array), array, first_row)
    return array


def _read_objects(name: str, array: Array, first_row: int) -> Array:
    flat = array.ravel().tolist()
    missing = [value is None or value != value for value in flat]  # noqa: PLR0124 NaN alone
    _refuse(name, np.array(missing, dtype=bool).reshape(array.shape), array, first_row)
    long = [isinstance(value, str) and len(value) > _LONGEST for value in flat]
    if any(long):
        row = long.index(True)
        raise InvalidError(
            f"{name} is a text of {len(flat[row])} characters in row {first_row + row}",
            next_step="name the column of the labels",
        )
    if len({isinstance(value, str) for value in flat}) > 1:
        raise InvalidError(f"{name} mixes text and numbers", next_step="make it one or the other")
    return np.array(flat).reshape(array.shape) if flat else array.astype(np.float64)


def _read_groups(column: Any) -> Array:
    array: Array = np.asarray(column)
    if array.dtype.kind not in "Of":
        return array
    missing = [value is None or value != value for value in array.tolist()]  # noqa: PLR0124
    texts = [str(value) for value in array.tolist()]
    return np.where(missing, "missing", texts) if texts else array.astype(str)


def _refuse(name: str, wrong: Array, array: Array, first_row: int) -> None:
    if wrong.any():
        where = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        what = f"{name} is {array[where]} in row {first_row + int(where[0]) if where else 0}"
        count = int(np.count_nonzero(wrong))
        raise InvalidError(
            f"{what}, the first of {count}" if count > 1 else what,
            next_step="leave such rows out, or fill them in, before measuring",
        )


def _check_numbers(name: str, column: Array | None, first_row: int) -> Array | None:
    if column is None or column.dtype.kind == "f":
        return column
    if column.dtype.kind in "UT":
        raise InvalidError(
            f"{name} is text: {column.flat[0] if column.size else ''!r} in row {first_row}",
            next_step="give numbers",
        )
    return column.astype(np.float64)


def _check_weight(column: Array, first_row: int) -> Floats:
    weight = _check_numbers("weight", column, first_row)
    if weight is None or weight.ndim != 1:
        raise InvalidError("weight has more than one dimension", next_step="give one a row")
    _refuse("weight", weight < 0, weight, first_row)
    return weight.astype(np.float64, copy=False)
