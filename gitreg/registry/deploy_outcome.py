"""What became of a deployment, and the signed records that say so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from gitreg.domain.names import is_text
from gitreg.domain.printable import clean
from gitreg.domain.state import State
from gitreg.domain.trailer import TRAILERS
from gitreg.errors import InvalidError, RefusedError, SetupError
from gitreg.ledger.appending import Draft
from gitreg.ledger.verified import Ledger
from gitreg.registry.identity import find_signer
from gitreg.registry.open import Registry
from gitreg.registry.writing import Written, record_drafts
from gitreg.value import Value, fields_of

_LONGEST = 300  # characters of a detail that is signed
_SIGNED = ("Model", "Version", "Stage", "Seq", "Target", "Outcome", "Detail")
_LARGEST = 1 << 20  # bytes of a file of outcomes


class Outcome(Value):
    """What became of one target; `before` is the version that was there."""

    target: str
    kind: str
    outcome: Literal["succeeded", "failed", "planned"]
    detail: str
    changed: bool = False
    before: str | None = None
    next_step: str | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "target": self.target,
            "kind": self.kind,
            "outcome": self.outcome,
            "changed": self.changed,
            "before": self.before,
            "detail": self.detail,
            "next": self.next_step,
            "notes": list(self.notes),
        }


class Deployment(Value):
    """What became of all targets of a stage; `version` is None for one that is vacated."""

    model: str
    version: str | None
    stage: str
    seq: int
    outcomes: tuple[Outcome, ...] = ()
    notes: tuple[str, ...] = ()
    written: Written | None = None

    @property
    def ok(self) -> bool:
        """Whether no target failed."""
        return all(item.outcome != "failed" for item in self.outcomes)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.model,
            "version": self.version,
            "stage": self.stage,
            "seq": self.seq,
            "outcomes": [item.to_dict() for item in self.outcomes],
            "notes": list(self.notes),
            "written": self.written.to_dict() if self.written else None,
        }


class Statement(Value):
    """What is signed of one target: fields of the `deploy` record."""

    model: str
    version: str
    stage: str
    seq: int
    target: str
    outcome: str
    detail: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read fields that somebody else wrote, each by its trailer's grammar.

        Raises: ValueError.
        """
        values = {}
        for name in _SIGNED:
            trailer = TRAILERS[name]
            text = f"{trailer.prefix}{data[trailer.attribute]}"
            values[trailer.attribute] = trailer.read(name, text)
        return cls(**values)  # type: ignore[arg-type]


def statements_of(deployment: Deployment) -> list[Statement]:
    """Return what there is to sign; nothing where a stage was vacated: that has its own record."""
    if deployment.version is None:
        return []
    return [
        Statement(
            model=deployment.model,
            version=deployment.version,
            stage=deployment.stage,
            seq=deployment.seq,
            target=item.target,
            outcome=item.outcome,
            detail=_one_line(item.detail),
        )
        for item in deployment.outcomes
    ]


def read_statements(data: bytes, *, name: str) -> list[Statement]:
    """Read the JSON of a deployment, which another job has written.

    Raises: InvalidError.
    """
    try:
        value = json.loads(data[:_LARGEST])
        outcomes = value["outcomes"] if value["version"] is not None else []
        return [Statement.from_dict({**value, **item}) for item in outcomes]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidError(
            f"{name} is not what gitreg deploy --outcome wrote: {error}",
            next_step="see what the deploying job did",
        ) from error


def wants_record(registry: Registry, model: str) -> bool:
    """Whether the policy has somebody who signs the model's deployments."""
    policy = registry.state.policy()
    entry = policy.policy.for_model(model) if policy else None
    return bool(entry and entry.deploy)


def check_signer(registry: Registry, model: str, key: Path | None) -> None:
    """See, before anything is deployed, that the key at hand may sign the outcome.

    Raises: RefusedError; SetupError.
    """
    policy = registry.state.policy()
    assert policy is not None  # noqa: S101 a ledger with a root has a policy
    entry = policy.policy.for_model(model)
    elsewhere = "or leave signing to another job: --outcome FILE, and gitreg ci record FILE there"
    try:
        signer = find_signer(registry.repository, policy.policy, key)
    except SetupError as error:
        raise SetupError(error.what, next_step=f"{error.next_step}; {elsewhere}") from error
    person = policy.policy.person_of(signer.key.public)
    if not entry or person not in entry.deploy:
        raise RefusedError(
            f"{person} may not sign deployments of {model}",
            rule="right",
            next_step=f"name another key with --key FILE; {elsewhere}",
        )


def record(
    registry: Registry,
    statements: list[Statement],
    *,
    key: Path | None = None,
    publish: bool = True,
) -> Written:
    """Sign outcomes; not again what was said last, nor what a later change of the stage overtook.

    Raises: RefusedError where the signer may not; SetupError; TransferError.
    """

    def plan(ledger: Ledger) -> list[Draft]:
        return [_draft(ledger.state, item) for item in statements if _is_news(ledger.state, item)]

    return record_drafts(registry, plan, key=key, publish=publish)


def _is_news(state: State, item: Statement) -> bool:
    now = state.stage(item.model, item.stage)
    if now is None or (now.seq, now.version) != (item.seq, item.version):
        return False
    place = (item.stage, item.seq, item.target)
    said = [
        entry.outcome
        for entry in state.deploys(item.model)
        if (entry.stage, entry.seq, entry.target) == place
    ]
    return said[-1:] != [item.outcome]


def _draft(state: State, item: Statement) -> Draft:
    version = state.version(item.model, item.version)
    assert version is not None  # noqa: S101 it holds the stage
    return Draft(action="deploy", object=version.commit, fields=fields_of(item))


def _one_line(text: str) -> str:
    """Return a text as a record can carry it."""
    line = "".join(letter if is_text(letter) else " " for letter in clean(text)).strip()
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
