"""The state machine: what one record changes, or the rule that it breaks (docs/rules.md).

The same code refuses a bad write and a bad history. Nothing here reads a file, a clock or the
network, and history is ordered by the ledger alone. `Gitreg: 1` freezes these rules as well
as the format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitreg.domain import attached, policy_change, promotion
from gitreg.domain.case import Attachments, Case, Check, established
from gitreg.domain.changes import changes_of
from gitreg.domain.entries import Entry, View
from gitreg.domain.record import ZEROS, Record
from gitreg.value import Value

_LATEST = 1 << 37  # in the year 6325, in seconds


class Accepted(Value):
    """A record that holds: who signed it, and what it changes.

    `person` is one of the policy in force, or else of the proposed one that is approved.
    """

    person: str
    entries: tuple[Entry, ...]


class Broken(Value):
    """The rule that a record breaks, and how."""

    rule: str
    what: str


def apply(view: View, record: Record, signer: str, attachments: Attachments) -> Accepted | Broken:
    """Judge `record`, signed by the public key `signer` (`type base64`), over `view`."""
    case = Case(
        view=view, record=record, signer=signer, attachments=attachments, entry=view.policy()
    )
    if broken := _find_broken(case, (*COMMON, *ACTIONS[case.kind])):
        return broken
    person = case.person or _told_apart(_proposed_person(case), case)
    return Accepted(person=person, entries=changes_of(case, person))


def apply_unread(view: View, record: Record, signer: str) -> Broken | None:
    """Return what `record` breaks whatever the files beside it are: so they need not be read."""
    unread = Attachments()
    case = Case(view=view, record=record, signer=signer, attachments=unread, entry=view.policy())
    return _find_broken(case, [item for item in COMMON if item[0] in UNREAD])


def _find_broken(case: Case, rules: Iterable[tuple[str, Check]]) -> Broken | None:
    for rule, check in rules:
        if what := check(case):
            return Broken(rule=rule, what=what)
    return None


# Rules of every record.


def check_chain(case: Case) -> str | None:
    """`Index` and `Prev` continue the last valid record."""
    head, record = case.view.head(), case.record
    index, digest = (head.index + 1, head.digest) if head else (0, ZEROS)
    if record.index != index:
        return f"the next record is number {index}, not {record.index}"
    if record.prev != digest:
        return f"Prev is not the sha256 of record {index - 1}" if head else "Prev is not zeros"
    if head is None and record.action != "policy":
        return "record 0 is the policy"
    return None


def check_policy_cited(case: Case) -> str | None:
    """`Policy` is the one in force; record 0 cites its own."""
    expected = case.entry.digest if case.entry else case.record.new_policy
    if case.record.policy != expected:
        return "the record cites a policy that is not in force"
    return None


def check_signer(case: Case) -> str | None:
    """The key is a person's in the policy in force; one of a proposed policy may approve that."""
    if case.entry is None and case.attachments.policy is None:
        return None  # record 0 brings the policy that judges it
    if case.person is None and not _proposed_person(case):
        return "the signing key is of nobody in the policy in force"
    return None


def check_behalf(case: Case) -> str | None:
    """Whom a bot acts for is a person of the policy; a verdict is nobody's but the signer's."""
    behalf = case.record.on_behalf
    if behalf is not None and behalf not in case.policy.keys:
        return f"On-Behalf names {behalf}, who is not in the policy"
    if behalf is not None and case.record.action == "approve":
        return f"{behalf} approves with their own key, or not at all"
    return None


def check_right(case: Case) -> str | None:
    """The person's roles allow the action on this model and stage."""
    record = case.record
    if record.new_policy:
        return None  # rule 6 decides
    entry, stage = case.model_policy, case.stage_policy
    if record.action == "beat":
        return None if case.person in case.policy.beat else f"{case.person} may not beat"
    if entry is None:
        return f"no entry of the policy's models matches {case.model}"
    if record.stage is not None and stage is None:
        return (
            f"{case.model} has no stage {record.stage}; it has {', '.join(entry.stages) or 'none'}"
        )
    rights: dict[str, frozenset[str]] = {
        "register": entry.register,
        "evaluate": entry.evaluate,
        "deprecate": entry.yank,
        "yank": entry.yank,
        "deploy": entry.deploy,
        "approve": stage.approve.by if stage else frozenset(),
        "promote": stage.promote if stage else frozenset(),
        "vacate": stage.promote if stage else frozenset(),
    }
    if case.person in rights[record.action]:
        return None
    where = f"{case.model} to {record.stage}" if stage else case.model
    return f"{case.person} may not {record.action} {where}"


