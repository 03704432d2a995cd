"""The laws of records, their signatures, and what a ledger's commit carries beside them."""

from __future__ import annotations

import base64
from decimal import Decimal

from gitreg.domain.gates import Gate, check_gates
from gitreg.domain.key import is_public_key
from gitreg.domain.names import is_path, is_text
from gitreg.domain.record import commit_of, parse_record, split_signature
from gitreg.domain.report import Figures
from gitreg.domain.rules import Accepted, apply
from gitreg.domain.tag import parse_tag
from gitreg.git.objects import parse_tree, tree_bytes
from gitreg.ledger.reading import read_attachments
from gitreg.signing import verify
from gitreg.value import replace
from tests.fuzz.seeds import PAYLOAD, armour_of, good_signatures, situations, unframe

_BOUNDS = (Decimal("5E-324"), Decimal("1.7E+308"), Decimal(10**399))


def check_record(data: bytes) -> None:
    """One record has one form in bytes, and so has the commit that carries it."""
    payload, armour = split_signature(data)
    assert payload + armour.encode() == data
    record = parse_record(data)
    assert record.to_bytes() == data
    assert record.payload() == payload
    assert record.signature == armour
    tree = record.object
    for parent in (None, record.object):
        commit = commit_of(payload, tree=tree, parent=parent)
        assert commit == record.commit_bytes(tree=tree, parent=parent)
    assert is_text(record.tag_name)
    if record.tag_ref is not None:
        assert parse_tag(record.tag_name) == record.tag_ref
    assert "\n" not in record.title
    record.to_dict()


def check_armour(data: bytes) -> None:
    """No other bytes than those that a key has signed with are taken for its signature."""
    armour = data.decode("ascii")
    good = good_signatures()
    key = verify(PAYLOAD, armour)
    # With a key that is none, such as a point of small order, anybody can sign: not with these.
    assert good.get(armour) == key or key not in good.values()


def check_sshsig(data: bytes) -> None:
    """The same of what the armour holds."""
    check_armour(armour_of(data).encode())


def check_key(data: bytes) -> None:
    """A public key has one spelling."""
    text = data.decode()
    if not is_public_key(text):
        raise ValueError
    kind, body = text.split(" ")
    assert kind.isascii()
    assert base64.b64encode(base64.b64decode(body)).decode() == body


def check_tree(data: bytes) -> None:
    """What a ledger's commit lists is written as it was read, but for its order."""
    like = "0" * 40
    entries = parse_tree(data, like=like)
    assert sorted(parse_tree(tree_bytes(entries), like=like)) == sorted(entries)


def check_attachments(data: bytes) -> None:
    """What comes beside a record never stops its reader; what it brings can be used."""
    found = read_attachments(unframe(data))
    if found.problem is not None:
        raise ValueError(found.problem)
    if found.model is not None:
        assert all(is_path(artifact.path) for artifact in found.model.artifacts)
    if found.report is not None:
        report = found.report
        _check_figures(report.challenger, report.champion or report.challenger)


def _check_figures(challenger: Figures, champion: Figures) -> None:
    """No figures, however large or small, make a gate's words long."""
    for metric in list(challenger.metrics)[:9]:
        for bound in _BOUNDS:
            gates = (
                Gate(metric=metric, min=bound, max=-bound),
                Gate(metric=metric, min_change=-bound, max_change=bound),
                *(Gate(metric=metric, slice=name, max_gap=bound) for name in challenger.slices),
            )
            for result in check_gates(gates, challenger, champion):
                assert len(str(result)) < 20_000 + len(str(result.gate.slice))


def check_judgement(data: bytes) -> None:
    """Records of any content upset no state, whoever signed them."""
    everything = situations()
    situation = everything[int.from_bytes(data[:2], "big") % len(everything)]
    files = unframe(data[2:])
    record = parse_record(files.pop("record", b""))
    head, policy = situation.state.head(), situation.state.policy()
    assert head is not None
    assert policy is not None
    following = replace(record, index=head.index + 1, prev=head.digest, policy=policy.digest)
    outcome = apply(situation.state, following, situation.signer, read_attachments(files))
    if not isinstance(outcome, Accepted):
        raise ValueError(outcome.what)
