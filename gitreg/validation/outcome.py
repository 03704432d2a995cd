"""What the checks of one version found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gitreg.domain.finding import Finding
from gitreg.value import Value

UNCHECKED = "unchecked"  # what the code of a finding ends with where something could not be checked

Verdict = Literal["passed", "warned", "failed", "partly", "not checked"]


class Seen(Value):
    """What was looked at and is in order: words for people, figures by name for programs."""

    what: str
    figures: Mapping[str, float] = {}


Item = Finding | Seen


class Outcome(Value):
    """What one check found."""

    name: str
    seen: tuple[Seen, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst that was found; `partly` where some of it could not be checked."""
        severities = {finding.severity for finding in self.findings}
        unchecked = any(finding.code.endswith(UNCHECKED) for finding in self.findings)
        if "error" in severities:
            return "failed"
        if "warning" in severities:
            return "warned"
        if unchecked:
            return "partly" if self.seen else "not checked"
        return "passed"

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "seen": [seen.what for seen in self.seen],
        }


class Validation(Value):
    """All checks of one version, in their order."""

    model: str
    version: str
    checks: tuple[Outcome, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all checks."""
        return tuple(finding for check in self.checks for finding in check.findings)

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)

    @property
    def figures(self) -> dict[str, float]:
        """What was measured, by the names of metrics."""
        every = [seen.figures for check in self.checks for seen in check.seen]
        return {name: value for figures in every for name, value in figures.items()}

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "ok": self.ok,
            "model": self.model,
            "version": self.version,
            "checks": [check.to_dict() for check in self.checks],
            "measured": self.figures,
            "findings": [finding.to_dict() for finding in self.findings],
        }
