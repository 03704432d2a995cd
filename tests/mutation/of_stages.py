"""Rules 7 and 8: what a registration says, and what it takes to enter a stage."""

# ruff: noqa: E501

from __future__ import annotations

from tests.mutation.mutant import cut, cut_all, sentence

RULES = "domain/test_rules.py::test_"
PROMOTION = "domain/test_promotion.py::test_"
GATES = "domain/test_gates.py::test_"
MODEL = "domain/test_model.py::test_"
REPORT = "domain/test_report.py::test_"
READING = "ledger/test_reading.py::Test"
STORY = "domain/test_every_rule_matters.py::test_the_story_is_refused_by_the_rule"

# One mutant a line, to be read as a table: what, where, the code, its replacement, the test.
# fmt: off
REGISTRATION = (
    sentence(
        "7", "register: the version is new",
        cut("new", "domain.rules:check_new_version", "version is not None", "False", RULES + "what_is_registered_is_told_by_its_record"),
        cut("after a yank too", "domain.rules:check_new_version", "version is not None", "version is not None and version.yanked is None", RULES + "what_is_yanked_never_returns"),
    ),
    sentence(
        "7", "model.json is canonical",
        cut("the same text", "domain.canonical:loads", "dumps(value) != data", "False", RULES + "a_file_that_cannot_be_read_says_why"),
        cut("in the ledger", "ledger.reading:read_attachments", "loads(others['model.json'])", "read_json(others['model.json'])", READING + "Attachments::test_a_manifest_that_cannot_be_read_is_void"),
        cut("of any content", "domain.attached:check_document", "document is None", "False", RULES + "a_file_that_cannot_be_read_says_why"),
    ),
    sentence(
        "7", "its name and version agree with the record",
        cut("the name", "domain.attached:check_document", "(document.name, document.version)", "(case.record.model, document.version)", RULES + "a_document_is_of_the_records_version"),
        cut("the version", "domain.attached:check_document", "(document.name, document.version)", "(document.name, case.record.version)", RULES + "a_document_is_of_the_records_version"),
    ),
)

STAGES = (
    sentence(
        "8", "promote: the version is registered, not yanked",
        cut("registered", "domain.promotion:check_registered", "version is None", "False", f"{STORY}[evaluate-registered]"),
        cut("not yanked", "domain.promotion:check_registered", "version.yanked is not None", "False", RULES + "what_is_yanked_never_returns"),
        cut("not by a rollback either", "domain.promotion:check_registered", "version.yanked is not None", "version.yanked is not None and not is_rollback(case)", PROMOTION + "a_rollback_to_a_yanked_version_is_refused"),
        cut("a holder is not yanked", "domain.rules:check_free", "case.view.held_stages(case.model, case.record.version or '')", "()", RULES + "a_holder_is_vacated_before_it_is_yanked"),
    ),
    sentence(
        "8", "Seq and Replaces are the stage's next and present ones",
        cut("Seq", "domain.promotion:check_seq", "case.record.seq != expected", "False", RULES + "a_stage_is_changed_in_the_order_of_its_numbers"),
        cut("Replaces", "domain.promotion:check_replaces", "case.record.replaces != holder", "False", RULES + "a_stage_is_entered_over_its_holder"),
        cut("not what holds it already", "domain.promotion:check_replaces", "case.record.version == holder", "False", RULES + "a_stage_is_entered_over_its_holder"),
        cut("what is vacated is held", "domain.rules:check_held", "holder is None", "False", f"{STORY}[vacate-held]"),
        cut("what is deployed holds it", "domain.rules:check_deployed", "now is None or (now.seq, now.version) != (case.record.seq, case.record.version)", "False", RULES + "a_deployment_is_of_the_stages_holder"),
    ),
    sentence(
        "8", "after: the stage before was held",
        cut("it was held", "domain.promotion:check_after", "not case.view.has_held(case.model, case.record.version or '', after)", "False", PROMOTION + "a_stage_that_comes_after_another_wants_it_held_once"),
        cut("by this version", "domain.state:State.has_held", "(model, version, stage) in self._entered", "any(entered[::2] == (model, stage) for entered in self._entered)", PROMOTION + "a_stage_that_comes_after_another_wants_it_held_once"),
    ),
    sentence(
        "8", "Report is the version's newest on the gates' data",
        cut("the newest", "domain.promotion:check_report", "case.record.report != expected", "False", f"{STORY}[promote-report]"),
        cut("the newest by the ledger", "domain.state:State.newest_report", "reversed(self.reports(model, version))", "self.reports(model, version)", f"{STORY}[promote-report]"),
        cut("on the gates' data", "domain.promotion:evidence", "case.policy.datasets[stage.data] if stage.data else None", "None", PROMOTION + "a_report_on_easier_data_is_no_evidence"),
        cut("on no other data", "domain.state:State.newest_report", "entry.report.data == data", "True", PROMOTION + "a_report_on_easier_data_is_no_evidence"),
    ),
)

