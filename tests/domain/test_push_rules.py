from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from gitreg.domain.finding import Finding
from gitreg.domain.names import LEDGER
from gitreg.domain.push import LedgerChange, SignedTags, Update, VoidCommit
from gitreg.domain.push_rules import (
    judge_alone,
    judge_ledger,
    judge_moved_on,
    judge_private,
    judge_reserved,
    judge_tags,
)
from gitreg.domain.record import Record
from gitreg.value import replace
from tests.ledgers import History, accepted

OLD, NEW, OTHER = "a" * 40, "b" * 40, "c" * 40
DAY = 86_400


@pytest.fixture
def history() -> History:
    """Iris 1.0.0, registered and in canary."""
    grown = History()
    accepted(grown.register("iris", "1.0.0"), grown.promote("iris", "1.0.0", "canary"))
    return grown


def tag(name: str, new: str | None = NEW, old: str | None = None) -> Update:
    return Update(ref=f"refs/tags/{name}", old=old, new=new)


def codes(found: Iterable[Finding]) -> list[str]:
    findings = list(found)
    assert all(finding.severity == "error" and finding.next_step for finding in findings)
    return [finding.code for finding in findings]


class TestReserved:
    def test_replace_refs_are_refused_whatever_happens_to_them(self) -> None:
        ref = f"refs/replace/{OLD}"
        updates = [Update(ref=ref, old=None, new=NEW), Update(ref=ref, old=NEW, new=None)]
        assert codes(judge_reserved(updates)) == ["replace", "replace"]

    def test_other_refs_are_not(self) -> None:
        assert not codes(judge_reserved([Update(ref="refs/heads/replace", old=None, new=NEW)]))

    def test_what_waits_in_a_clone_stays_there_and_may_be_removed_elsewhere(self) -> None:
        ref = "refs/gitreg/pending"
        assert codes(judge_private([Update(ref=ref, old=None, new=NEW)])) == ["private"]
        assert not codes(judge_private([Update(ref=ref, old=NEW, new=None)]))


class TestTags:
    def judge(self, history: History, *updates: Update) -> list[str]:
        return codes(judge_tags(updates, SignedTags.of(history.records)))

    def test_the_signed_object_may_come_and_come_back(self, history: History) -> None:
        signed = history.records[1].tag_object_id()
        assert not self.judge(history, tag("iris@v1.0.0", signed))
        assert not self.judge(history, tag("iris@v1.0.0", signed, OTHER))

    def test_a_signed_tag_does_not_move_and_is_not_deleted(self, history: History) -> None:
        signed = history.records[1].tag_object_id()
        assert self.judge(history, tag("iris@v1.0.0", NEW, signed)) == ["tag.moved"]
        assert self.judge(history, tag("iris@v1.0.0", None, signed)) == ["tag.deleted"]

    def test_the_object_of_another_tag_is_refused(self, history: History) -> None:
        version, stage = (record.tag_object_id() for record in history.records[1:])
        assert self.judge(history, tag("iris#canary#1", version)) == ["tag.moved"]
        assert self.judge(history, tag("iris#canary#2", stage)) == ["tag.unknown"]

    @pytest.mark.parametrize("name", ["iris@v9.0.0", "iris#production#1", "iris@anything", "iris#"])
    def test_what_looks_like_a_models_tag_is_refused(self, history: History, name: str) -> None:
        assert self.judge(history, tag(name)) == ["tag.unknown"]

    def test_an_unknown_one_may_be_deleted(self, history: History) -> None:
        assert not self.judge(history, tag("iris@v9.0.0", None, OLD))

    @pytest.mark.parametrize("name", ["wine@v1.0.0", "iris/large@v1.0.0", "v1.0.0", "iris"])
    def test_tags_of_other_packages_pass(self, history: History, name: str) -> None:
        assert not self.judge(history, tag(name), tag(name, NEW, OLD), tag(name, None, OLD))

    def test_a_tag_does_not_go_before_its_ledger(self, history: History) -> None:
        here = SignedTags.of(history.records)
        there = SignedTags.of(history.records[:2])
        both = [tag("iris@v1.0.0"), tag("iris#canary#1")]
        assert codes(judge_alone(both, here=here, there=there)) == ["tag.alone"]
        assert not codes(judge_alone(both, here=here, there=here))
        deleted = [tag("iris#canary#1", None, OLD)]
        assert not codes(judge_alone(deleted, here=here, there=there))


