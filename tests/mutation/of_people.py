"""Rules 4 to 6 and 9: keys and people, rights, how a policy changes, and what outlives that."""

# ruff: noqa: E501

from __future__ import annotations

from tests.mutation.mutant import cut, sentence

RULES = "domain/test_rules.py::test_"
PROMOTION = "domain/test_promotion.py::test_"
CHANGE = "domain/test_policy_change.py::test_"
POLICY = "domain/test_policy.py::test_"
STORY = "domain/test_every_rule_matters.py::test_the_story_is_refused_by_the_rule"

_EVERYBODY = "frozenset(case.policy.keys)"

# One mutant a line, to be read as a table: what, where, the code, its replacement, the test.
# fmt: off
SIGNER = (
    sentence(
        "4", "the signing key belongs to a person in the policy in force",
        cut("a person's", "domain.rules:check_signer", "case.person is None", "False", f"{STORY}[every record-signer]"),
        cut("in the policy in force, not in one before", "domain.case:Case.person", "self.policy.person_of(self.signer)", "next(filter(None, (entry.policy.person_of(self.signer) for entry in self.view.policies)), None) or self.policy.person_of(self.signer)", CHANGE + "what_a_removed_key_signed_before_stays_valid"),
        cut("each of a person's keys", "domain.policy:Policy._people", "{key: person for person, keys in self.keys.items() for key in keys}", "{key: person for person, keys in self.keys.items() for key in keys[:1]}", RULES + "each_of_a_persons_keys_is_theirs"),
        cut("a key is one person's", "domain.policy_reader:_Reader.read_people", "owner.setdefault(key, name) != name", "False", POLICY + "a_key_of_two_people_is_a_problem"),
    ),
    sentence(
        "4", "(exception: rule 6)",
        cut("approvals of that policy alone", "domain.rules:_proposed_person", "case.record.action != 'approve'", "False", CHANGE + "those_whom_it_lets_in_may_approve_but_not_enact"),
        cut("a policy that is proposed", "domain.rules:check_signer", "not _proposed_person(case)", "True", CHANGE + "those_whom_it_lets_in_may_approve_but_not_enact"),
    ),
    sentence(
        "4", "tagger name, e-mail and dates prove nothing",
        cut("the name", "domain.case:Case.person", "self.policy.person_of(self.signer)", "self.record.tagger.name if self.record.tagger.name in self.policy.keys else self.policy.person_of(self.signer)", RULES + "the_taggers_name_proves_nothing"),
        cut("the date", "domain.case:Case.person", "self.policy.person_of(self.signer)", "self.policy.person_of(self.signer) or (self.view.policies[0].policy.person_of(self.signer) if self.view.policies and self.record.tagger.time < 1700000060 else None)", CHANGE + "a_removed_key_is_worth_nothing_whatever_date_it_writes"),
    ),
    sentence(
        "4", "whom a bot acts for is a person; a verdict is nobody's but the signer's",
        cut("a person of the policy", "domain.rules:check_behalf", "behalf not in case.policy.keys", "False", RULES + "a_bot_acts_for_a_person_of_the_policy"),
        cut("verdicts are the signer's", "domain.rules:check_behalf", "case.record.action == 'approve'", "False", RULES + "nobody_approves_for_another"),
    ),
)

RIGHTS = (
    sentence(
        "5", "that person's roles allow the action",
        *(
            cut(right, "domain.rules:check_right", old, _EVERYBODY, RULES + "each_action_has_its_right")
            for right, old in (
                ("register", "entry.register"),
                ("evaluate", "entry.evaluate"),
                ("deploy", "entry.deploy"),
                ("approve", "stage.approve.by if stage else frozenset()"),
            )
        ),
        cut("promote and vacate", "domain.rules:check_right", "case.person in rights[record.action]", "record.action in ('promote', 'vacate') or case.person in rights[record.action]", RULES + "each_action_has_its_right"),
        cut("deprecate and yank", "domain.rules:check_right", "case.person in rights[record.action]", "record.action in ('deprecate', 'yank') or case.person in rights[record.action]", RULES + "each_action_has_its_right"),
        cut("beat", "domain.rules:check_right", "case.person in case.policy.beat", "True", RULES + "each_action_has_its_right"),
    ),
    sentence(
        "5", "on this model and stage",
        cut("a model without an entry", "domain.rules:check_right", "case.model_policy", "case.model_policy or case.policy.models[0]", RULES + "a_model_without_an_entry_and_a_stage_without_a_name_are_nobodys"),
        cut("a stage that is not there", "domain.rules:check_right", "stage is None", "False", RULES + "a_model_without_an_entry_and_a_stage_without_a_name_are_nobodys"),
        cut("the exact name wins", "domain.policy:ModelPolicy.precedence", "(not self.pattern.endswith('*'), len(self.pattern))", "(len(self.pattern),)", POLICY + "the_exact_name_governs_a_model_else_the_longest_beginning"),
        cut("else the longest prefix", "domain.policy:ModelPolicy.precedence", "len(self.pattern)", "-len(self.pattern)", POLICY + "the_exact_name_governs_a_model_else_the_longest_beginning"),
        cut("a prefix ends in a star", "domain.policy:ModelPolicy.matches", "model == self.pattern", "model.startswith(self.pattern)", POLICY + "the_exact_name_governs_a_model_else_the_longest_beginning"),
    ),
)

