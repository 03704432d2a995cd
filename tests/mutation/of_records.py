"""Rules 1 to 3, and what section 4 says of the record: chain, form, signature, tag and files."""

# ruff: noqa: E501

from __future__ import annotations

from tests.mutation.mutant import cut, cut_all, sentence

RULES = "domain/test_rules.py::test_"
RECORD = "domain/test_record.py::test_"
TRAILER = "domain/test_trailer.py::test_"
TRUST = "registry/test_trust.py::test_"
READING = "ledger/test_reading.py::Test"
SSHSIG = "signing/test_sshsig.py::"
OTHER_FORM = RECORD + "a_record_in_any_other_form_is_refused"

_EXACT = "record.payload() != signed"

# One mutant a line, to be read as a table: what, where, the code, its replacement, the test.
# fmt: off
CHAIN = (
    sentence(
        "1", "Index and Prev continue the last valid record",
        cut("Index", "domain.rules:check_chain", "record.index != index", "False", RULES + "a_record_has_the_next_index"),
        cut("Prev", "domain.rules:check_chain", "record.prev != digest", "False", RULES + "a_record_cites_the_one_before"),
        cut("of the last valid record alone", "ledger.verified:Ledger.accept", "self.state.advance(head, accepted.entries)", "self.state.advance(self.state.head() or head, accepted.entries)", READING + "Records::test_one_put_there_again_is_void"),
    ),
    sentence(
        "1", "record 0 is a policy whose sha256 is the pinned root",
        cut("a policy", "domain.rules:check_chain", "record.action != 'policy'", "False", RULES + "a_ledger_begins_with_a_policy"),
        cut("the root that was given", "ledger.freshness:check_given", "trust.root != ledger.root", "False", TRUST + "a_root_that_is_given_must_be_the_registrys"),
        cut("the root that was pinned", "ledger.freshness:check_pinned", "pinned == root", "True", TRUST + "another_registry_at_the_same_url_is_refused_until_its_root_is_given"),
        cut("pinned on first contact", "memory:pin", "pins.get(url) == root", "True", TRUST + "another_registry_at_the_same_url_is_refused_until_its_root_is_given"),
    ),
)