class TestLedger:
    def judge(
        self,
        *records: Record,
        tags: Mapping[str, str | None] | None = None,
        now: int = 1_800_000_000,
        new: str | None = NEW,
        **change: Any,
    ) -> list[str]:
        values: dict[str, Any] = {"continues": True, "root": "1" * 64, "times": {}}
        update = Update(ref=LEDGER, old=OLD, new=new)
        grown = LedgerChange(update=update, records=records, **(values | change))
        return codes(judge_ledger(grown, tags or {}, now=now))

    def test_it_is_not_deleted(self) -> None:
        assert self.judge(new=None, continues=False) == ["ledger.deleted"]

    def test_it_is_not_rewritten(self) -> None:
        assert self.judge(continues=False) == ["ledger.rewritten"]
        assert self.judge(continues=False, other_root="1" * 64) == ["ledger.rewritten"]

    def test_another_registry_is_told_as_that(self) -> None:
        assert self.judge(continues=False, other_root="2" * 64) == ["ledger.other"]
        assert self.judge(continues=False, other_root="2" * 64, root=None) == ["ledger.rewritten"]

    def test_every_void_commit_is_told_with_its_rule(self) -> None:
        void = VoidCommit(commit=NEW, rule="signer", what="nobody's key")
        change = LedgerChange(
            update=Update(ref=LEDGER, old=OLD, new=NEW),
            continues=True,
            root=None,
            void=[void, void],
            times={},
        )
        found = list(judge_ledger(change, {}, now=0))
        assert [finding.code for finding in found] == ["ledger.void"] * 2
        assert "by the rule signer: nobody's key" in found[0].what

    def test_the_tags_of_new_records_come_along_or_are_there(self, history: History) -> None:
        _, version, stage = history.records
        tags = {f"refs/tags/{item.tag_ref}": item.tag_object_id() for item in (version, stage)}
        assert not self.judge(*history.records, tags=tags)
        assert self.judge(*history.records) == ["tag.missing", "tag.missing"]
        tags["refs/tags/iris#canary#1"] = OTHER
        assert self.judge(*history.records, tags=tags) == ["tag.missing"]

    def test_a_record_may_be_a_day_ahead_and_no_more(self, history: History) -> None:
        record, *_ = history.records
        time = record.tagger.time
        assert not self.judge(record, now=time - DAY)
        assert self.judge(record, now=time - DAY - 1) == ["time.ahead"]

    def test_a_model_that_is_far_ahead_already_goes_on_by_seconds(self, history: History) -> None:
        record = history.records[1]
        time, tags = record.tagger.time, {"refs/tags/iris@v1.0.0": record.tag_object_id()}
        far: dict[str, Any] = {"now": time - 9 * DAY, "tags": tags}
        assert not self.judge(record, times={"iris": time - 1}, **far)
        assert self.judge(record, times={"iris": time - 2}, **far) == ["time.ahead"]
        assert self.judge(record, times={"wine": time - 1}, **far) == ["time.ahead"]

    def test_records_of_one_push_follow_each_other(self, history: History) -> None:
        first, second = history.records[1:]
        later = replace(second, tagger=replace(second.tagger, time=first.tagger.time + 1))
        tags = {f"refs/tags/{item.tag_ref}": item.tag_object_id() for item in (first, later)}
        times = {"iris": first.tagger.time - 1}
        assert not self.judge(first, later, tags=tags, times=times, now=0)


def test_who_pushes_has_seen_the_refs_as_they_are() -> None:
    updates = [tag("iris@v1.0.0", NEW, OLD), tag("iris@v1.1.0", NEW, None)]
    assert not codes(judge_moved_on(updates, {"refs/tags/iris@v1.0.0": OLD}))
    assert codes(judge_moved_on(updates, {})) == ["moved-on"]
    both = {"refs/tags/iris@v1.0.0": OTHER, "refs/tags/iris@v1.1.0": OTHER}
    assert codes(judge_moved_on(updates, both)) == ["moved-on", "moved-on"]
