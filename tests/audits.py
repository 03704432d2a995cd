"""A year of a team in memory, and audits of it: what tests of audits tell their stories with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gitreg.domain.audit import Audit
from gitreg.domain.canonical import loads
from gitreg.domain.checkpoint import Checkpoint
from gitreg.domain.clocks import check_clocks
from gitreg.domain.entries import VoidRecord
from gitreg.domain.model import ModelDocument
from gitreg.domain.replay import replay
from gitreg.domain.scope import Scope
from gitreg.value import replace
from tests.ledgers import REGISTRY, History, accepted, in_production

SOURCE = "https://git.example.org/team/models.git"
HOSTILE = "<script>alert(1)</script> & \u202egnp.exe"  # bidi, for a reader's eye
VOID = VoidRecord(commit="f" * 40, after=7, rule="signer", what="the key is of nobody")


def on(history: History, day: str) -> None:
    """Go on at noon of a day, or a minute later where it is noon already."""
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
    history.time = max(int(noon.timestamp()), history.time)


def a_year() -> History:
    """1.0.0 goes to production in January and 1.1.0 in March; that is rolled back, and yanked."""
    history = History()
    artifact = {"path": "model.skops", "role": "model", "size": 5312}
    document = {
        "metrics": {"accuracy": 0.95},
        "artifacts": [artifact | {"sha256": "e" * 64, "md5": "d" * 32}],
    }
    on(history, "2026-01-10")
    in_production(history, "1.0.0")
    on(history, "2026-02-01")
    accepted(
        history.register("iris", "1.1.0", by="ci", on_behalf="alice", document=document),
        history.promote("iris", "1.1.0", "staging"),
        history.evaluate("iris", "1.1.0", 0.97, champion=("1.0.0", 0.95)),
    )
    on(history, "2026-03-01")
    accepted(
        history.approve("iris", "1.1.0", "production", by="dave", verdict="reject"),
        history.approve("iris", "1.1.0", "production", by="carol", reason=HOSTILE),
        history.approve("iris", "1.1.0", "production", by="dave", verdict="withdraw"),
        history.promote("iris", "1.1.0", "production", by="bob", reason="=1+1 is more"),
        history.deploy("iris", "production"),
    )
    on(history, "2026-04-01")
    accepted(
        history.promote("iris", "1.0.0", "production", reason="drift"),
        history.vacate("iris", "staging", by="bob", reason="nothing to try"),
        history.yank("iris", "1.1.0", reason="licence"),
    )
    return history


def change_policy(history: History, reason: str, **fields: Any) -> None:
    """Bring a policy into force that says otherwise in these fields, by Alice."""
    accepted(history.enact({**history.policy.source, **fields}, by="alice", reason=reason))


def audit_of(history: History, *void: VoidRecord, **asked: Any) -> Audit:
    """What `registry.audit` makes of a ledger with these records."""
    scope = Scope.parse(**asked)
    records = history.valid if scope.last is None else history.valid[: scope.last + 1]
    told = replay(records, scope)
    files = {record.index: files for record, _, files in history.told}
    return Audit(
        scope=scope,
        root=history.valid[0].digest,
        registry=REGISTRY,
        checkpoint=Checkpoint(index=told.head.index, digest=told.head.digest)
        if told.head
        else None,
        source=SOURCE,
        tenures=[
            replace(
                tenure,
                artifacts=ModelDocument.from_dict(
                    loads(files[tenure.registered.moment.record]["model.json"])
                ).artifacts,
            )
            for tenure in told.tenures
        ],
        events=told.events,
        policies=[
            replace(change, text=files[change.signed.moment.record]["policy.yaml"].decode())
            for change in told.policies
        ],
        void=void,
        findings=check_clocks((item.record for item in records), scope),
    )
