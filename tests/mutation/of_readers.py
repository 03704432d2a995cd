"""Rule 10, void records, memory, and reading so that a repository cannot lie."""

# ruff: noqa: E501

from __future__ import annotations

from tests.mutation.mutant import cut, cut_all, sentence

TRUST = "registry/test_trust.py::test_"
VERIFY = "registry/test_verify.py::Test"
READING = "ledger/test_reading.py::Test"
FORMATS = "attack/test_formats.py::test_"
REMOTE = "git/test_remote.py::test_"
PLACES = "registry/test_places.py::test_"
PUSH = "domain/test_push_rules.py::Test"

# One mutant a line, to be read as a table: what, where, the code, its replacement, the test.
# fmt: off
TAGS = (
    sentence(
        "10", "tag refs: one that differs from the ledger is an error of verify",
        cut("moved", "registry.verify:_tag_findings", "found != item.record.tag_object_id()", "False", VERIFY + "Tags::test_a_moved_one_is_an_error"),
        cut("at a server", "domain.push_rules:judge_tags", "known is not None", "False", PUSH + "Tags::test_a_signed_tag_does_not_move_and_is_not_deleted"),
    ),
    sentence(
        "10", "or a registry-shaped one of a model that the ledger knows",
        cut("unknown", "registry.verify:_tag_findings", "name not in expected", "False", VERIFY + "Tags::test_an_unknown_one_of_a_model_is_an_error[iris@v9.9.9]"),
        cut("at a server", "domain.push_rules:judge_tags", "owner_of(update.tag) in signed.models", "False", PUSH + "Tags::test_what_looks_like_a_models_tag_is_refused"),
    ),
    sentence(
        "10", "other packages' tags are none of its business",
        cut("left alone", "registry.verify:_tag_findings", "owner_of(name) in models", "True", VERIFY + "Tags::test_those_of_other_packages_are_left_alone[otherpkg@v3.0.0]"),
        cut("at a server", "domain.push_rules:judge_tags", "owner_of(update.tag) in signed.models", "True", PUSH + "Tags::test_tags_of_other_packages_pass"),
    ),
    sentence(
        "10", "a missing one is a warning in a clone, an error on a server",
        cut("missing", "registry.verify:_tag_findings", "found is None", "False", VERIFY + "Tags::test_a_deleted_one_is_a_warning_in_a_clone"),
        cut("a warning", "registry.verify:_tag_findings", "registry.repository.root is None", "True", VERIFY + "Tags::test_a_deleted_one_is_a_warning_in_a_clone"),
        cut("an error", "registry.verify:_tag_findings", "registry.repository.root is None", "False", VERIFY + "Tags::test_a_deleted_one_is_an_error_on_a_server"),
    ),
)

