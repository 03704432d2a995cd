"""What a tree asks of the registry, and what of it the ledger still lacks.

A `model.yaml` that is filled in asks to be registered; a line of `stages.yaml` asks for a promotion
under the number that the stage's change shall have. A number that is past asks for nothing, so that
an old line never undoes what was decided since.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitreg.domain.entries import View
from gitreg.domain.finding import Finding, Severity
from gitreg.domain.promotion import next_seq
from gitreg.value import Value


class WantedVersion(Value):
    """A version that a commit has filled in, in the folder `path` (`.` for the top)."""

    model: str
    version: str
    path: str
    commit: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "version": self.version,
            "folder": self.path,
            "commit": self.commit,
        }


class WantedStage(Value):
    """A promotion that `stages.yaml` asks for, `where` it does (`file:line`)."""

    model: str
    version: str
    stage: str
    seq: int
    where: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "version": self.version,
            "stage": self.stage,
            "seq": self.seq,
        }


def find_missing(
    view: View, wanted: Iterable[WantedStage]
) -> tuple[tuple[WantedStage, ...], tuple[Finding, ...]]:
    """Return the promotions that are still to be made, and what is wrong with others."""
    missing: list[WantedStage] = []
    findings: list[Finding] = []
    for item in wanted:
        now = view.stage(item.model, item.stage)
        expected = next_seq(now)
        if item.seq == expected:
            missing.append(item)
        elif item.seq > expected:
            what = f"{item.stage} of {item.model} asks for change {item.seq}; next is {expected}"
            next_step = f"write seq: {expected}, or let gitreg propose write it"
            findings.append(_finding("error", "stages.seq", item, what, next_step))
        elif now and now.seq > item.seq:
            what = f"{item.stage} of {item.model} has moved on to {now.version or 'nothing'}"
            what += f" (change {now.seq}), so change {item.seq} asks for nothing"
            findings.append(_finding("note", "stages.past", item, what, None))
        elif now and now.version != item.version:
            what = f"change {item.seq} of {item.stage} of {item.model} went to {now.version}"
            next_step = f"gitreg propose {item.model}@{item.version} --stage {item.stage}"
            findings.append(_finding("warning", "stages.taken", item, what, next_step))
    return tuple(missing), tuple(findings)


def _finding(
    severity: Severity, code: str, item: WantedStage, what: str, next_step: str | None
) -> Finding:
    return Finding(severity=severity, code=code, where=item.where, what=what, next_step=next_step)