POLICY_CHANGE = (
    sentence(
        "6", "the first approve of a New-Policy is by a present root person and carries its bytes",
        cut("a present root person", "domain.policy_change:check_proposal", "case.person not in root or case.record.verdict != 'approve'", "case.record.verdict != 'approve'", CHANGE + "a_proposal_is_a_present_root_persons"),
        cut("an approve", "domain.policy_change:check_proposal", "case.record.verdict != 'approve'", "False", CHANGE + "a_proposal_begins_with_an_approval"),
        cut("its bytes", "domain.policy_change:check_proposal", "case.attachments.policy", "True", CHANGE + "a_proposal_carries_its_bytes_once"),
        cut("once", "domain.policy_change:check_proposal", "case.attachments.files", "False", CHANGE + "a_proposal_carries_its_bytes_once"),
    ),
    sentence(
        "6", "after that, keys of the proposed policy may approve it too",
        cut("they may", "domain.policy_change:check_proposal", "theirs not in proposal.policy.root.by", "True", CHANGE + "those_whom_it_lets_in_may_approve_but_not_enact"),
        cut("root people alone", "domain.policy_change:check_proposal", "theirs not in proposal.policy.root.by", "False", CHANGE + "others_whom_it_lets_in_approve_nothing"),
        cut("what is withdrawn counts no more", "domain.changes:_proposal", "others | {case.signer} if record.verdict == 'approve' else others", "others | {case.signer}", CHANGE + "a_person_takes_back_their_approval_with_any_key"),
        cut("withdrawn with any key", "domain.changes:_keys_of_signer", "keys.update(policy.keys[person])", "pass", CHANGE + "a_person_takes_back_their_approval_with_any_key"),
    ),
    sentence(
        "6", "it is enacted by a policy record once the root threshold of both policies has signed",
        cut("of the policy in force", "domain.policy_change:missing_root", "((current, 'policy in force'), (proposed, 'proposed policy'))", "((proposed, 'proposed policy'),)", CHANGE + "enough_must_sign_where_the_new_policy_asks_for_less"),
        cut("of the proposed policy", "domain.policy_change:missing_root", "((current, 'policy in force'), (proposed, 'proposed policy'))", "((current, 'policy in force'),)", CHANGE + "more_must_sign_where_the_new_policy_asks_for_more"),
        cut("by a present root person", "domain.policy_change:missing_root", "case.person not in current.root.by", "False", CHANGE + "what_root_people_approved_is_enacted_by_one_of_them"),
        cut("record 0 by its root person", "domain.policy_change:check_enacted", "case.person in current.root.by", "True", CHANGE + "a_registry_is_begun_by_a_root_person"),
        cut("what the root enacts ends proposals", "domain.state:State._put", "self.proposals.clear()", "pass", CHANGE + "a_newer_policy_ends_every_proposal"),
        cut("what owners change does not", "domain.state:State._put", "entry.decided == entry.index", "True", CHANGE + "an_owners_change_leaves_proposals_of_the_root_open"),
        cut("but the proposal of that", "domain.state:State._put", "self.proposals.pop(entry.digest, None)", "pass", CHANGE + "an_owners_change_that_was_proposed_is_no_proposal_any_more"),
    ),
    sentence(
        "6", "(counted per policy by that policy's own keys)",
        cut("by its own keys", "domain.policy_change:missing_root", "root_people(policy, keys)", "root_people(current, keys) | root_people(proposed, keys)", CHANGE + "an_approval_counts_for_each_policy_by_its_own_keys"),
        cut("people, never keys", "domain.policy_change:missing_root", "root_people(policy, keys)", "[key for key in keys if policy.person_of(key) in policy.root.by]", CHANGE + "two_keys_of_one_person_are_one_person"),
        cut("root people", "domain.policy_change:root_people", "person in policy.root.by", "person", CHANGE + "those_whom_it_lets_in_may_approve_but_not_enact"),
    ),
    sentence(
        "6", "a threshold of one needs no separate approval",
        cut("who enacts has signed", "domain.policy_change:missing_root", "{case.signer}", "set[str]()", CHANGE + "one_root_person_is_enough_where_the_policy_says_so"),
    ),
    sentence(
        "6", "a policy under which nobody could change the policy is refused",
        cut("enough people", "domain.policy_reader:_Reader.read_root", "len(able) < count", "False", CHANGE + "a_policy_that_cannot_be_in_force_begins_nothing"),
        cut("who have keys", "domain.policy_reader:_Reader.read_root", "keys.get(person)", "True", POLICY + "a_person_may_have_no_key_and_then_cannot_be_counted_on"),
        cut("what cannot be read", "domain.policy_change:check_bytes", "case.attachments.policy is None", "False", CHANGE + "a_proposal_that_cannot_be_in_force_is_none"),
    ),
    sentence(
        "6", "to swap a sole key: add the new, then remove the old",
        cut("in two records", "domain.policy_change:missing_root", "len(signed) < policy.root.count", "case.person not in policy.keys", CHANGE + "a_sole_key_is_swapped_by_adding_the_new_and_removing_the_old"),
    ),
    sentence(
        "6", "owners may change their entry (gates, people in it) without root (section 6)",
        cut("they may", "domain.policy_change:is_owner_change", "bool(changed)", "False", CHANGE + "owners_change_their_entry_without_the_root"),
        cut("their own entries alone", "domain.policy_change:is_owner_change", "person in owners[pattern]", "True", CHANGE + "owners_change_nothing_else"),
        cut("the rest stays", "domain.policy_change:is_owner_change", "old != new", "False", CHANGE + "owners_smuggle_nothing_in"),
        cut("no entry comes or goes", "domain.policy_change:is_owner_change", "before.keys() != after.keys()", "False", CHANGE + "owners_change_nothing_else"),
        cut("owners and pickles are the root's", "domain.policy_change:is_owner_change", "before[pattern].get(field) == after[pattern].get(field)", "True", CHANGE + "owners_change_nothing_else"),
        cut("something changes", "domain.policy_change:is_owner_change", "bool(changed)", "True", CHANGE + "owners_change_nothing_else"),
    ),
)

