"""A finding: one thing that is wrong, or worth knowing, and what to do about it."""

from __future__ import annotations

from typing import Literal

from gitreg.value import Value

Severity = Literal["error", "warning", "note"]


class Finding(Value):
    """One observation about a file, a record, a ref or an artifact.

    `code` is stable and meant for programs (`tag.moved`); `where` names the place
    (`models/iris/model.yaml:12`, `record 57`); `next_step` says what to do.
    """

    severity: Severity
    code: str
    where: str
    what: str
    next_step: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape printed by `--json`."""
        return {
            "severity": self.severity,
            "code": self.code,
            "where": self.where,
            "what": self.what,
            "next": self.next_step,
        }

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
