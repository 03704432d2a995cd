from __future__ import annotations

import pytest

from gitreg.domain.names import LEDGER
from gitreg.domain.push import SignedTags, Update, read_received, read_sent
from gitreg.errors import UsageError
from tests.ledgers import History, accepted

OLD, NEW, ZERO = "a" * 40, "b" * 40, "0" * 40


class TestReading:
    def test_a_pre_receive_hook_is_told_old_new_and_ref(self) -> None:
        text = f"{OLD} {NEW} refs/heads/main\n{ZERO} {NEW} {LEDGER}\n{OLD} {ZERO} refs/tags/x\n"
        assert read_received(text) == (
            Update(ref="refs/heads/main", old=OLD, new=NEW),
            Update(ref=LEDGER, old=None, new=NEW),
            Update(ref="refs/tags/x", old=OLD, new=None),
        )

    def test_a_pre_push_hook_is_told_local_new_ref_and_old(self) -> None:
        text = f"main~1 {NEW} refs/heads/main {OLD}\n(delete) {ZERO} refs/tags/x {OLD}\n"
        assert read_sent(text) == (
            Update(ref="refs/heads/main", old=OLD, new=NEW),
            Update(ref="refs/tags/x", old=OLD, new=None),
        )

    def test_what_is_pushed_may_be_named_by_a_search_with_spaces(self) -> None:
        (update,) = read_sent(f":/fix the build {NEW} refs/heads/main {ZERO}\n")
        assert update == Update(ref="refs/heads/main", old=None, new=NEW)

    def test_longer_names_of_objects_are_read_too(self) -> None:
        (update,) = read_received(f"{'0' * 64} {'c' * 64} refs/tags/x\n")
        assert update == Update(ref="refs/tags/x", old=None, new="c" * 64)

    def test_nothing_pushed_is_nothing_to_judge(self) -> None:
        assert read_received("") == read_sent("") == ()

    def test_a_separator_in_a_name_begins_no_other_line(self) -> None:
        name = f"refs/tags/x\N{LINE SEPARATOR}{OLD} {NEW} {LEDGER}"
        (update,) = read_received(f"{OLD} {NEW} {name}\n")
        assert update.ref == name

    @pytest.mark.parametrize(
        "text", ["\n", "x\n", f"{OLD} {NEW}\n", f"{OLD} {NEW} r\n\n", f"{OLD} {NEW} r\n" * 2]
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(UsageError, match="not what Git tells a pre-receive hook"):
            read_received(text)
        with pytest.raises(UsageError, match="not what Git tells a pre-push hook"):
            read_sent(text)


class TestWhatConcernsTheRegistry:
    @pytest.mark.parametrize(
        "ref", [LEDGER, "refs/tags/iris@v1.0.0", "refs/tags/iris#production#3", "refs/tags/a/b@x"]
    )
    def test_the_ledger_and_tags_of_its_shape_do(self, ref: str) -> None:
        assert Update(ref=ref, old=None, new=NEW).concerns_registry

    @pytest.mark.parametrize(
        "ref", ["refs/heads/main", "refs/heads/iris@v1.0.0", "refs/tags/v1.0.0", "refs/notes/x"]
    )
    def test_branches_and_plain_tags_do_not(self, ref: str) -> None:
        assert not Update(ref=ref, old=None, new=NEW).concerns_registry


def test_signed_tags_are_those_of_the_records() -> None:
    history = History()
    accepted(
        history.register("iris", "1.0.0"),
        history.promote("iris", "1.0.0", "canary"),
        history.deprecate("iris", "1.0.0"),
    )
    signed = SignedTags.of(history.records)
    assert set(signed.records) == {"iris@v1.0.0", "iris#canary#1"}
    assert signed.models == {"iris"}
    assert signed.object_of("iris@v1.0.0") == history.records[1].tag_object_id()
    assert signed.object_of("iris@v2.0.0") is None