APPROVALS = (
    sentence(
        "8", "approvals: the policy's count of distinct allowed persons",
        cut("the count", "domain.promotion:check_approvals", "len(approving) < needed", "False", f"{STORY}[promote-approvals]"),
        cut_all(
            "distinct persons", PROMOTION + "people_are_counted_not_approvals",
            ("domain.state:State._put", "self._verdicts[key][entry.person] = entry", "self._verdicts[key][str(entry.index)] = entry"),
            ("domain.promotion:check_approvals", "{verdict.person for verdict in standing if verdict.verdict == 'approve'} - involved", "{verdict.index for verdict in standing if verdict.verdict == 'approve' and verdict.person not in involved}"),
        ),
        cut_all(
            "allowed persons", PROMOTION + "the_approval_of_somebody_who_is_not_asked_is_none",
            ("domain.rules:check_right", "stage.approve.by if stage else frozenset()", "frozenset(case.policy.keys)"),
            ("domain.promotion:standing_verdicts", "verdict.person in stage.approve.by", "True"),
        ),
    ),
    sentence(
        "8", "whose newest verdict on this (Model, Version, Stage, Seq, Report) is approve",
        cut("the newest", "domain.state:State._put", "self._verdicts[key][entry.person] = entry", "self._verdicts[key].setdefault(entry.person, entry)", PROMOTION + "the_newest_verdict_of_a_person_counts"),
        cut("approve", "domain.promotion:check_approvals", "verdict.verdict == 'approve'", "True", PROMOTION + "the_newest_verdict_of_a_person_counts"),
        cut_all(
            "on this Model", PROMOTION + "an_approval_without_evidence_is_of_one_promotion_too",
            ("domain.state:State._put", "(entry.model, entry.version, entry.stage, entry.seq)", "(0, entry.version, entry.stage, entry.seq)"),
            ("domain.state:State.verdicts", "(model, version, stage, seq)", "(0, version, stage, seq)"),
        ),
        cut_all(
            "on this Version", PROMOTION + "an_approval_without_evidence_is_of_one_promotion_too",
            ("domain.state:State._put", "(entry.model, entry.version, entry.stage, entry.seq)", "(entry.model, 0, entry.stage, entry.seq)"),
            ("domain.state:State.verdicts", "(model, version, stage, seq)", "(model, 0, stage, seq)"),
        ),
        cut_all(
            "on this Stage", PROMOTION + "an_approval_without_evidence_is_of_one_promotion_too",
            ("domain.state:State._put", "(entry.model, entry.version, entry.stage, entry.seq)", "(entry.model, entry.version, 0, entry.seq)"),
            ("domain.state:State.verdicts", "(model, version, stage, seq)", "(model, version, 0, seq)"),
        ),
        cut_all(
            "on this Seq", PROMOTION + "an_approval_without_evidence_is_not_used_twice",
            ("domain.state:State._put", "(entry.model, entry.version, entry.stage, entry.seq)", "(entry.model, entry.version, entry.stage, 0)"),
            ("domain.state:State.verdicts", "(model, version, stage, seq)", "(model, version, stage, 0)"),
        ),
        cut("on this Report", "domain.promotion:standing_verdicts", "verdict.report == record.report", "True", PROMOTION + "an_approval_is_of_one_report"),
    ),
    sentence(
        "8", "who are neither the promoter, nor the registrant, nor whom either acts for",
        cut("the promoter", "domain.promotion:involved_people", "case.person", "None", PROMOTION + "a_promoter_who_did_not_register_does_not_approve_either"),
        cut("the registrant", "domain.promotion:involved_people", "version.person", "None", PROMOTION + "a_registrant_does_not_approve"),
        cut("whom the promoter acts for", "domain.promotion:involved_people", "case.record.on_behalf", "None", PROMOTION + "whom_the_promoting_bot_acts_for_does_not_approve"),
        cut("whom the registrant acts for", "domain.promotion:involved_people", "version.on_behalf", "None", PROMOTION + "whom_the_registrants_bot_acts_for_does_not_approve"),
        cut("none of them", "domain.promotion:check_approvals", "{verdict.person for verdict in standing if verdict.verdict == 'approve'} - involved", "{verdict.person for verdict in standing if verdict.verdict == 'approve'}", PROMOTION + "a_registrant_does_not_approve"),
    ),
    sentence(
        "8", "no standing reject",
        cut("no reject", "domain.promotion:check_approvals", "verdict.verdict == 'reject'", "False", PROMOTION + "a_standing_reject_outweighs_any_approval"),
        cut("of the registrant either", "domain.promotion:check_approvals", "verdict.verdict == 'reject'", "verdict.verdict == 'reject' and verdict.person != version.person", PROMOTION + "a_registrant_may_reject_their_own"),
    ),
)

