"""Labels as positions in the task's classes, which is how the states know them."""

from __future__ import annotations

import numpy as np

from gitreg.errors import InvalidError
from gitreg.evaluation.metrics.arrays import Array, Codes
from gitreg.evaluation.metrics.batch import Batch
from gitreg.evaluation.metrics.task import Label, Task
from gitreg.value import replace

_LISTED = 10


def find_classes(*columns: Array) -> tuple[Label, ...]:
    """Return the labels that occur, sorted: what `Task.classes` needs where nobody names them."""
    found: set[Label] = set()
    for column in columns:
        found.update(np.unique(column).tolist())
    return tuple(sorted(found))


def encode_batch(batch: Batch, task: Task) -> Batch:
    """Return the batch with labels as positions of classes, predictions made of scores if need be.

    Raises: InvalidError.
    """
    if task.kind not in {"binary", "multiclass"}:
        return batch
    classes, first = task.classes, batch.first_row
    score, prediction = _fit_score(batch, task), batch.prediction
    for name, column in (("target", batch.target), ("prediction", prediction)):
        if column is not None and column.ndim != 1:
            raise InvalidError(f"{name} has more than one column", next_step="give one label a row")
    target = _encode("target", batch.target, classes, first)
    if prediction is not None:
        prediction = _encode("prediction", prediction, classes, first)
    elif score is not None:
        chosen = score > task.threshold if task.kind == "binary" else score.argmax(axis=1)
        prediction = chosen.astype(np.intp)
    return replace(batch, target=target, prediction=prediction, score=score)


def _fit_score(batch: Batch, task: Task) -> Array | None:
    score, count = batch.score, len(task.classes)
    if score is None:
        return None
    if task.kind == "binary" and score.ndim == 2 and score.shape[1] == 2:
        return score[:, 1]
    if score.ndim == (1 if task.kind == "binary" else 2) and (
        task.kind == "binary" or score.shape[1] == count
    ):
        return score
    raise InvalidError(
        f"score has the shape {score.shape}, and the task {count} classes",
        next_step="give one column a class, in the order of the task's classes",
    )


def _encode(name: str, column: Array, classes: tuple[Label, ...], first_row: int) -> Codes:
    """Return the position in `classes` of each label.

    Raises: InvalidError naming the first row whose label is no class.
    """
    codes = _look_up(column, classes) if column.size else np.zeros(0, dtype=np.intp)
    if len(codes) and codes.min() < 0:
        row = int(np.argmin(codes >= 0))
        listed = ", ".join(map(str, classes[:_LISTED]))
        more = ", …" if len(classes) > _LISTED else ""
        raise InvalidError(
            f"{name} is {column[row]} in row {first_row + row}, which is no class: {listed}{more}",
            next_step="name every class of the data and of the model, in the model's order",
        )
    return codes


def _look_up(column: Array, classes: tuple[Label, ...]) -> Codes:
    """Return positions, -1 where a label is unknown; whole numbers close together go fast."""
    if column.dtype.kind == "f" and (column == column.astype(np.intp)).all():
        column = column.astype(np.intp)  # 1.0 is the class 1
    if column.dtype.kind in "biu" and all(isinstance(c, int) for c in classes):
        low, high = min(map(int, classes)), max(map(int, classes))
        if high - low < 1 << 16:
            table = np.full(high - low + 2, -1, dtype=np.intp)
            table[[int(label) - low for label in classes]] = np.arange(len(classes))
            smallest, largest = int(column.min()), int(column.max())
            inside = low <= smallest and largest <= high
            if inside and classes == tuple(range(len(classes))):
                return column.astype(np.intp, copy=False)
            values = column.astype(np.intp)
            if not inside:
                values = np.where((column >= low) & (column <= high), values, high + 1)
            return table[values - low]
    labels, where = np.unique(column, return_inverse=True)
    known = {label: code for code, label in enumerate(classes)}
    return np.array([known.get(label, -1) for label in labels.tolist()], dtype=np.intp)[where]