FORM = (
    sentence(
        "2", "strict parse: header order",
        cut_all(
            "the order", RECORD + "the_lines_of_the_header_have_one_order",
            ("domain.record:parse_record", "_HEADER.match(payload)", "_HEADER.match(re.sub('(tag .*\\n)(type .*\\n)', r'\\2\\1', payload, count=1))"),
            ("domain.record:parse_record", _EXACT, "sorted(record.payload().splitlines()) != sorted(signed.splitlines())"),
        ),
        cut("the tagger's form", "domain.record:Tagger.parse", "not is_text(match[1])", "False", RECORD + "another_tagger_line_is_refused"),
    ),
    sentence(
        "2", "exactly one canonical signature armour, which ends the object",
        cut("one", "domain.record:split_signature", "signature.count('-----') != 4", "False", RECORD + "the_signature_is_the_one_thing_after_the_message"),
        cut("which ends the object", "domain.record:split_signature", "not signature.endswith(_END)", "False", RECORD + "the_signature_is_the_one_thing_after_the_message"),
        cut("canonical armour", "signing.sshsig:verify", "_ARMOUR.fullmatch(armour)", "re.search(r'-----\\n([A-Za-z0-9+/=\\s]*)-----', armour)", SSHSIG + "TestForm::test_armour_that_is_not_canonical_is_refused"),
        cut("canonical base64", "signing.sshsig:_decode", "base64.b64encode(data).decode() != text", "False", SSHSIG + "TestForm::test_base64_that_is_not_canonical_is_refused"),
    ),
    sentence(
        "2", "title and trailers exactly as above",
        cut("the title", "domain.record:parse_record", _EXACT, "record.payload().split(b'\\n\\n', 2)[::2] != signed.split(b'\\n\\n', 2)[::2]", OTHER_FORM),
        cut("the trailers' order", "domain.record:parse_record", _EXACT, "sorted(record.payload().splitlines()) != sorted(signed.splitlines())", OTHER_FORM),
        cut("the trailers of the action", "domain.record:parse_record", _EXACT, "not set(record.payload().splitlines()) <= set(signed.splitlines())", OTHER_FORM),
        cut("no other trailers", "domain.trailer:read_trailers", "raise RecordError(f'{line[:60]!r} is not a trailer of a record')", "continue", TRAILER + "what_is_no_trailer_is_refused"),
        cut("none twice", "domain.trailer:read_trailers", "trailer.attribute in values", "False", TRAILER + "a_block_has_every_common_trailer_once"),
        cut("none missing", "domain.trailer:read_trailers", "TRAILERS[name].attribute not in values", "False", TRAILER + "a_block_has_every_common_trailer_once"),
        cut("a trailer's grammar", "domain.trailer:Trailer.read", "not self.accepts(text)", "False", TRAILER + "another_text_is_refused"),
    ),
    sentence(
        "2", "ledger commit as in section 3: the record and its parent determine it",
        cut("determined", "ledger.reading:_judge", "git_object_id('commit', determined, like=commit.id) != commit.id", "False", READING + "Commits::test_one_that_differs_from_what_its_record_determines_is_void"),
        cut_all(
            "its only parent", READING + "Commits::test_another_parent_beside_the_ledgers_is_void",
            ("ledger.reading:_judge", "len(commit.parents) > 1", "False"),
            ("ledger.reading:_judge", "git_object_id('commit', determined, like=commit.id) != commit.id", "False"),
        ),
        cut("by first parents alone", "git.repository:Repository.continues", "first.parents[:1] == ((one,) if one else ())", "True", "attack/test_merges.py::test_a_writer_does_not_follow_it"),
        cut("a history without gaps", "ledger.reading:fold", "commit.parents[:1] != parent", "False", READING + "Commits::test_a_ledger_that_does_not_continue_what_was_read_fails_closed"),
        cut("a history from its beginning", "ledger.reading:read_ledger", "hides_parent(reader, first.id)", "False", READING + "Commits::test_a_history_that_is_cut_off_fails_closed"),
    ),
    sentence(
        "2", "ledger commit as in section 3: a tree of just this record's files, mode 100644",
        cut("plain files", "ledger.commits:_name_blobs", "len(blobs) != len(entries)", "False", READING + "Trees::test_what_is_no_plain_file_is_void"),
        cut("the record", "ledger.commits:_name_blobs", "'record' not in blobs", "False", READING + "Trees::test_a_tree_without_a_record_is_void"),
        cut("files that are here", "ledger.commits:_found", "item is None", "False", READING + "Trees::test_a_file_that_is_not_here_fails_closed"),
    ),
    sentence(
        "2", "sizes are capped, per file and per record",
        cut("the number of files", "ledger.commits:_name_blobs", "len(entries) > _MAX_FILES", "False", READING + "Trees::test_too_many_files_are_void"),
        cut("each file", "ledger.commits:_too_large", "size > cap", "False", READING + "Trees::test_a_file_over_its_cap_is_void[record-65537]"),
        cut("files of other names", "ledger.commits:_too_large", "0", "_MANIFEST_CAP", READING + "Trees::test_a_file_over_its_cap_is_void[other.txt-1]"),
        cut("all files together", "ledger.commits:_weigh", "together > _RECORD_CAP", "False", READING + "Trees::test_the_files_of_a_record_are_capped_together"),
        cut("each file that is written", "ledger.commits:check_tree", "len(data) > cap", "False", "ledger/test_reading.py::test_what_readers_would_not_take_is_not_written"),
        cut("all that is written together", "ledger.commits:check_tree", "sum(map(len, files.values())) > _RECORD_CAP", "False", "ledger/test_reading.py::test_what_readers_would_not_take_is_not_written"),
    ),
)

