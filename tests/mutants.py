"""The table of mutants: each takes one clause of DESIGN.md, section 5, out of the code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitreg.domain import rules

RULES = "tests/domain/test_rules.py"
PROMOTION = "tests/domain/test_promotion.py"
GATES = "tests/domain/test_gates.py"
CHANGE = "tests/domain/test_policy_change.py"
RECORD = "tests/domain/test_record.py"
TRAILER = "tests/domain/test_trailer.py"
SSHSIG = "tests/signing/test_sshsig.py"
READING = "tests/ledger/test_reading.py"
MERGES = "tests/attack/test_merges.py"
FORMATS = "tests/attack/test_formats.py"
TRUST = "tests/registry/test_trust.py"
VERIFY = "tests/registry/test_verify.py"
STORY = "tests/domain/test_every_rule_matters.py::test_the_story_is_refused_by_the_rule"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """In the function `place` (`module:name`), `old` becomes `new`; one of `tests` must notice.

    A place `table KIND/RULE` lets that entry of the tables of rules pass everything.
    """

    rule: str
    what: str
    place: str
    old: str
    new: str
    tests: tuple[str, ...]


# The rule of the design that each rule of the tables belongs to; those of one action are rule 8.
OF_DESIGN = {
    "chain": "1",
    "policy-cited": "9",
    "attachments": "3",
    "digests": "3",
    "policy-bytes": "6",
    "object": "3",
    "signer": "4",
    "on-behalf": "4",
    "right": "5",
    "time": "3",
    "policy-threshold": "6",
    "policy-proposal": "6",
    "document": "7",
    "new-version": "7",
}

# One clause a line, to be read as a table.
# fmt: off
# ruff: noqa: E501
CLAUSES: tuple[tuple[str, str, str, str, str, str], ...] = (
    # rule, what is removed, where, the text, its replacement, the tests
    ("1", "Index continues", "domain.rules:check_chain", "record.index != index", "False", RULES),
    ("1", "Prev continues", "domain.rules:check_chain", "record.prev != digest", "False", RULES),
    ("1", "record 0 is a policy", "domain.rules:check_chain", "head is None and", "False and", RULES),
    ("1", "the given root", "ledger.freshness:check_given", "trust.root is not None", "False", TRUST),
    ("1", "the pinned root", "ledger.freshness:check_pinned", "pinned is None or", "True or", TRUST),
    ("2", "one armour", "domain.record:split_signature", 'signature.count("-----") != 4', "False", RECORD),
    ("2", "the armour ends it", "domain.record:split_signature", "not signature.endswith(_END)", "False", RECORD),
    ("2", "header order", "domain.record:parse_record", "_HEADER.match(payload)", "re.match(_HEADER.pattern.replace('type', '[a-z]+'), payload)", RECORD),
    ("2", "rewritten payload", "domain.record:parse_record", "record.payload() != signed", "False", RECORD),
    ("2", "unknown trailers", "domain.trailer:read_trailers", 'raise RecordError(f"{line[:60]!r} is not a trailer of a record")', "continue", TRAILER),
    ("2", "repeated trailers", "domain.trailer:read_trailers", "trailer.attribute in values", "False", TRAILER),
    ("2", "common trailers", "domain.trailer:read_trailers", "not in values", "in ()", TRAILER),
    ("2", "a trailer's grammar", "domain.trailer:Trailer.read", "not self.accepts(text)", "False", TRAILER),
    ("2", "the ledger commit", "ledger.reading:_judge", "!= commit.raw", "== b''", READING),
    ("2", "a merge goes nowhere", "git.repository:Repository.continues", "first.parents[:1] == ((one,) if one else ())", "True", MERGES),
    ("2", "plain files", "ledger.commits:_name_files", "len(blobs) != len(entries)", "False", READING),
    ("2", "the number of files", "ledger.commits:_name_files", "len(entries) > _MAX_FILES", "False", READING),
    ("2", "caps of sizes", "ledger.commits:_take", "blob.size > cap", "False", READING),
    ("2", "caps of what is written", "ledger.commits:check_tree", "len(data) > cap", "False", READING),
    ("3", "the tag and title", "domain.record:parse_record", "record.payload() != signed", "False", RECORD),
    ("3", "missing files", "domain.rules:check_attachments", "missing := needed - present", "missing := set[str]()", RULES),
    ("3", "surplus files", "domain.rules:check_attachments", "surplus := present - needed", "surplus := set[str]()", RULES),
    ("3", "the version's commit", "domain.promotion:check_registered", "case.record.object != version.commit", "False", RULES),
    ("3", "the version's Manifest", "domain.promotion:check_registered", "case.record.manifest != version.manifest", "False", RULES),
    ("signature", "the fit to the bytes", "signing.sshsig:verify", "check(signature, _signed", "(signature, _signed", SSHSIG),
    ("signature", "namespace", "signing.sshsig:verify", "namespace != NAMESPACE or reserved", "False", SSHSIG),
    ("signature", "version of SSHSIG", "signing.sshsig:verify", "not blob.startswith(_HEAD)", "False", SSHSIG),
    ("signature", "hash names", "signing.sshsig:verify", "_HASHES[hash_name](payload)", "hashlib.new(hash_name.decode(), payload)", SSHSIG),
    ("signature", "canonical armour", "signing.sshsig:verify", "_ARMOUR.fullmatch", "re.compile(_ARMOUR.pattern.replace('70', '1,99')).search", SSHSIG),
    ("signature", "canonical base64", "signing.sshsig:_decode", "base64.b64encode(data).decode() != text", "False", SSHSIG),
    ("signature", "bits of RSA", "signing.sshsig:_rsa", "modulus.bit_length() < _RSA_BITS", "False", SSHSIG),
    ("signature", "SHA-1 of RSA", "signing.sshsig:_split", "name not in names", "False", SSHSIG),
    ("signature", "touch", "signing.sshsig:_sk_ed25519", "not flags_and_counter[0] & _TOUCHED", "False", SSHSIG),
    ("signature", "types of keys", "signing.sshsig:_verifier", "_KINDS.get(kind)", "_KINDS.get(kind, _ed25519)", SSHSIG),
    ("signature", "what follows", "signing.sshsig:_read_strings", "start < len(data)", "False", SSHSIG),
    ("signature", "the curve", "signing.sshsig:_ecdsa", "curve_name != kind[-8:]", "False", SSHSIG),
    ("signature", "canonical numbers", "signing.sshsig:_positive", "value <= 0 or", "False and", SSHSIG),
    ("signature", "a refused one is void", "ledger.reading:_judge", "isinstance(signer, SignatureError)", "False", READING),
    ("4", "On-Behalf is a person", "domain.rules:check_behalf", "behalf not in case.policy.keys", "False", RULES),
    ("4", "verdicts are the signer's", "domain.rules:check_behalf", 'case.record.action == "approve"', "False", RULES),
    ("5", "rights", "domain.rules:check_right", "case.person in rights[record.action]", "True", RULES),
    ("5", "who may beat", "domain.rules:check_right", "case.person in case.policy.beat", "True", RULES),
    ("5", "models without an entry", "domain.rules:check_right", 'return f"no entry', 'return None and f"no entry', RULES),
    ("6", "a present root person", "domain.policy_change:check_proposal", 'case.person not in root or case.record.verdict != "approve"', 'case.record.verdict != "approve"', CHANGE),
    ("6", "it begins by approve", "domain.policy_change:check_proposal", 'case.record.verdict != "approve"', "False", CHANGE),
    ("6", "it carries its bytes", "domain.policy_change:check_proposal", "None if case.attachments.policy else", "None if True else", CHANGE),
    ("6", "bytes are carried once", "domain.policy_change:check_proposal", "if case.attachments.files:", "if False:", CHANGE),
    ("6", "the blob approved", "domain.policy_change:check_proposal", "case.record.object != proposal.object", "False", CHANGE),
    ("6", "later approvers", "domain.policy_change:check_proposal", "theirs not in proposal.policy.root.by", "False", CHANGE),
    ("6", "threshold of the present", "domain.policy_change:missing_root", '(current, "policy in force"), ', "", CHANGE),
    ("6", "threshold of the proposed", "domain.policy_change:missing_root", ', (proposed, "proposed policy")', ",", CHANGE),
    ("6", "enacted by a root person", "domain.policy_change:missing_root", "case.person not in current.root.by", "False", CHANGE),
    ("6", "record 0's signer", "domain.policy_change:check_enacted", "None if case.person in current.root.by", "None if True", CHANGE),
    ("6", "people are counted", "domain.policy_change:root_people", "{person for person in people if person in policy.root.by}", "[p for key in keys if (p := policy.person_of(key)) in policy.root.by]", CHANGE),
    ("6", "owners: own entries", "domain.policy_change:is_owner_change", "person in owners[pattern]", "True", CHANGE),
    ("6", "owners: the rest stays", "domain.policy_change:is_owner_change", "old != new or", "", CHANGE),
    ("6", "lock-out", "domain.policy_reader:_Reader.read_root", "len(able) < count", "False", "tests/domain/test_policy.py"),
    ("6", "one person a key", "domain.policy_reader:_Reader.read_people", "owner.setdefault(key, name) != name", "False", "tests/domain/test_policy.py"),
    ("6", "older proposals end", "domain.state:State._put", "self.proposals.clear()", "pass", CHANGE),
    ("6", "not by an owner's change", "domain.state:State._put", "entry.decided == entry.index", "True", CHANGE),
    ("6", "the root's, whoever owns it", "domain.changes:_policy_in_force", "policy_change.missing_root(case) is None", "False", CHANGE),
    ("7", "name and version agree", "domain.rules:check_document", "(document.name, document.version) != ", "() == ", RULES),
    ("7", "canonical model.json", "domain.canonical:loads", "dumps(value) != data", "False", "tests/domain/test_canonical.py"),
    ("7", "canonical in the ledger", "ledger.reading:read_attachments", "loads(", "read_json(", RULES),
    ("8", "registered", "domain.promotion:check_registered", "version is None", "False", STORY),
    ("8", "not yanked", "domain.promotion:check_registered", "version.yanked is not None", "False", RULES),
    ("8", "Seq", "domain.promotion:check_seq", "case.record.seq != expected", "False", RULES),
    ("8", "Replaces", "domain.promotion:check_replaces", "case.record.replaces != holder", "False", RULES),
    ("8", "holds it already", "domain.promotion:check_replaces", "case.record.version == holder", "False", PROMOTION),
    ("8", "after", "domain.promotion:check_after", "after is None or", "True or", PROMOTION),
    ("8", "the newest report", "domain.promotion:check_report", "case.record.report != expected", "False", PROMOTION),
    ("8", "the gates' data", "domain.promotion:evidence", "if stage.data else None", "if False else None", PROMOTION),
    ("8", "measured evidence", "domain.promotion:check_report", "needs_measured and", "False and", PROMOTION),
    ("8", "gates", "domain.promotion:check_gates_pass", "if not result.passed", "if False", PROMOTION),
    ("8", "champion of the same run", "domain.promotion:gate_results", "measured is None or measured.version != champion.version", "False", PROMOTION),
    ("8", "a vacated champion", "domain.state:State.champion", "in reversed(self.stage_history(model, stage))", "in self.stage_history(model, stage)[-1:]", PROMOTION),
    ("8", "a yanked champion", "domain.state:State.champion", "entry and entry.yanked is None", "entry", PROMOTION),
    ("8", "count of approvals", "domain.promotion:check_approvals", "len(approving) < needed", "False", PROMOTION),
    ("8", "distinct people", "domain.promotion:check_approvals", '{verdict.person for verdict in standing if verdict.verdict == "approve"} - involved', '[v for v in standing if v.verdict == "approve" and v.person not in involved] * 2', PROMOTION),
    ("8", "verdict is approve", "domain.promotion:check_approvals", ' if verdict.verdict == "approve"', "", PROMOTION),
    ("8", "a standing reject", "domain.promotion:check_approvals", "if rejecting:", "if False:", PROMOTION),
    ("8", "not the promoter", "domain.promotion:involved_people", "case.person, ", "", PROMOTION),
    ("8", "not whom a promoter acts for", "domain.promotion:involved_people", "case.record.on_behalf, ", "", PROMOTION),
    ("8", "not the registrant", "domain.promotion:involved_people", "version.person, ", "", PROMOTION),
    ("8", "not whom a registrant acts for", "domain.promotion:involved_people", ", version.on_behalf", "", PROMOTION),
    ("8", "allowed people", "domain.promotion:standing_verdicts", "verdict.person in stage.approve.by", "True", PROMOTION),
    ("8", "verdict on this report", "domain.promotion:standing_verdicts", "verdict.report == record.report", "True", PROMOTION),
    ("8", "verdict on this Seq", "domain.changes:_verdict", "seq=record.seq or 0", "seq=2", PROMOTION),
    ("8", "rollback: version before", "domain.promotion:is_rollback", "before.version == case.record.version", "True", PROMOTION),
    ("8", "rollback: own count", "domain.promotion:check_approvals", "if is_rollback(case)", "if False", PROMOTION),
    ("8", "min", "domain.gates:_check", "value < gate.min", "False", GATES),
    ("8", "max", "domain.gates:_check", "value > gate.max", "False", GATES),
    ("8", "a missing number", "domain.gates:_check", 'passed=False, note=f"{challenger', 'passed=True, note=f"{challenger', GATES),
    ("8", "min_change", "domain.gates:_check_change", "change >= gate.min_change", "True", GATES),
    ("8", "max_change", "domain.gates:_check_change", "change <= gate.max_change", "True", GATES),
    ("8", "exact decimals", "domain.gates:_check_change", "_EXACT.subtract(value, baseline)", "value - baseline", GATES),
    ("8", "no champion passes", "domain.gates:_check_change", "passed=True", "passed=False", GATES),
    ("8", "a champion's missing number", "domain.gates:_check_change", "passed=False", "passed=True", GATES),
    ("8", "max_gap", "domain.gates:_check_gap", "gap <= max_gap", "True", GATES),
    ("8", "groups of a gap", "domain.gates:_check_gap", "len(values) != len(groups)", "False", GATES),
    ("8", "decimals as written", "domain.model:decimal_of", "Decimal(float.__repr__(value))", "Decimal(value)", "tests/domain/test_model.py"),
    ("8", "NaN", "domain.model:decimal_of", "and math.isfinite(value)", "", "tests/domain/test_model.py"),
    ("9", "verdicts of this policy", "domain.promotion:standing_verdicts", "verdict.index > since", "True", PROMOTION),
    ("9", "of this entry", "domain.entries:PolicyEntry.since", "self.changed.get(entry.pattern, self.decided)", "self.decided", CHANGE),
    ("9", "not of other entries", "domain.entries:PolicyEntry.since", "self.changed.get(entry.pattern, self.decided)", "self.index", CHANGE),
    ("10", "moved tags", "registry.verify:_tag_findings", "found != item.record.tag_object_id()", "False", VERIFY),
    ("10", "unknown tags", "registry.verify:_tag_findings", "name not in expected and", "False and", VERIFY),
    ("10", "other packages' tags", "registry.verify:_tag_findings", " and owner_of(name) in models", "", VERIFY),
    ("10", "missing tags", "registry.verify:_tag_findings", "found is None", "False", VERIFY),
    ("10", "missing on a server", "registry.verify:_tag_findings", '"error" if registry.repository.root is None else', "", VERIFY),
    ("memory", "ROLLBACK", "ledger.freshness:check_seen", "at_remote or", "", TRUST),
    ("memory", "ROLLBACK to nothing", "ledger.freshness:check_pinned", "pinned == root", "root is None", TRUST),
    ("memory", "FORK", "ledger.freshness:_check_contains", "found != checkpoint.digest", "False", TRUST),
    ("memory", "a checkpoint", "ledger.freshness:check_given", "trust.checkpoint is not None", "False", TRUST),
    ("memory", "STALE", "ledger.freshness:stale_since", "now - newest > policy.policy.max_age", "False", TRUST),
    ("memory", "times in the future", "ledger.freshness:stale_since", " if time <= now", "", TRUST),
    ("memory", "it only advances", "memory:remember", "known.index >= checkpoint.index", "False", "tests/test_memory.py"),
    ("void", "it changes nothing", "ledger.reading:_judge", "        return outcome\n", "        outcome = Accepted(person='', entries=())\n", READING),
    ("void", "the next continues", "ledger.reading:fold", "ledger.tip = commit.id\n", "ledger.tip = commit.id if isinstance(outcome, ValidRecord) else ledger.tip\n", READING),
    ("void", "a later format stops", "ledger.reading:_judge_later", "len(begun) >= root.count", "False", READING),
    ("void", "by the root alone", "ledger.reading:_judge_later", "len(begun) >= root.count", "True", FORMATS),
    ("void", "by its threshold", "ledger.reading:_judge_later", "len(begun) >= root.count", "begun", FORMATS),
    ("void", "under one policy", "ledger.reading:Ledger.accept", "self.begun_by.clear()", "pass", FORMATS),
    ("void", "where it continues", "ledger.reading:_judge_later", "not continues or", "", FORMATS),
)
# fmt: on


def _of_tables() -> Iterator[Mutant]:
    tables = {"every record": rules.COMMON, **rules.ACTIONS}
    for kind, table in tables.items():
        for name, _ in table:
            yield Mutant(
                rule=OF_DESIGN.get(name, "8"),
                what=f"{name} of {kind}",
                place=f"table {kind}/{name}",
                old="",
                new="",
                tests=(f"{STORY}[{kind}-{name}]",),
            )


def _of_clauses() -> Iterator[Mutant]:
    for rule, what, place, old, new, test in CLAUSES:
        yield Mutant(rule=rule, what=what, place=f"gitreg.{place}", old=old, new=new, tests=(test,))


MUTANTS = (*_of_tables(), *_of_clauses())
