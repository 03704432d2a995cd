"""Rule 6: how a policy is proposed, approved and enacted."""

from __future__ import annotations

from collections.abc import Iterable

from gitreg.domain.canonical import sha256
from gitreg.domain.case import Case, established
from gitreg.domain.policy import Policy

# Fields of an entry of `models:` that its owners cannot change.
_OF_ROOT = ("owners", "allow_pickle")


def check_bytes(case: Case) -> str | None:
    """The attached policy is the one that the record names, and can be in force."""
    data = case.attachments.files.get("policy.yaml")
    if data is None:
        return None
    if sha256(data) != case.record.new_policy:
        return "policy.yaml is not the file that New-Policy names"
    if case.attachments.policy is None:
        return f"policy.yaml cannot be in force: {case.attachments.problem}"
    return None


def check_proposal(case: Case) -> str | None:
    """A present root person proposes, with the bytes; later, the proposed people may join."""
    proposal = case.view.proposal(case.record.new_policy or "")
    root = case.policy.root.by
    if proposal is None:
        if case.person not in root or case.record.verdict != "approve":
            return "only the approval of a root person of the policy in force proposes a policy"
        return None if case.attachments.policy else "a proposal carries its policy.yaml"
    if case.attachments.files:
        return "policy.yaml is carried by the proposal alone"
    if case.record.object != proposal.object:
        return "the record's object is not the blob of the proposed policy"
    theirs = proposal.policy.person_of(case.signer)
    if case.person not in root and theirs not in proposal.policy.root.by:
        return (
            "the key is of no root person, neither of the policy in force nor of the proposed one"
        )
    return None


def check_enacted(case: Case) -> str | None:
    """The root threshold of both policies has signed; or owners change their entries alone."""
    proposed, current = established(case.attachments.policy), case.policy
    if case.entry is None:
        return None if case.person in current.root.by else "record 0 is signed by a root person"
    missing = missing_root(case)
    return None if missing and is_owner_change(current, proposed, case.person) else missing


def missing_root(case: Case) -> str | None:
    """Return what the record lacks to be the root's: its threshold of both policies.

    People are counted by each policy's own keys.
    """
    proposed, current = established(case.attachments.policy), case.policy
    if case.person not in current.root.by:
        return f"{case.person} is no root person, and the change is not of their own entries alone"
    proposal = case.view.proposal(case.record.new_policy or "")
    keys = {case.signer} | (proposal.signers if proposal else frozenset())
    for policy, name in ((current, "policy in force"), (proposed, "proposed policy")):
        signed = root_people(policy, keys)
        if len(signed) < policy.root.count:
            return f"{len(signed)} of the {policy.root.count} root people of the {name} have signed"
    return None


def is_owner_change(current: Policy, proposed: Policy, person: str | None) -> bool:
    """Whether the policies differ only within entries of `models:` that `person` owns.

    Who owns the entry, and whether loading may run code, stay as they are: that is the root's
    to say.
    """
    old, new = dict(current.source), dict(proposed.source)
    before, after = old.pop("models", {}), new.pop("models", {})
    if old != new or before.keys() != after.keys():
        return False
    changed = changed_entries(current, proposed)
    owners = {entry.pattern: entry.owners for entry in current.models}
    return bool(changed) and all(
        person in owners[pattern]
        and all(before[pattern].get(field) == after[pattern].get(field) for field in _OF_ROOT)
        for pattern in changed
    )


def changed_entries(current: Policy, proposed: Policy) -> set[str]:
    """Return the patterns of the entries of `models:` that the policies have otherwise."""
    before, after = (policy.source.get("models", {}) for policy in (current, proposed))
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def root_people(policy: Policy, keys: Iterable[str]) -> set[str]:
    """Return the root people of `policy` that these keys are of: people are counted, never keys."""
    people = {policy.person_of(key) for key in keys}
    return {person for person in people if person in policy.root.by}
