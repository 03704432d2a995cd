"""Policies that wait for signatures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from gitreg.domain.entries import PolicyEntry, ProposalEntry
from gitreg.domain.policy import Policy
from gitreg.domain.policy_change import changed_entries, root_people
from gitreg.domain.policy_diff import describe_policy_change
from gitreg.domain.state import State
from gitreg.errors import NotFoundError
from gitreg.value import Value


class Signatures(Value):
    """Who of the root people of one policy has signed, out of how many that must."""

    people: tuple[str, ...]
    needed: int

    @classmethod
    def of(cls, policy: Policy, keys: Iterable[str]) -> Self:
        """Count the root people of `policy` that these keys are of."""
        return cls(people=tuple(sorted(root_people(policy, keys))), needed=policy.root.count)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {"people": list(self.people), "needed": self.needed}


class Proposal(Value):
    """A policy that waits for signatures since record `index`, and what it would change.

    The threshold of the policy in force and its own must both be met. `waits_for` is whose
    signature counts next: where both are met, any root person of the policy in force enacts it.
    `overwrites` are the entries that owners have changed since, and that it would set back.
    """

    digest: str
    index: int
    changes: tuple[str, ...]
    present: Signatures
    proposed: Signatures
    waits_for: tuple[str, ...]
    overwrites: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "digest": f"sha256:{self.digest}",
            "record": self.index,
            "changes": list(self.changes),
            "signed": self.present.to_dict(),
            "signed_by_proposed": self.proposed.to_dict(),
            "waits_for": list(self.waits_for),
            "overwrites": list(self.overwrites),
        }


def open_proposals(state: State) -> tuple[Proposal, ...]:
    """Return the policies that are proposed over the one in force."""
    entry = state.policy()
    if entry is None:
        return ()
    return tuple(_view(entry, proposal) for proposal in state.proposals.values())


def _view(in_force: PolicyEntry, entry: ProposalEntry) -> Proposal:
    now = in_force.policy
    present = Signatures.of(now, entry.signers)
    proposed = Signatures.of(entry.policy, entry.signers)
    pairs = ((now, present), (entry.policy, proposed))
    missing = {
        person
        for policy, signed in pairs
        if len(signed.people) < signed.needed
        for person in policy.root.by - set(signed.people)
    }
    return Proposal(
        digest=entry.digest,
        index=entry.index,
        changes=describe_policy_change(now, entry.policy),
        present=present,
        proposed=proposed,
        waits_for=tuple(sorted(missing or now.root.by)),
        overwrites=_overwrites(in_force, entry),
    )


def _overwrites(entry: PolicyEntry, proposal: ProposalEntry) -> tuple[str, ...]:
    differing = changed_entries(entry.policy, proposal.policy)
    newer = {pattern for pattern, index in entry.changed.items() if index > proposal.index}
    return tuple(sorted(newer & differing))


def find_proposal(state: State, digest: str | None) -> ProposalEntry:
    """Return the open proposal whose digest begins so; the only one for None.

    Raises: NotFoundError.
    """
    beginning = (digest or "").removeprefix("sha256:")
    found = [entry for name, entry in state.proposals.items() if name.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(name[:12] for name in state.proposals)
    raise NotFoundError(
        f"{len(found)} open proposals of a policy fit {digest!r}"
        if digest or found
        else "no policy is proposed",
        next_step=f"there are {listed}" if listed else "gitreg policy apply proposes one",
    )
