"""A tenure: one version holding one stage, with all that its promotion rested on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from gitreg.domain.gates import GateResult
from gitreg.domain.key import fingerprint
from gitreg.domain.model import Artifact
from gitreg.domain.moment import Moment
from gitreg.domain.tag import StageTag
from gitreg.value import Value


class Signed(Value):
    """Who signed a record, on whose behalf, why, and with which key (`type base64`)."""

    moment: Moment
    person: str
    on_behalf: str | None
    reason: str | None
    key: str

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint, as `ssh-keygen -l` shows it."""
        return fingerprint(self.key)

    @property
    def who(self) -> str:
        """Who signed, and for whom."""
        return f"{self.person} for {self.on_behalf}" if self.on_behalf else self.person

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            **self.moment.to_dict(),
            "person": self.person,
            "on_behalf": self.on_behalf,
            "reason": self.reason,
            "key": self.fingerprint,
        }


class CastVerdict(Value):
    """One verdict on a promotion; `note` says why an approval did not count."""

    signed: Signed
    verdict: str
    counted: bool
    note: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "verdict": self.verdict,
            "counted": self.counted,
            "note": self.note,
            "signed": self.signed.to_dict(),
        }


class Evidence(Value):
    """The figures that a promotion rested on, and what the stage's gates found in them.

    `report` is the digest of a report, and `signed` the record that brought it; without one the
    metrics are those that `model.yaml` claims. `data` is the sha256 of what was measured on, and
    `data_name` what the policy calls it. A rollback has no gates.
    """

    metrics: Mapping[str, Decimal] = {}
    gates: Sequence[GateResult] = ()
    report: str | None = None
    signed: Signed | None = None
    data: str | None = None
    data_name: str | None = None

    @property
    def kind(self) -> str:
        """`measured`, `claimed`, or `none`."""
        if self.report is not None:
            return "measured"
        return "claimed" if self.metrics else "none"

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "kind": self.kind,
            "report": _digest(self.report),
            "signed": self.signed.to_dict() if self.signed else None,
            "data": _digest(self.data),
            "data_name": self.data_name,
            "metrics": {name: _number(value) for name, value in self.metrics.items()},
            "gates": [
                {"gate": str(result.gate), "found": result.note, "passed": result.passed}
                for result in self.gates
            ],
        }


class Deployment(Value):
    """One signed outcome of putting the tenure's version somewhere."""

    signed: Signed
    target: str
    outcome: str
    detail: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "target": self.target,
            "outcome": self.outcome,
            "detail": self.detail,
            "signed": self.signed.to_dict(),
        }


class Tenure(Value):
    """Version `version` held a stage from the record `promoted` to the record `ended`.

    `ended` is None for one that stands as the audit's span ends; it brought `next_version`, or
    nothing where the stage was vacated. `approvals` is how many the policy asked for; `policy` its
    digest, in force since record `policy_record`. `deprecated` and `yanked` are the records, before
    or after, that said so of the version. `artifacts` is empty until somebody reads them.
    """

    model: str
    stage: str
    seq: int
    version: str
    promoted: Signed
    ended: Signed | None = None
    next_version: str | None = None
    is_rollback: bool
    replaces: str | None
    policy: str
    policy_record: int
    approvals: int
    verdicts: Sequence[CastVerdict]
    evidence: Evidence
    deployments: Sequence[Deployment] = ()
    commit: str
    path: str
    manifest: str
    registered: Signed
    deprecated: int | None = None
    yanked: int | None = None
    artifacts: Sequence[Artifact] = ()

    @property
    def tag(self) -> str:
        """The tag that shows the promotion to Git users."""
        return str(StageTag(self.model, self.stage, self.seq))

    @property
    def approved_by(self) -> tuple[Signed, ...]:
        """The approvals that counted."""
        return tuple(cast.signed for cast in self.verdicts if cast.counted)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "stage": self.stage,
            "seq": self.seq,
            "version": self.version,
            "promoted": self.promoted.to_dict(),
            "ended": self.ended.to_dict() if self.ended else None,
            "next_version": self.next_version,
            "replaces": self.replaces,
            "rollback": self.is_rollback,
            "policy": {"digest": f"sha256:{self.policy}", "record": self.policy_record},
            "approvals_needed": self.approvals,
            "approved_by": [signed.person for signed in self.approved_by],
            "verdicts": [cast.to_dict() for cast in self.verdicts],
            "evidence": self.evidence.to_dict(),
            "deployments": [deployment.to_dict() for deployment in self.deployments],
            "registered": self.registered.to_dict(),
            "deprecated": self.deprecated,
            "yanked": self.yanked,
            "tag": self.tag,
            "commit": self.commit,
            "path": self.path,
            "manifest": f"sha256:{self.manifest}",
            "artifacts": [artifact.to_dict() for artifact in self.artifacts],
        }


def _digest(value: str | None) -> str | None:
    return None if value is None else f"sha256:{value}"


def _number(value: Decimal) -> int | float:
    return int(value) if value.as_tuple().exponent == 0 else float(value)