AGREEMENT = (
    sentence(
        "3", "the header's tag equals the name that the trailers imply",
        cut("the name", "domain.record:parse_record", _EXACT, "re.sub(b'\\ntag .*', b'', record.payload(), count=1) != re.sub(b'\\ntag .*', b'', signed, count=1)", OTHER_FORM),
    ),
    sentence(
        "3", "object agrees: the version's commit, the policy's blob, the previous ledger commit",
        cut("its type", "domain.record:parse_record", _EXACT, "re.sub(b'\\ntype .*', b'', record.payload(), count=1) != re.sub(b'\\ntype .*', b'', signed, count=1)", OTHER_FORM),
        cut("the version's commit", "domain.promotion:check_registered", "case.record.object != version.commit", "False", RULES + "a_record_is_about_the_registered_commit_and_manifest"),
        cut("the commit of what leaves a stage", "domain.rules:check_held", "case.record.object != holder.commit", "False", RULES + "a_vacated_stage_is_left_by_its_holder"),
        cut("the blob of what was proposed", "domain.policy_change:check_proposal", "case.record.object != proposal.object", "False", "domain/test_policy_change.py::test_an_approval_points_at_the_blob_of_the_proposal"),
    ),
    sentence(
        "3", "attachments agree: those of the action, no more and no fewer",
        cut("no fewer", "domain.attached:check_attachments", "needed - present", "set[str]()", RULES + "a_missing_file_is_named"),
        cut("no more", "domain.attached:check_attachments", "present - needed", "set[str]()", RULES + "a_surplus_file_is_named"),
        cut("a folder's manifest", "domain.attached:check_attachments", "needed = {'model.json', *(f'manifest-{entry.sha256}' for entry in folders)}", "needed = {'model.json'} | (present & {f'manifest-{entry.sha256}' for entry in folders})", RULES + "a_folder_brings_its_manifest"),
        cut("extra.json where it is cited", "domain.attached:check_attachments", "{'extra.json'}", "present & {'extra.json'}", "domain/test_every_rule_matters.py::test_the_story_is_refused_by_the_rule[every record-attachments]"),
    ),
    sentence(
        "3", "their digests agree",
        cut("of model.json", "domain.attached:check_digests", "name != 'policy.yaml'", "name not in ('policy.yaml', 'model.json')", "domain/test_every_rule_matters.py::test_the_story_is_refused_by_the_rule[every record-digests]"),
        cut("of report.json", "domain.attached:check_digests", "name != 'policy.yaml'", "name not in ('policy.yaml', 'report.json')", RULES + "an_evaluation_without_its_report_is_none"),
        cut("of extra.json", "domain.attached:check_digests", "name != 'policy.yaml'", "name not in ('policy.yaml', 'extra.json')", RULES + "room_for_later_is_cited"),
        cut("of a folder's manifest", "domain.attached:check_digests", "name != 'policy.yaml'", "name != 'policy.yaml' and not name.startswith('manifest-')", RULES + "a_folder_brings_its_manifest"),
        cut("of policy.yaml", "domain.policy_change:check_bytes", "sha256(data) != case.record.new_policy", "False", "domain/test_policy_change.py::test_the_bytes_are_those_that_the_record_names"),
        cut("the version's Manifest", "domain.promotion:check_registered", "case.record.manifest != version.manifest", "False", RULES + "a_record_is_about_the_registered_commit_and_manifest"),
        cut("the version of the report", "domain.attached:check_measured", "(report.model, report.challenger.version)", "(report.model, case.record.version)", RULES + "a_report_is_on_the_records_version"),
        cut("the model of the report", "domain.attached:check_measured", "(report.model, report.challenger.version)", "(case.record.model, report.challenger.version)", RULES + "a_report_is_on_the_records_version"),
    ),
    sentence(
        "3", "tagger times of one model's tagged records strictly increase",
        cut("they increase", "domain.rules:check_time", "record.tagger.time <= case.view.last_time(case.model)", "False", RULES + "times_of_a_models_tags_increase"),
        cut("strictly", "domain.rules:check_time", "record.tagger.time <= case.view.last_time(case.model)", "record.tagger.time < case.view.last_time(case.model)", RULES + "times_of_a_models_tags_increase"),
        cut("tagged records alone", "domain.state:State._put", "entry.ordinal > self.last_ordinal(entry.model)", "True", "domain/test_rules.py::test_deprecating_a_version_sets_no_time_back"),
        cut("room for the next", "domain.rules:check_time", "record.tagger.time > _LATEST + record.index", "False", RULES + "the_latest_time_there_is_stops_nobody"),
    ),
)

