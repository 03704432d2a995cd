"""The check `stability`: the same again, nearly the same, less, and one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitreg.errors import InvalidError, SetupError
from gitreg.validation.answers import compare, count_unreal, differing_rows
from gitreg.validation.outcome import Item, Seen
from gitreg.validation.trial import Trial

NAME = "stability"

_NUDGE = 1e-6  # of a column's spread
_WILD = 1e-2  # of the answers' spread: ten thousand times as far
_FEW = 0.1  # of the rows may stand at a threshold
_ROWS = 32


def check_repeat(trial: Trial) -> Iterator[Item]:
    """Ask the same twice.

    Raises: InvalidError where the model fails; SetupError; so do all parts.
    """
    inputs, first = trial.plain()
    found = list(compare(first, trial.ask(inputs), 0.0))
    trial.steady = not found
    for name, how in found:
        yield trial.subject.find(
            "error",
            "stability.repeat",
            f"asked the same twice, {name} {how}",
            next_step="fix its seed, and turn off what is random when it predicts",
        )
    if not found:
        yield Seen(what="same answer twice")


def check_rows(trial: Trial) -> Iterator[Item]:
    """Ask row by row what was asked as a batch."""
    inputs, batch = _steady(trial)
    rows = _count(inputs)
    if trial.subject.fixes_rows:
        raise SetupError("the signature fixes the number of rows", next_step="write -1 for it")
    single = [trial.ask(_rows(inputs, row, row + 1)) for row in range(min(rows, _ROWS))]
    joined = {name: _join([answer.get(name) for answer in single]) for name in batch}
    kept = {name: array[: len(single)] for name, array in batch.items() if name != "classes"}
    kinds = {array.dtype.itemsize for array in kept.values() if array.dtype.kind == "f"}
    rounding = 1e-5 if kinds and min(kinds) < 8 else 1e-9
    tolerance = max(trial.subject.tolerance, rounding)
    found = list(compare(kept, {n: a for n, a in joined.items() if a is not None}, tolerance))
    for name, how in found:
        yield trial.subject.find(
            "error",
            "stability.rows",
            f"asked for a batch and then row by row, {name} {how}",
            next_step="see that a row's answer depends on no other row",
        )
    if not found:
        yield Seen(what="one by one as in a batch")


def check_nudge(trial: Trial) -> Iterator[Item]:
    """Ask with numbers moved by a millionth of their spread."""
    import numpy as np

    inputs, before = _steady(trial)
    random = np.random.default_rng(0)
    nudged = {name: _nudge(array, random) for name, array in inputs.items()}
    if all(nudged[name] is inputs[name] for name in inputs):
        raise SetupError("no input is a number with decimals")
    after, wild = trial.ask(nudged), []
    for name in ("prediction", "score"):
        one, other = before.get(name), after.get(name)
        if one is None or other is None or one.shape != other.shape:
            continue
        limit = _WILD * (_spread(one) if one.dtype.kind == "f" else 0.0)
        apart = differing_rows(one, other, 0.0) if limit == 0 else _moved(one, other, limit)
        if apart.mean() > _FEW:
            wild.append(f"{name} of {int(apart.sum())} of {len(apart)} rows")
    for what in wild:
        yield trial.subject.find(
            "warning",
            "stability.nudge",
            f"inputs moved by a millionth of their spread change {what} wildly",
            next_step="look at how the model scales its inputs, and whether it overfits",
        )
    if not wild:
        yield Seen(what="small changes stay small")


def check_missing(trial: Trial) -> Iterator[Item]:
    """Ask with missing values: they are to be answered, or refused in words."""
    import numpy as np

    inputs, _ = trial.plain()
    floats = [name for name, array in inputs.items() if array.dtype.kind == "f"]
    if not floats:
        raise SetupError("no input is a number that can be missing (NaN)")
    gone = {**inputs, **{name: np.full_like(inputs[name], np.nan) for name in floats}}
    model = trial.open()
    try:
        answer = trial.ask(gone)
    except InvalidError:
        if model.ended:
            raise
        yield Seen(what="missing values are refused")
        return
    bad = [name for name in ("prediction", "score") if count_unreal(answer.get(name, np.zeros(0)))]
    if bad:
        yield trial.subject.find(
            "warning",
            "stability.missing",
            f"where values are missing, {' and '.join(bad)} is NaN",
            next_step="answer with a number, or raise an error that says so",
        )
    else:
        yield Seen(what="missing values are answered")


def check_quiet(trial: Trial) -> Iterator[Item]:
    """See that nothing was printed on standard output, where servers and tools answer."""
    trial.plain()
    printed = trial.open().printed
    if printed:
        yield trial.subject.find(
            "error",
            "stability.prints",
            f"it prints on standard output; the last line: {printed.splitlines()[-1][:200]}",
            next_step="take the print out, or write to standard error",
        )
    else:
        yield Seen(what="prints nothing")


def check_alone(trial: Trial) -> Iterator[Item]:
    """See that no process is left running between answers."""
    trial.plain()
    left = trial.open().left_running()
    if left is None:
        raise SetupError("this system does not list processes in /proc")
    if left:
        yield trial.subject.find(
            "error",
            "stability.forks",
            f"it leaves processes running after its answer: {left}",
            next_step="end what it starts, or start it once when it is loaded",
        )
    else:
        yield Seen(what="leaves no process")


def _steady(trial: Trial) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return plain inputs and the answer, where another answer would mean something."""
    plain = trial.plain()
    if not trial.steady:
        raise SetupError("it does not answer the same twice")
    return plain


def _count(inputs: Mapping[str, Any]) -> int:
    return len(next(iter(inputs.values())))


def _rows(inputs: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    return {name: array[start:end] for name, array in inputs.items()}


def _join(arrays: list[Any]) -> Any:
    import numpy as np

    same = all(array is not None and array.ndim for array in arrays)
    same = same and len({array.shape[1:] for array in arrays}) == 1
    return np.concatenate(arrays) if same else None


def _nudge(array: Any, random: Any) -> Any:
    if array.dtype.kind != "f":
        return array
    moved = array + _NUDGE * _spread(array) * random.choice([-1.0, 1.0], array.shape)
    return moved.astype(array.dtype)


def _spread(array: Any) -> float:
    """Return how far the finite values lie apart; of equal ones, how far from 0, or 1."""
    import numpy as np

    finite = array[np.isfinite(array)]
    if not finite.size:
        return 1.0
    return float(np.ptp(finite)) or float(np.abs(finite).max()) or 1.0


def _moved(one: Any, other: Any, limit: float) -> Any:
    import numpy as np

    apart = ~(np.abs(one - other) <= limit) & ~(np.isnan(one) & np.isnan(other))
    return apart.reshape(len(apart), -1).any(axis=1)


PARTS = (
    ("processes left running", check_alone),
    ("asking twice", check_repeat),
    ("asking row by row", check_rows),
    ("small changes", check_nudge),
    ("printing", check_quiet),
    ("missing values", check_missing),
)
