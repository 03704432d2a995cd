from __future__ import annotations

from typing import Any

import pytest

from gitreg.domain.canonical import git_object_id, sha256
from gitreg.domain.record import ZEROS, Action, Record, Tagger, parse_record, split_signature
from gitreg.domain.trailer import FutureRecordError, RecordError
from gitreg.value import replace
from tests.ledgers import EMPTY_TREE, REGISTRY, armour_of, sign

COMMIT = "1b" * 20
ALICE = Tagger(name="Alice Liddell", email="alice@example.org", time=1_700_000_000, zone="-0330")


def record(action: Action, **fields: Any) -> Record:
    values: dict[str, Any] = {
        "object": COMMIT,
        "tagger": ALICE,
        "index": 57,
        "prev": "2c" * 32,
        "policy": "3d" * 32,
    }
    return sign(Record(action=action, **(values | fields)))


VERSIONED = {"model": "iris", "version": "1.2.0"}
STAGED = VERSIONED | {"stage": "production", "seq": 3}
PROMOTION = record(
    "promote", **STAGED, manifest="4e" * 32, replaces="1.1.0", report=None, reason="Better: at 3"
)
EACH = [
    (
        record("policy", index=0, prev=ZEROS, new_policy="5f" * 32, registry=REGISTRY),
        "gitreg/0",
        "Start the registry",
    ),
    (record("policy", new_policy="5f" * 32), "gitreg/57", "Change the policy"),
    (
        record("register", **VERSIONED, path=".", manifest="4e" * 32, on_behalf="bob"),
        "iris@v1.2.0",
        "Register iris v1.2.0",
    ),
    (record("evaluate", **VERSIONED, report="6a" * 32), "gitreg/57", "Evaluate iris v1.2.0"),
    (
        record("approve", **STAGED, verdict="reject", report="6a" * 32),
        "gitreg/57",
        "Reject iris v1.2.0 for production",
    ),
    (
        record("approve", verdict="approve", new_policy="5f" * 32),
        "gitreg/57",
        "Approve policy 5f5f5f5f5f5f",
    ),
    (PROMOTION, "iris#production#3", "Promote iris v1.2.0 to production"),
    (
        record("vacate", model="iris", stage="production", seq=4, replaces="1.2.0"),
        "iris#production!#4",
        "Vacate production of iris",
    ),
    (record("deprecate", **VERSIONED, extra="7b" * 32), "gitreg/57", "Deprecate iris v1.2.0"),
    (
        record("yank", **VERSIONED, reason="Trained on the test set"),
        "gitreg/57",
        "Yank iris v1.2.0",
    ),
    (
        record("deploy", **STAGED, target="eu/cluster-1", outcome="failed", detail="no nodes"),
        "gitreg/57",
        "Deploy iris v1.2.0 to eu/cluster-1: failed",
    ),
    (record("beat"), "gitreg/57", "Beat"),
]


def edited(before: str, after: str) -> bytes:
    """The promotion with its text changed, and signed as it then is."""
    payload = PROMOTION.payload().decode()
    assert before in payload
    data = payload.replace(before, after, 1).encode()
    return data + armour_of(data).encode()


def test_a_record_has_the_bytes_of_the_format() -> None:
    assert PROMOTION.payload().decode() == (
        f"object {COMMIT}\ntype commit\ntag iris#production#3\n"
        "tagger Alice Liddell <alice@example.org> 1700000000 -0330\n\n"
        "Promote iris v1.2.0 to production\n\n"
        f"Gitreg: 1\nIndex: 57\nPrev: sha256:{'2c' * 32}\nPolicy: sha256:{'3d' * 32}\n"
        "Action: promote\nModel: iris\nVersion: v1.2.0\nStage: production\nSeq: 3\n"
        f"Manifest: sha256:{'4e' * 32}\nReplaces: v1.1.0\nReport: none\nReason: Better: at 3\n"
    )