def check_time(case: Case) -> str | None:
    """Tagger times of one model's tagged records strictly increase: GTO and DVC order by them.

    The bound grows with the index: whoever signs the latest time leaves room for the next record.
    """
    record = case.record
    if record.tagger.time > _LATEST + record.index:
        return "the tagger time is thousands of years ahead"
    if record.tag_ref is not None and record.tagger.time <= case.view.last_time(case.model):
        return f"the tagger time is not later than that of {case.model}'s record before"
    return None


# Rules of one action.


def check_new_version(case: Case) -> str | None:
    """A version is registered once."""
    version = case.version
    if version is not None:
        return f"{case.spelled} is registered already (record {version.index})"
    return None


def check_held(case: Case) -> str | None:
    """A stage that is vacated is held, and the record points at its holder's commit."""
    now = case.view.stage(case.model, case.stage)
    holder = case.view.version(case.model, now.version) if now and now.version else None
    if holder is None:
        return f"{case.stage} of {case.model} is empty"
    if case.record.object != holder.commit:
        return "the record points at another commit than the version that holds the stage"
    return None


def check_free(case: Case) -> str | None:
    """A version that holds a stage cannot be yanked."""
    held = case.view.held_stages(case.model, case.record.version or "")
    if held:
        return f"{case.spelled} holds {', '.join(held)}: vacate it first"
    return None


def check_not_deprecated(case: Case) -> str | None:
    """A version is deprecated once."""
    deprecated = established(case.version).deprecated
    if deprecated is not None:
        return f"{case.spelled} is deprecated already (record {deprecated})"
    return None


def check_deployed(case: Case) -> str | None:
    """A deployment is of a version that entered the stage under that number."""
    now = case.view.stage(case.model, case.stage)
    if now is None or (now.seq, now.version) != (case.record.seq, case.record.version):
        return f"{case.spelled} does not hold {case.stage} as number {case.record.seq}"
    return None


def check_beat(case: Case) -> str | None:
    """A heartbeat points at the ledger commit before it."""
    if case.record.object != established(case.view.head()).commit:
        return "the record's object is not the last valid record's ledger commit"
    return None


COMMON: tuple[tuple[str, Check], ...] = (
    ("chain", check_chain),
    ("policy-cited", check_policy_cited),
    ("signer", check_signer),
    ("right", check_right),
    ("attachments", attached.check_attachments),
    ("digests", attached.check_digests),
    ("policy-bytes", policy_change.check_bytes),
    ("object", attached.check_blob),
    ("on-behalf", check_behalf),
    ("time", check_time),
)
UNREAD = frozenset({"chain", "policy-cited", "signer", "right"})
ACTIONS: Mapping[str, tuple[tuple[str, Check], ...]] = {
    "policy": (("policy-threshold", policy_change.check_enacted),),
    "approve policy": (("policy-proposal", policy_change.check_proposal),),
    "register": (("document", attached.check_document), ("new-version", check_new_version)),
    "evaluate": (("registered", promotion.check_registered), ("measured", attached.check_measured)),
    "approve": (
        ("registered", promotion.check_registered),
        ("seq", promotion.check_seq),
        ("report", promotion.check_report),
    ),
    "promote": (
        ("registered", promotion.check_registered),
        ("replaces", promotion.check_replaces),
        ("seq", promotion.check_seq),
        ("after", promotion.check_after),
        ("report", promotion.check_report),
        ("gates", promotion.check_gates_pass),
        ("approvals", promotion.check_approvals),
    ),
    "vacate": (
        ("held", check_held),
        ("replaces", promotion.check_replaces),
        ("seq", promotion.check_seq),
    ),
    "deprecate": (("registered", promotion.check_registered), ("deprecated", check_not_deprecated)),
    "yank": (("registered", promotion.check_registered), ("free", check_free)),
    "deploy": (("registered", promotion.check_registered), ("deployed", check_deployed)),
    "beat": (("beat", check_beat),),
}


def _told_apart(person: str, case: Case) -> str:
    """Mark the name of somebody present, where a proposed policy gives it to another key."""
    return f"{person} (proposed)" if person in case.policy.keys else person


def _proposed_person(case: Case) -> str:
    proposal = case.view.proposal(case.record.new_policy or "")
    if proposal is None or case.record.action != "approve":
        return ""
    return proposal.policy.person_of(case.signer) or ""
