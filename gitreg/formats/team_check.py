"""A team's check `module:function`, in a process of its own: both sides of the talk with it.

It is called as `function(predict, inputs, metadata)`. `predict` takes columns and returns the
model's answer: each question goes to the model's own process, so that neither can touch the other.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from gitreg.errors import InvalidError
from gitreg.formats.exchange import to_bytes
from gitreg.formats.isolated import IsolatedProcess, Limits

_SEVERITIES = ("error", "warning", "note")
_MOST, _LONGEST = 100, 500  # findings, and characters of each

Predict = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class IsolatedCheck(IsolatedProcess):
    """A check that may be run once; its limits are those of the whole run."""

    def __init__(self, check: str, folders: Sequence[Path], limits: Limits | None = None) -> None:
        super().__init__(
            f"the check {check}",
            limits=limits,
            next_step="a check is called with (predict, inputs, metadata), and returns or yields "
            "what is wrong",
        )
        self._first = {
            "check": check,
            "folders": [str(folder.resolve()) for folder in folders],
            "memory": self.limits.memory,
        }

    def run(
        self, predict: Predict, inputs: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Return what the check finds: `severity`, `what` and `next` of each thing.

        Raises: InvalidError where it raises, or breaks its bounds.
        """
        deadline = time.monotonic() + self.limits.seconds
        message = to_bytes({**self._first, "metadata": dict(metadata)}, inputs)
        while True:
            head, arrays = self.exchange(message, "its run", deadline=deadline)
            if not head.get("asks"):
                said = head.get("said")
                return [_checked(item) for item in said[:_MOST]] if isinstance(said, list) else []
            try:
                message = to_bytes({"ok": True}, predict(arrays))
            except InvalidError as error:
                message = to_bytes({"ok": False, "what": error.what})


def _checked(item: Any) -> dict[str, Any]:
    """Return a finding as it came over, of which nothing is believed."""
    value = item if isinstance(item, dict) else {}
    severity, next_step = value.get("severity"), value.get("next")
    return {
        "severity": severity if severity in _SEVERITIES else "error",
        "what": str(value.get("what"))[:_LONGEST],
        "next": str(next_step)[:_LONGEST] if next_step else None,
    }


def run_check(
    head: Mapping[str, Any], inputs: Mapping[str, Any], ask: Callable[[Any], Any]
) -> list[dict[str, Any]]:
    """Import the check that the first message names, and return what it finds.

    `ask` sends columns over and returns the head and the arrays of the answer. What the check
    raises goes on to whoever runs it.
    """
    sys.path[:0] = head["folders"]
    module, _, function = head["check"].partition(":")

    def predict(columns: Mapping[str, Any]) -> Mapping[str, Any]:
        said, arrays = ask(columns)
        if not said["ok"]:
            raise ValueError(said["what"])
        found: Mapping[str, Any] = arrays
        return found

    found = getattr(import_module(module), function)(predict, inputs, head["metadata"])
    items: Iterable[Any] = [found] if isinstance(found, str | Mapping) else found or ()
    return [dict(item) if isinstance(item, Mapping) else {"what": str(item)} for item in items]
