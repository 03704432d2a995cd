"""The policy in force, and putting an edited `gitreg.yaml` into force."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gitreg import yaml12
from gitreg.domain.canonical import sha256
from gitreg.domain.finding import Finding
from gitreg.domain.names import parse_text
from gitreg.domain.policy import Policy, PolicyError
from gitreg.errors import InvalidError, SetupError
from gitreg.git.worktree import read_at
from gitreg.ledger.appending import Draft
from gitreg.ledger.reading import Ledger
from gitreg.registry.open import Registry
from gitreg.registry.writing import Written, record_drafts

FILE = "gitreg.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyView:
    """The policy in force since record `index`, with the exact bytes that were signed."""

    digest: str
    index: int
    text: str

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"digest": f"sha256:{self.digest}", "record": self.index, "text": self.text}


def show_policy(registry: Registry) -> PolicyView:
    """Return the policy in force.

    Raises: SetupError where there is no registry; UntrustedError.
    """
    data, entry = policy_in_force(registry, registry.ledger), registry.state.policy()
    assert entry is not None  # noqa: S101 a ledger with a root has a policy
    return PolicyView(digest=entry.digest, index=entry.index, text=data.decode())


def apply_policy(
    registry: Registry, *, reason: str | None = None, key: Path | None = None, publish: bool = True
) -> Written:
    """Sign the work tree's `gitreg.yaml` into force; nothing is recorded where it is already.

    Raises: InvalidError for a file that cannot be in force; RefusedError where more people of the
    root must sign.
    """
    text = None if reason is None else parse_text(reason, field="the reason")
    path = registry.root / FILE
    if not path.is_file():
        raise SetupError(f"there is no {FILE} here", next_step=f"gitreg policy show > {FILE}")
    data = path.read_bytes()
    check_policy(data)
    digest = sha256(data)

    def plan(ledger: Ledger) -> list[Draft]:
        now = ledger.state.policy()
        if now is not None and now.digest == digest:
            return []
        fields = {"new_policy": digest, "reason": text}
        return [Draft(action="policy", object=None, fields=fields, files={"policy.yaml": data})]

    return record_drafts(registry, plan, key=key, publish=publish)


def check_policy(data: bytes) -> Policy:
    """Return the policy that the bytes of a `gitreg.yaml` are.

    Raises: InvalidError with every problem and its line.
    """
    document = yaml12.load(data, name=FILE)
    try:
        return Policy.from_dict(document.value)
    except PolicyError as error:
        findings = [
            Finding(
                severity="error",
                code="policy",
                where=f"{FILE}:{document.line(path)}",
                what=f"{'.'.join(map(str, path)) or 'the file'} {what}",
                next_step="docs/policy.md has every field",
            )
            for path, what in error.problems
        ]
        raise InvalidError(f"{FILE}: {error}", findings=findings) from error


def policy_in_force(registry: Registry, ledger: Ledger) -> bytes:
    """Return the exact bytes of the policy in force, from its record."""
    entry = ledger.state.policy()
    assert entry is not None  # noqa: S101 a ledger with a root has a policy
    commit = ledger.records[entry.index].commit
    return read_at(registry.repository, commit, "policy.yaml") or b""
