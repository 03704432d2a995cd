"""The policy in force, how another differs from it, and putting that one into force."""

from __future__ import annotations

from pathlib import Path

from gitreg import yaml12
from gitreg.domain.canonical import sha256
from gitreg.domain.entries import PolicyEntry
from gitreg.domain.finding import Finding
from gitreg.domain.names import parse_text
from gitreg.domain.policy import Policy, PolicyError
from gitreg.domain.policy_diff import describe_policy_change
from gitreg.errors import InvalidError, RefusedError, SetupError
from gitreg.git.worktree import read_at
from gitreg.ledger.appending import Draft
from gitreg.ledger.verified import Ledger
from gitreg.registry.identity import candidate_keys
from gitreg.registry.open import Registry
from gitreg.registry.proposal import Proposal, find_proposal, open_proposals
from gitreg.registry.writing import Written, record_drafts
from gitreg.value import Value

FILE = "gitreg.yaml"


class PolicyView(Value):
    """The policy in force since record `index`, with the exact bytes that were signed."""

    digest: str
    index: int
    text: str
    proposals: tuple[Proposal, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "digest": f"sha256:{self.digest}",
            "record": self.index,
            "text": self.text,
            "proposals": [proposal.to_dict() for proposal in self.proposals],
        }


class PolicyDiff(Value):
    """What a policy would change, in words; empty `changes` with `same` false is spelling alone."""

    digest: str
    in_force: str
    changes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether it is the policy in force, byte for byte."""
        return self.digest == self.in_force

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "digest": f"sha256:{self.digest}",
            "in_force": f"sha256:{self.in_force}",
            "same": self.same,
            "changes": list(self.changes),
        }


def show_policy(registry: Registry) -> PolicyView:
    """Return the policy in force, and what is proposed to follow it.

    Raises: SetupError where there is no registry; UntrustedError.
    """
    data, entry = policy_in_force(registry, registry.ledger), _in_force(registry)
    proposals = open_proposals(registry.state)
    return PolicyView(
        digest=entry.digest, index=entry.index, text=data.decode(), proposals=proposals
    )


def diff_policy(registry: Registry, proposal: str | None = None) -> PolicyDiff:
    """Return what the work tree's `gitreg.yaml`, or an open proposal, changes of what is in force.

    `proposal` is the beginning of its digest.

    Raises: InvalidError for a file that cannot be in force; NotFoundError; SetupError.
    """
    now = _in_force(registry)
    if proposal is not None:
        entry = find_proposal(registry.state, proposal)
        digest, policy = entry.digest, entry.policy
    else:
        data = _read_file(registry)
        digest, policy = sha256(data), check_policy(data)
    changes = describe_policy_change(now.policy, policy)
    return PolicyDiff(digest=digest, in_force=now.digest, changes=changes)


def apply_policy(
    registry: Registry, *, reason: str | None = None, key: Path | None = None, publish: bool = True
) -> Written:
    """Sign the work tree's `gitreg.yaml` into force; nothing is recorded where it is already.

    Where more root people must sign, it is proposed by an approval, which others follow.

    Raises: InvalidError for a file that cannot be in force; RefusedError.
    """
    text = None if reason is None else parse_text(reason, field="the reason")
    data = _read_file(registry)
    return _sign_policy(registry, data, check_policy(data), text, key=key, publish=publish)


def judge_policy(
    registry: Registry,
    proposal: str | None = None,
    *,
    verdict: str = "approve",
    reason: str | None = None,
    key: Path | None = None,
    publish: bool = True,
) -> Written:
    """Sign a verdict on an open proposal; the last approval that was missing enacts it.

    `proposal` is the beginning of its digest, None for the only one.

    Raises: NotFoundError where there is no such proposal; RefusedError.
    """
    text = None if reason is None else parse_text(reason, field="the reason")
    entry = find_proposal(registry.state, proposal)
    if verdict == "approve":
        commit = registry.record(entry.index).commit
        data = read_at(registry.repository, commit, "policy.yaml") or b""
        return _sign_policy(registry, data, entry.policy, text, key=key, publish=publish)
    fields = {"verdict": verdict, "new_policy": entry.digest, "reason": text}
    draft = Draft(action="approve", object=entry.object, fields=fields)
    return record_drafts(
        registry, lambda _: [draft], key=key, publish=publish, proposed=entry.policy
    )


def _sign_policy(
    registry: Registry,
    data: bytes,
    policy: Policy,
    reason: str | None,
    *,
    key: Path | None,
    publish: bool,
) -> Written:
    """Enact the policy where this signature is the last that was missing, else approve it."""
    digest = sha256(data)
    fields = {"new_policy": digest, "reason": reason}

    def enact(ledger: Ledger) -> list[Draft]:
        now = ledger.state.policy()
        if now is not None and now.digest == digest:
            return []
        return [Draft(action="policy", object=None, fields=fields, files={"policy.yaml": data})]

    def approve(ledger: Ledger) -> list[Draft]:
        known = ledger.state.proposal(digest)
        mine = {candidate.public for candidate in candidate_keys(registry.repository, key)}
        if known is not None and known.signers & mine:
            return []  # it waits for others
        said = {"verdict": "approve", **fields}
        if known is not None:
            return [Draft(action="approve", object=known.object, fields=said)]
        return [Draft(action="approve", object=None, fields=said, files={"policy.yaml": data})]

    try:
        return record_drafts(registry, enact, key=key, publish=publish, proposed=policy)
    except RefusedError as error:
        if error.rule not in ("policy-threshold", "signer"):
            raise
        refusal = error
    try:
        return record_drafts(registry, approve, key=key, publish=publish, proposed=policy)
    except RefusedError as error:
        raise refusal from error


def _in_force(registry: Registry) -> PolicyEntry:
    entry = registry.state.policy()
    assert entry is not None  # noqa: S101 a ledger with a root has a policy
    return entry


def _read_file(registry: Registry) -> bytes:
    path = registry.root / FILE
    if not path.is_file():
        raise SetupError(f"there is no {FILE} here", next_step=f"gitreg policy show > {FILE}")
    return path.read_bytes()


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
            for path, what in sorted(error.problems, key=lambda found: document.line(found[0]))
        ]
        raise InvalidError(f"{FILE}: {error}", findings=findings) from error


def policy_in_force(registry: Registry, ledger: Ledger) -> bytes:
    """Return the exact bytes of the policy in force, from its record."""
    entry = ledger.state.policy()
    assert entry is not None  # noqa: S101 a ledger with a root has a policy
    commit = ledger.records[entry.index].commit
    return read_at(registry.repository, commit, "policy.yaml") or b""
