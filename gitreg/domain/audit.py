"""An audit: who put what where, who approved, on which evidence, and which bytes it was.

It rests on verified records alone, and does not say when it was made: the same records give the
same audit, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitreg.domain.checkpoint import Checkpoint
from gitreg.domain.entries import VoidRecord
from gitreg.domain.finding import Finding
from gitreg.domain.scope import Scope
from gitreg.domain.tenure import Signed, Tenure
from gitreg.value import Value


class Event(Value):
    """A record that changed no stage: a version withdrawn, or a verdict that led to nothing.

    A verdict on a policy has neither model nor version nor stage.
    """

    signed: Signed
    action: str
    title: str
    model: str | None
    version: str | None
    stage: str | None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "action": self.action,
            "title": self.title,
            "model": self.model,
            "version": self.version,
            "stage": self.stage,
            "signed": self.signed.to_dict(),
        }


class PolicyChange(Value):
    """A policy that came into force by the record `signed`, with its exact text.

    `approvals` are the other signatures that it took, of `needed` people by the policy before and
    `needed_anew` by itself. With `is_of_owner` it changed the signer's own entries alone, which
    takes no other. `changes` are what it changed, in words. `is_in_span` is false for one that was
    in force before, or that a version in the span was promoted under.
    """

    signed: Signed
    digest: str
    approvals: Sequence[Signed]
    needed: int
    needed_anew: int
    is_of_owner: bool
    changes: Sequence[str] = ()
    is_in_span: bool = True
    text: str = ""

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "digest": f"sha256:{self.digest}",
            "signed": self.signed.to_dict(),
            "approvals": [approval.to_dict() for approval in self.approvals],
            "needed": {"before": self.needed, "after": self.needed_anew},
            "by_owner": self.is_of_owner,
            "changes": list(self.changes),
            "in_span": self.is_in_span,
            "text": self.text,
        }


class Audit(Value):
    """What an auditor is told: tenures by model and stage, all else in ledger order.

    `checkpoint` is the last record that it rests on, None where the span ends before record 0.
    `registry` is the registry's UUID, and `source` a URL to find it at. `findings` are what speaks
    against taking the answer as it stands, such as times that run against the ledger's order.
    """

    scope: Scope
    root: str
    registry: str
    checkpoint: Checkpoint | None
    source: str | None
    tenures: Sequence[Tenure]
    events: Sequence[Event]
    policies: Sequence[PolicyChange]
    void: Sequence[VoidRecord]
    findings: Sequence[Finding]

    @property
    def stages(self) -> dict[tuple[str, str], list[Tenure]]:
        """The tenures of each stage (model, stage), oldest first."""
        held: dict[tuple[str, str], list[Tenure]] = {}
        for tenure in self.tenures:
            held.setdefault((tenure.model, tenure.stage), []).append(tenure)
        return held

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "scope": self.scope.to_dict(),
            "root": f"sha256:{self.root}",
            "registry": self.registry,
            "checkpoint": str(self.checkpoint) if self.checkpoint else None,
            "source": self.source,
            "tenures": [tenure.to_dict() for tenure in self.tenures],
            "events": [event.to_dict() for event in self.events],
            "policies": [change.to_dict() for change in self.policies],
            "void": [void.to_dict() for void in self.void],
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def to_csv(self) -> str:
        """Return a line for each tenure, event, policy, void record and finding."""
        from gitreg.domain.audit_csv import to_csv

        return to_csv(self)
