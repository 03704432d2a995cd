"""A team's metric `module:function`, in a process of its own: both sides of the talk with it.

It is called as `function(target, prediction, score, weight)` on whole columns and returns a number.
What the model or the caller does not have is None.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from gitreg.formats.exchange import to_bytes
from gitreg.formats.isolated import IsolatedProcess, Limits

_NAME = re.compile(
    r"(?=.{3,100}\Z)[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_]\w*", re.ASCII
)
_COLUMNS = ("target", "prediction", "score", "weight")

Function = Callable[..., Any]


def is_team_metric(name: str) -> bool:
    """Whether a metric is named as `module:function`, and not one of gitreg's."""
    return _NAME.fullmatch(name) is not None


def find_source(name: str, folder: Path) -> Path | None:
    """Return the file of a metric's module in `folder`, None where there is none."""
    place = folder.joinpath(*name.partition(":")[0].split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)


class IsolatedMetric(IsolatedProcess):
    """A metric that may be asked for several figures; each has the limits to itself."""

    def __init__(self, name: str, folder: Path, limits: Limits | None = None) -> None:
        super().__init__(
            f"the metric {name}",
            limits=limits,
            next_step="a metric is called with (target, prediction, score, weight), and returns a "
            "number",
        )
        first = {"metric": name, "folder": str(folder.resolve()), "memory": self.limits.memory}
        self._first: bytes | None = to_bytes(first)

    def measure(self, columns: Mapping[str, Any]) -> float:
        """Return the figure of these columns, perhaps NaN: `target`, `prediction`, `score`.

        Raises: InvalidError where it raises, returns no number, or breaks its bounds.
        """
        if self._first is not None:
            first, self._first = self._first, None
            self.exchange(first, "importing it")
        head, _ = self.exchange(to_bytes({}, columns), "its figure")
        value = head.get("value")
        return float(value) if isinstance(value, int | float) else float("nan")


def load_metric(head: Mapping[str, Any]) -> Function:
    """Import the metric that the first message names."""
    sys.path.insert(0, head["folder"])
    module, _, function = head["metric"].partition(":")
    found: Function = getattr(import_module(module), function)
    return found


def run_metric(function: Function, columns: Mapping[str, Any]) -> float:
    """Return what the metric says of columns.

    Raises: what the metric does; TypeError where it returns no number.
    """
    value = function(*(columns.get(name) for name in _COLUMNS))
    if isinstance(value, str):
        raise TypeError(f"it returned the text {value[:60]!r}")
    return float(value)