@pytest.mark.parametrize(("each", "tag", "title"), EACH, ids=lambda value: str(value)[:20])
def test_a_record_of_each_action_is_read_as_written(each: Record, tag: str, title: str) -> None:
    assert parse_record(each.to_bytes()) == each
    assert each.tag_name == tag
    assert each.title == title
    assert each.message().startswith(f"{title}\n\nGitreg: 1\n")
    assert each.object_type == ("blob" if each.new_policy else "commit")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("Promote iris", "Promote Iris", "title"),
        ("production\n\n", "production\n", "is not a trailer|missing"),
        ("\n\nGitreg", "\n\n\nGitreg", "is not a trailer"),
        ("Gitreg: 1\n", "Gitreg: 0\n", "Gitreg cannot be '0'"),
        ("Gitreg: 1\n", "Gitreg: 01\n", "Gitreg cannot be '01'"),
        ("Gitreg: 1\nIndex: 57\n", "Index: 57\nGitreg: 1\n", "in their order"),
        ("Index: 57\n", "", "Index is missing"),
        ("Index: 57\n", "Index: 57\nIndex: 57\n", "twice"),
        ("Index: 57\n", "Index: 057\n", "Index cannot be"),
        ("Index: 57\n", "Index: 57 \n", "Index cannot be"),
        ("Index: 57\n", "index: 57\n", "is not a trailer"),
        ("Prev: sha256:2c", "Prev: sha256:2C", "Prev cannot be"),
        ("Prev: sha256:", "Prev: sha512:", "Prev cannot be"),
        ("Action: promote", "Action: demote", "Action cannot be"),
        ("Action: promote", "Action: yank", "iris#production#3"),
        ("Version: v1.2.0", "Version: 1.2.0", "Version cannot be"),
        ("Seq: 3\n", "", "Seq is missing"),
        ("Seq: 3\n", "Seq: 0\n", "Seq cannot be"),
        ("Stage: production\n", "Stage: production\nPath: .\n", "in their order"),
        ("Replaces: v1.1.0\n", "", "in their order"),
        ("Report: none", "Report: None", "Report cannot be"),
        ("Reason: Better: at 3\n", "Reason: \n", "Reason cannot be"),
        ("Reason: Better: at 3\n", "Reason: a\u202eb\n", "Reason cannot be"),
        ("Reason: Better: at 3\n", "Reason: a\n\n", "is not a trailer"),
        ("Reason: Better: at 3\n", "Reason: a\nSigned-off-by: b\n", "is not a trailer"),
        ("tag iris#production#3", "tag iris#production#8", "its trailers imply"),
        ("tag iris#production#3", "tag refs/tags/x", "its trailers imply"),
        ("type commit", "type blob", "the action needs a commit"),
        ("type commit", "type tree", "header"),
        (f"object {COMMIT}", f"object {COMMIT[:-1]}", "header"),
        ("object ", "tree ", "header"),
        ("Alice Liddell <", "Alice Liddell<", "tagger"),
        ("Alice Liddell <", "Alice\u200b <", "tagger"),
        ("alice@example.org", "alice@\u2066example.org", "tagger"),
        ("1700000000 ", "01700000000 ", "tagger"),
        ("-0330", "-03:30", "tagger"),
        ("-0330", "-0330\nencoding x", "header"),
    ],
)
def test_a_record_in_any_other_form_is_refused(before: str, after: str, what: str) -> None:
    with pytest.raises(RecordError, match=what):
        parse_record(edited(before, after))


def test_the_lines_of_the_header_have_one_order() -> None:
    lines = ["type commit\n", "tag iris#production#3\n"]
    with pytest.raises(RecordError, match="object, type, tag and tagger, in this order"):
        parse_record(edited("".join(lines), "".join(reversed(lines))))