SIGNATURES = (
    sentence(
        "signature", "signatures are SSHSIG, of the namespace git, over the record's bytes",
        cut("it fits the bytes", "signing.sshsig:verify", "check(signature, _signed_before_digest(hash_name) + digest)", "pass", SSHSIG + "test_a_good_key_is_accepted_and_named[-t ed25519]"),
        cut_all(
            "the namespace", SSHSIG + "test_another_namespace_is_refused",
            ("signing.sshsig:verify", "namespace != NAMESPACE", "False"),
            ("signing.sshsig:verify", "_signed_before_digest(hash_name)", "_signed_before_digest(hash_name).replace(_string(NAMESPACE), _string(namespace))"),
        ),
        cut("nothing reserved", "signing.sshsig:verify", "reserved", "False", SSHSIG + "TestForm::test_a_reserved_field_that_is_used_is_refused"),
        cut("version 1", "signing.sshsig:verify", "not blob.startswith(_HEAD)", "False", SSHSIG + "TestForm::test_another_version_is_refused"),
        cut("nothing follows", "signing.sshsig:_read_strings", "start < len(data)", "False", SSHSIG + "TestForm::test_more_after_the_end_is_refused_everywhere"),
        cut("nothing is cut off", "signing.sshsig:_read_strings", "start > len(data)", "False", SSHSIG + "TestForm::test_a_cut_signature_is_refused"),
        cut("a refused one makes the record void", "ledger.reading:_judge", "isinstance(signer, SignatureError)", "False", READING + "Records::test_a_changed_word_is_void"),
    ),
    sentence(
        "signature", "keys are ed25519, sk-ed25519 (touched), ecdsa-p256/384, and rsa from 3072 bits",
        cut("these types alone", "signing.sshsig:_verifier", "_KINDS.get(kind)", "_KINDS.get(kind, _ed25519)", SSHSIG + "test_a_key_of_another_type_is_refused"),
        cut("no certificates", "signing.sshsig:_verifier", "_KINDS.get(kind)", "_KINDS.get(kind.removesuffix(b'-cert-v01@openssh.com'))", SSHSIG + "test_a_certificate_is_refused"),
        cut("touched", "signing.sshsig:_sk_ed25519", "not flags_and_counter[0] & _TOUCHED", "False", SSHSIG + "TestHardwareKeys::test_an_untouched_one_is_refused"),
        cut("the curve", "signing.sshsig:_ecdsa", "curve_name != kind[-8:]", "False", SSHSIG + "TestNumbers::test_an_ecdsa_key_of_another_curve_or_off_it_is_refused"),
        cut("3072 bits", "signing.sshsig:_rsa", "modulus.bit_length() < _RSA_BITS", "False", SSHSIG + "test_a_weak_or_unknown_key_is_refused[rsa 2048]"),
        cut("canonical numbers", "signing.sshsig:_positive", "value <= 0 or len(data) != value.bit_length() // 8 + 1", "False", SSHSIG + "TestNumbers::test_a_number_that_is_not_canonical_is_refused"),
    ),
    sentence(
        "signature", "hashes are sha256 and sha512 only, of RSA too",
        cut_all(
            "of the record", "attack/test_signatures.py::test_19_a_signature_with_a_broken_hash",
            ("signing.sshsig:verify", "hash_name not in _HASHES", "False"),
            ("signing.sshsig:verify", "_HASHES[hash_name](payload)", "hashlib.new(hash_name.decode(), payload)"),
            ("signing.sshsig:_signed_before_digest", "_HASHES[hash_name]()", "hashlib.new(hash_name.decode())"),
        ),
        cut("of RSA", "signing.sshsig:_split", "name not in names", "False", SSHSIG + "TestNumbers::test_an_rsa_signature_by_sha1_is_refused"),
    ),
)
# fmt: on
SENTENCES = (*CHAIN, *FORM, *AGREEMENT, *SIGNATURES)