EVIDENCE = (
    sentence(
        "8", "gates compare decimals",
        cut("min", "domain.gates:_check", "value < gate.min", "False", GATES + "a_value_is_within_its_bounds"),
        cut("max", "domain.gates:_check", "value > gate.max", "False", GATES + "a_value_is_within_its_bounds"),
        cut("min_change", "domain.gates:_check_change", "change >= gate.min_change", "True", GATES + "a_change_is_measured_from_the_champion"),
        cut("max_change", "domain.gates:_check_change", "change <= gate.max_change", "True", GATES + "a_change_is_measured_from_the_champion"),
        cut("max_gap", "domain.gates:_check_gap", "gap <= max_gap", "True", GATES + "a_gap_is_the_largest_between_groups"),
        cut("all groups of a gap", "domain.gates:_check_gap", "len(values) != len(groups)", "False", GATES + "a_gap_needs_the_numbers_of_two_groups_or_more"),
        cut("two groups or more", "domain.gates:_check_gap", "len(values) < 2", "False", GATES + "a_gap_needs_the_numbers_of_two_groups_or_more"),
        cut("exactly", "domain.gates:_check_change", "_EXACT.subtract(value, baseline)", "value - baseline", GATES + "differences_are_exact_whatever_the_callers_decimal_context"),
        cut("as they were written", "domain.model:decimal_of", "Decimal(float.__repr__(value))", "Decimal(value)", MODEL + "decimals_hold_what_was_written"),
        cut("a failed gate refuses", "domain.promotion:check_gates_pass", "not result.passed", "False", f"{STORY}[promote-gates]"),
    ),
    sentence(
        "8", "refuse NaN, and what is missing",
        cut("NaN and infinities", "domain.model:decimal_of", "math.isfinite(value)", "True", MODEL + "what_is_no_finite_number_is_no_metric"),
        cut("NaN in a report", "domain.canonical:_any_float", "not math.isfinite(value)", "False", "domain/test_canonical.py::test_ambiguous_json_is_refused[NaN]"),
        cut("a missing number", "domain.gates:_check", "challenger.metrics.get(gate.metric)", "challenger.metrics.get(gate.metric, gate.max if gate.min is None else gate.min)", GATES + "a_missing_number_fails_its_gate"),
    ),
    sentence(
        "8", "gates hold on evidence recorded earlier: measured, where the policy asks for it",
        cut("measured", "domain.promotion:check_report", "needs_measured", "False", PROMOTION + "claims_do_not_count_where_evidence_is_measured"),
        cut("a report outweighs claims", "domain.promotion:gate_results", "newest is None", "True", PROMOTION + "a_measured_report_outweighs_claims"),
    ),
    sentence(
        "8", "a measured report holds challenger and champion on the same data in one run",
        cut("this champion", "domain.promotion:gate_results", "measured.version != champion.version", "False", PROMOTION + "a_comparison_with_nobody_or_another_is_none"),
        cut("its number too", "domain.gates:_check_change", "baseline is None", "False", GATES + "a_champion_without_the_number_is_no_free_pass"),
        cut("a vacated champion", "domain.state:State.champion", "reversed(self.stage_history(model, stage))", "self.stage_history(model, stage)[-1:]", PROMOTION + "a_vacated_stage_keeps_its_champion"),
        cut("a yanked one hands back", "domain.state:State.champion", "entry.yanked is None", "True", PROMOTION + "a_yanked_champion_hands_back_to_the_one_before"),
        cut("the data's sha256", "domain.report:Report.from_dict", "not SHA256.fullmatch(read_text(data, 'sha256'))", "False", REPORT + "another_report_is_refused"),
    ),
    sentence(
        "8", "no champion ever: passes, noted “no baseline”",
        cut("it passes", "domain.gates:_check_change", "if champion is None:\n    return replace(result, note=f'it is {value}, no baseline')", "if champion is None:\n    return replace(result, passed=False)", GATES + "without_a_champion_there_is_no_baseline"),
    ),
    sentence(
        "8", "rollback means the version that held the stage just before: no gates, its own count",
        cut("that version", "domain.promotion:is_rollback", "before.version == case.record.version", "True", PROMOTION + "an_older_version_is_promoted_anew"),
        cut("another than the present one", "domain.state:State.stage_before", "earlier.version != entry.version", "True", PROMOTION + "the_version_before_is_another_than_the_one_that_returned"),
        cut("no gates", "domain.promotion:check_gates_pass", "is_rollback(case)", "False", PROMOTION + "a_rollback_cites_the_newest_evidence_and_passes_over_it"),
        cut("no stage before", "domain.promotion:check_after", "is_rollback(case)", "False", PROMOTION + "a_rollback_passes_over_a_stage_that_came_to_stand_before"),
        cut("its own count", "domain.promotion:check_approvals", "stage.rollback_approvals if is_rollback(case) else stage.approve.count", "stage.approve.count", PROMOTION + "a_rollback_brings_back_the_version_before"),
        cut("and that one at least", "domain.promotion:check_approvals", "stage.rollback_approvals if is_rollback(case) else stage.approve.count", "0 if is_rollback(case) else stage.approve.count", PROMOTION + "a_rollback_has_an_approval_count_of_its_own"),
    ),
)
# fmt: on
SENTENCES = (*REGISTRATION, *STAGES, *APPROVALS, *EVIDENCE)