VOID = (
    sentence(
        "void", "a record that breaks a rule is void: reported, changes nothing",
        cut("judged", "ledger.reading:_judge", "isinstance(outcome, Broken)", "False", VERIFY + "VoidRecords::test_a_record_that_breaks_a_rule_is_void"),
        cut("before its files are read", "ledger.reading:_judge", "apply_unread(ledger.state, record, signer)", "None", "attack/test_large_files.py::test_large_files_are_read_for_nobody_who_may_not_say_so"),
        cut("reported", "ledger.reading:fold", "isinstance(outcome, ValidRecord)", "True", READING + "Records::test_junk_is_void"),
        cut("verify lists it as a warning", "registry.verify:_void_findings", "registry.proof.void", "()", VERIFY + "VoidRecords::test_a_record_that_breaks_a_rule_is_void"),
        cut("a commit that carries no record", "ledger.reading:_judge", "if commit.problem:\n    return Broken(rule='commit', what=commit.problem)", "pass", READING + "Trees::test_a_tree_without_a_record_is_void"),
    ),
    sentence(
        "void", "and the next valid record continues from the last valid one",
        cut("the next one", "ledger.reading:fold", "ledger.tip = commit.id", "ledger.tip = commit.id if isinstance(outcome, ValidRecord) else ledger.tip", READING + "Records::test_junk_is_void"),
        cut("junk before record 0", "ledger.reading:fold", "ledger.tip = commit.id", "ledger.tip = commit.id if ledger.records else None", READING + "ReadingOn::test_a_first_record_after_junk_starts_the_registry_where_its_commit_says_so"),
    ),
    sentence(
        "void", "a later format begun by the root's threshold stops the reader (ADR 10)",
        cut("it stops", "ledger.reading:_judge_later", "len(begun) >= root.count", "False", READING + "LaterFormats::test_one_that_the_root_signed_stops_the_reader"),
        cut("the root alone", "ledger.reading:_judge_later", "len(begun) >= root.count", "True", FORMATS + "a_stolen_key_that_is_not_of_the_root_stops_nobody"),
        cut("its threshold", "ledger.reading:_judge_later", "len(begun) >= root.count", "begun", FORMATS + "one_stolen_key_of_the_root_stops_nobody_where_the_threshold_is_two"),
        cut("people, never keys", "ledger.reading:_judge_later", "root_people(entry.policy, ledger.begun_by)", "ledger.begun_by", FORMATS + "one_stolen_key_of_the_root_stops_nobody_where_the_threshold_is_two"),
        cut("since the root last decided", "ledger.verified:Ledger.accept", "self.begun_by.clear()", "pass", FORMATS + "what_root_people_began_under_another_policy_counts_no_more"),
        cut("where the ledger goes on", "ledger.reading:_judge_later", "not continues", "False", FORMATS + "what_does_not_continue_the_ledger_begins_nothing"),
    ),
    sentence(
        "void", "the same code refuses a bad write and a bad history",
        cut("a bad write", "ledger.appending:judge", "isinstance(outcome, Broken)", "False", "ledger/test_appending.py::TestRefusals::test_a_rule_is_named_with_what_to_do"),
        cut("a bad push", "domain.push_rules:judge_ledger", "change.void", "()", PUSH + "Ledger::test_every_void_commit_is_told_with_its_rule"),
    ),
)

MEMORY = (
    sentence(
        "memory", "the newest record seen at a remote (advanced by a fetch or an acknowledged push)",
        cut("by a fetch", "registry.open:Registry._meet", "remember(ledger, ledger.tip)", "pass", TRUST + "a_shorter_ledger_is_a_rollback"),
        cut("by a push", "ledger.sharing:write", "remember(ledger, ledger.tip)", "pass", TRUST + "what_was_pushed_from_here_was_seen_too"),
        cut_all(
            "it only advances", "test_memory.py::test_what_was_seen_only_advances",
            ("memory:remember", "known is not None and known.index >= checkpoint.index", "False"),
            ("memory:remember", "known is None or known.index < checkpoint.index", "True"),
        ),
    ),
    sentence(
        "memory", "a remote that is shorter: ROLLBACK",
        cut_all(
            "shorter", TRUST + "a_shorter_ledger_is_a_rollback",
            ("ledger.freshness:_check_contains", "checkpoint.index >= len(records)", "False"),
            ("ledger.freshness:_check_contains", "records[checkpoint.index].digest", "(records[checkpoint.index:] or [checkpoint])[0].digest"),
        ),
        cut("at a remote", "ledger.freshness:check_seen", "at_remote", "False", TRUST + "a_shorter_ledger_is_a_rollback"),
        cut("before a write", "ledger.sharing:_read_newest", "remote is not None", "False", TRUST + "a_clone_of_a_rolled_back_host_cannot_write"),
        cut("no ledger at all", "registry.open:Registry._find_tip", "check_pinned(None, self.url)", "pass", TRUST + "a_ledger_that_is_gone_is_a_rollback"),
    ),
    sentence(
        "memory", "different at that index: FORK",
        cut("different", "ledger.freshness:_check_contains", "found != checkpoint.digest", "False", TRUST + "another_history_of_the_same_length_is_a_fork"),
        cut("of a clone too", "ledger.freshness:check_seen", "seen.index < len(ledger.records)", "False", TRUST + "another_history_of_the_same_length_is_a_fork"),
        cut("a remote that goes on elsewhere", "ledger.tips:fetch_ledger", "not tips.tracking or repository.continues(tips.tracking, found)", "True", "ledger/test_tips.py::TestFetching::test_a_rewritten_remote_is_refused_and_nothing_changes"),
        cut("a clone and a remote that parted", "ledger.tips:newest_tip", "repository.continues(tracking, local)", "True", "ledger/test_tips.py::TestNewestTip::test_two_that_parted_are_not_chosen_from"),
    ),
    sentence(
        "memory", "newest valid record older than max_age: STALE (times in the future prove no freshness)",
        cut("older than max_age", "ledger.freshness:stale_since", "now - newest > policy.policy.max_age", "False", TRUST + "a_ledger_that_stands_still_is_stale_until_a_heartbeat"),
        cut("times in the future", "index.lookups:Lookups.newest_time", "'SELECT max(time) FROM records WHERE time <= ?'", "'SELECT max(time) FROM records WHERE ? > 0'", TRUST + "a_time_in_the_future_proves_no_freshness"),
    ),
    sentence(
        "memory", "a local clone is merely behind",
        cut("no error", "ledger.freshness:check_seen", "seen.index < len(ledger.records)", "True", TRUST + "a_clone_of_a_rolled_back_host_cannot_write"),
        cut("a warning of verify", "registry.verify:age_findings", "0 if registry.url else behind(registry.ledger, last_seen(registry.ledger))", "0", TRUST + "a_clone_of_a_rolled_back_host_cannot_write"),
    ),
    sentence(
        "memory", "those that forget pin the root and a checkpoint",
        cut("the checkpoint", "ledger.freshness:check_given", "trust.checkpoint is not None", "False", TRUST + "a_checkpoint_serves_who_remembers_nothing"),
    ),
)