def test_a_record_of_a_later_format_says_so() -> None:
    data = edited("Gitreg: 1\n", "Gitreg: 2\n").replace(b"Policy: ", b"New: x\nPolicy: ")
    with pytest.raises(FutureRecordError, match="format 2") as caught:
        parse_record(data)
    assert (caught.value.index, caught.value.prev) == (PROMOTION.index, PROMOTION.prev)


def test_the_signature_is_the_one_thing_after_the_message() -> None:
    data = PROMOTION.to_bytes()
    armour = armour_of(b"x").encode()
    for wrong, what in [
        (PROMOTION.payload(), "no SSH signature"),
        (b"", "no SSH signature"),
        (armour, "no SSH signature"),
        (data + b"x", "exactly one"),
        (data + b"\n", "exactly one"),
        (data + armour, "exactly one"),
        (data.replace(b"-----END", b"-----BEGIN SSH SIGNATURE-----\n-----END"), "exactly one"),
        (data[:-1], "exactly one"),
        (data.replace(b"SIGNATURE-----\n", b"SIGNATURE-----\n\xc3\xa9", 1), "not ASCII"),
        (b"\xff" + data, "UTF-8"),
    ]:
        with pytest.raises(RecordError, match=what):
            parse_record(wrong)


def test_a_reason_may_quote_the_words_of_a_signature() -> None:
    quoting = sign(replace(PROMOTION, reason="-----BEGIN SSH SIGNATURE-----"))
    assert parse_record(quoting.to_bytes()) == quoting


def test_payload_and_armour_are_the_whole_record() -> None:
    assert split_signature(PROMOTION.to_bytes()) == (PROMOTION.payload(), PROMOTION.signature)


def test_a_record_that_lacks_a_trailer_cannot_be_written() -> None:
    with pytest.raises(RecordError, match="Manifest is missing"):
        replace(PROMOTION, manifest=None).message()


def test_names_of_a_record_are_those_that_git_gives() -> None:
    data = PROMOTION.to_bytes()
    assert PROMOTION.digest() == sha256(data)
    assert PROMOTION.tag_object_id() == git_object_id("tag", data, like=COMMIT)
    assert len(replace(PROMOTION, object="1b" * 32).tag_object_id()) == 64


def test_a_record_and_its_parent_determine_the_ledger_commit() -> None:
    first = PROMOTION.commit_bytes(tree=EMPTY_TREE, parent=None)
    assert first.decode() == (
        f"tree {EMPTY_TREE}\nauthor {ALICE}\ncommitter {ALICE}\n\n{PROMOTION.message()}"
    )
    next_one = PROMOTION.commit_bytes(tree=EMPTY_TREE, parent=COMMIT)
    assert f"\nparent {COMMIT}\n".encode() in next_one


def test_a_program_reads_what_was_stated() -> None:
    assert PROMOTION.to_dict() == {
        "index": 57,
        "prev": "2c" * 32,
        "policy": "3d" * 32,
        "action": "promote",
        "model": "iris",
        "version": "1.2.0",
        "stage": "production",
        "seq": 3,
        "manifest": "4e" * 32,
        "replaces": "1.1.0",
        "reason": "Better: at 3",
    }


@pytest.mark.parametrize("text", ["Alice <> 0 +0000", "a b <a@b> 999999999999 -0000"])
def test_a_tagger_is_read_as_written(text: str) -> None:
    assert str(Tagger.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "Alice", "Alice <a> 0", " <a> 0 +0000", "A <a b> 0 +0000", "A <a> 1e3 +0000"),
        *(
            "A <a> -1 +0000",
            "A <a> 0 0000",
            "A\x1b <a> 0 +0000",
            "A <a\x1b> 0 +0000",
            "A <a>  0 +0000",
        ),
        *("A <a> 1000000000000 +0000", "A" * 201 + " <a> 0 +0000", "A\n <a> 0 +0000"),
    ],
)
def test_another_tagger_line_is_refused(text: str) -> None:
    with pytest.raises(RecordError, match="tagger"):
        Tagger.parse(text)