IN_FORCE = (
    sentence(
        "9", "an approval counts only while the policy it cites is in force",
        cut("a verdict from before", "domain.promotion:standing_verdicts", "verdict.index > since", "True", PROMOTION + "an_approval_counts_while_its_policy_is_in_force"),
        cut("when that policy returns", "domain.promotion:standing_verdicts", "verdict.index > since", "verdict.policy == established(case.entry).digest", PROMOTION + "an_approval_counts_while_its_policy_is_in_force"),
        cut("what owners change in its entry", "domain.entries:PolicyEntry.since", "self.changed.get(entry.pattern, self.decided)", "self.decided", CHANGE + "an_owners_change_ends_the_approvals_that_it_governs"),
        cut("not in other entries", "domain.entries:PolicyEntry.since", "self.changed.get(entry.pattern, self.decided)", "self.index", CHANGE + "an_owners_change_ends_the_approvals_that_it_governs"),
        cut("what the root enacts, whoever owns it", "domain.changes:_policy_in_force", "policy_change.missing_root(case) is None", "False", CHANGE + "the_roots_change_ends_all_approvals_whoever_owns_the_entry"),
    ),
    sentence(
        "9", "a policy change takes effect by position in the ledger, never by date",
        cut("the newest policy", "domain.state:State.policy", "self.policies[-1]", "self.policies[0]", RULES + "a_record_cites_the_policy_in_force"),
        cut("the policy a record cites", "domain.rules:check_policy_cited", "case.record.policy != expected", "False", RULES + "a_record_cites_the_policy_in_force"),
    ),
)
# fmt: on
SENTENCES = (*SIGNER, *RIGHTS, *POLICY_CHANGE, *IN_FORCE)