SEALED = (
    sentence(
        "reading", "no replace refs, hooks, or variables that lead elsewhere",
        cut("replace refs", "git.process:environment", "_SEALED", "{name: value for name, value in _SEALED.items() if 'REPLACE' not in name}", PLACES + "replace_refs_and_grafts_are_not_believed"),
        cut("variables", "git.process:environment", "name not in _DROPPED", "True", PLACES + "variables_that_point_elsewhere_are_not_followed"),
        cut("hooks", "git.process:command", "[str(git), *_OPTIONS, *arguments]", "[str(git), *arguments]", PLACES + "hooks_of_the_clone_are_not_run"),
        cut("what a partial clone fetches by itself", "git.process:environment", "_SEALED", "{**_SEALED, 'GIT_ALLOW_PROTOCOL': 'file'}", "attack/test_hostile_remotes.py::test_missing_objects_are_never_fetched_by_the_clones_own_ways"),
        cut("hooks of a remote inside", "git.remote:_checked", "inside.is_relative_to(top)", "False", "attack/test_hostile_remotes.py::test_a_remote_inside_the_clone_runs_no_hooks[evil.git]"),
        cut("replace refs at a server", "domain.push_rules:judge_reserved", "update.ref.startswith(_REPLACE)", "False", PUSH + "Reserved::test_replace_refs_are_refused_whatever_happens_to_them"),
    ),
    sentence(
        "reading", "full ref names, -- before anything from outside",
        cut("--", "git.repository:Repository.history", "self.git('rev-list', *options, tip, *limits, '--')", "self.git('rev-list', *options, tip, *limits)", "attack/test_names.py::test_28_branches_and_files_named_like_tags_and_objects"),
        cut("full names in a push", "git.transfer:push", "['push', *options, '--', check_url(url), 'refs/push/*:refs/*']", "['push', *options, '--', check_url(url), *(f'{new}:{ref}' for ref, new in updates)]", REMOTE + "a_push_means_the_full_name_and_no_other_that_ends_in_it"),
    ),
    sentence(
        "reading", "URLs ext::… and names that begin with - refused",
        cut("ext::", "git.remote:check_url", "'::' not in url.split('/', 1)[0]", "True", REMOTE + "a_url_that_could_run_something_is_refused"),
        cut_all(
            "options", REMOTE + "a_url_that_could_run_something_is_refused",
            ("git.remote:check_url", "not url.startswith('-')", "True"),
            ("git.remote:check_url", "not host.startswith('-')", "True"),
        ),
        cut("other schemes", "git.remote:check_url", "scheme[1].lower() in SCHEMES", "True", REMOTE + "a_url_that_could_run_something_is_refused"),
        cut("a host that begins with -", "git.remote:check_url", "not host.startswith('-')", "True", REMOTE + "a_url_that_could_run_something_is_refused"),
        cut("of a clone's remote too", "git.remote:_checked", "check_url(url)", "url", "git/test_remote.py::TestTheLedgersRemote::test_a_url_that_could_run_something_is_refused"),
    ),
)
# fmt: on
SENTENCES = (*TAGS, *VOID, *MEMORY, *SEALED)
