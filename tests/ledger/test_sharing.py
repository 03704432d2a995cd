from __future__ import annotations

from collections.abc import Sequence

import pytest

from gitreg.errors import TransferError, UntrustedError
from gitreg.git.remote import Remote
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.appending import Appended
from gitreg.ledger.sharing import write
from gitreg.ledger.verified import Ledger
from tests.fixtures import Team, add_junk, freeze, ledger_length, run_git, shown_refs
from tests.fixtures import write as write_file

TRACKING = "refs/remotes/origin/gitreg-ledger"


class TestRefusals:
    def test_a_rewritten_remote_is_written_to_by_nobody(self, released: Team) -> None:
        before_last = run_git(released.origin, "rev-parse", f"{BRANCH}~1")
        add_junk(released.origin, parent=before_last)  # others saw another last commit
        before = freeze(released.clone), freeze(released.origin)
        with pytest.raises(UntrustedError, match="does not continue"):
            released.open().promote("iris@1.1.0", stage="production")
        assert (freeze(released.clone), freeze(released.origin)) == before

    def test_a_hook_that_says_no_is_quoted_and_nothing_changes(self, released: Team) -> None:
        hook = write_file(
            released.origin / "hooks/pre-receive", "#!/bin/sh\necho not today >&2\nexit 1\n"
        )
        hook.chmod(0o755)
        before = shown_refs(released.clone), shown_refs(released.origin)
        with pytest.raises(TransferError, match=r"origin refuses.*not today"):
            released.open().promote("iris@1.1.0", stage="production")
        assert (shown_refs(released.clone), shown_refs(released.origin)) == before

    def test_a_hook_that_refuses_the_tag_alone_refuses_the_record(self, released: Team) -> None:
        hook = write_file(
            released.origin / "hooks/update",
            '#!/bin/sh\ncase "$1" in refs/tags/*) echo no tags >&2; exit 1;; esac\n',
        )
        hook.chmod(0o755)
        before = shown_refs(released.clone), shown_refs(released.origin)
        with pytest.raises(TransferError, match="no tags"):
            released.open().promote("iris@1.1.0", stage="production")
        assert (shown_refs(released.clone), shown_refs(released.origin)) == before

    def test_a_foreign_tag_of_the_same_name_is_told_and_nothing_changes(
        self, released: Team
    ) -> None:
        run_git(released.origin, "tag", "iris#production#2", "main")
        before = shown_refs(released.clone), shown_refs(released.origin)
        with pytest.raises(TransferError, match="origin refuses the new refs") as caught:
            released.open().promote("iris@1.1.0", stage="production")
        assert "git ls-remote --tags origin" in str(caught.value.next_step)
        assert (shown_refs(released.clone), shown_refs(released.origin)) == before

    def test_the_next_write_goes_through_when_the_remote_lets_it(self, released: Team) -> None:
        run_git(released.origin, "tag", "iris#production#2", "main")
        with pytest.raises(TransferError):
            released.open().promote("iris@1.1.0", stage="production")
        run_git(released.origin, "tag", "-d", "iris#production#2")
        (record,) = released.open().promote("iris@1.1.0", stage="production").records
        assert record.index == 6
        assert shown_refs(released.clone)[BRANCH] == shown_refs(released.origin)[BRANCH]

    def test_a_tag_in_the_way_of_a_ledger_without_a_remote_is_told(self, released: Team) -> None:
        released.git("remote", "remove", "origin")
        released.git("tag", "iris#production#2", "main")
        before = shown_refs(released.clone)
        with pytest.raises(TransferError, match="Git refuses the new refs") as caught:
            released.open().promote("iris@1.1.0", stage="production")
        assert "git show-ref --tags" in str(caught.value.next_step)
        assert shown_refs(released.clone) == before


class TestWriting:
    def test_who_has_nothing_to_say_pushes_nothing(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        before = shown_refs(released.origin)
        ledger, appended = write(repository, remote, lambda _: ())
        assert (len(ledger.records), appended) == (6, ())
        assert shown_refs(released.origin) == before

    def test_what_a_killed_command_published_is_followed(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        before = shown_refs(released.clone)
        released.open().promote("iris@1.1.0", stage="production")
        after = shown_refs(released.clone)
        released.git("tag", "-d", "iris#production#2")
        released.git("update-ref", BRANCH, before[BRANCH])
        released.git("update-ref", TRACKING, before[TRACKING])
        write(repository, remote, lambda _: ())
        assert shown_refs(released.clone) == after

    def test_what_must_be_there_first_comes_before_the_refs(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        def stop(_: Sequence[Appended]) -> None:
            raise TransferError("the bytes did not go")

        def build(ledger: Ledger) -> Sequence[Appended]:
            ledger.tip = add_junk(released.folder / "colleague")
            return [Appended(record=ledger.records[-1].record, commit=ledger.tip)]

        released.colleague()
        run_git(released.folder / "colleague", "branch", "gitreg-ledger", "origin/gitreg-ledger")
        before = shown_refs(released.origin)
        with pytest.raises(TransferError, match="the bytes did not go"):
            write(repository, remote, build, before_push=stop)
        assert shown_refs(released.origin) == before

    def test_a_colleagues_record_is_built_on(self, released: Team) -> None:
        import gitreg

        mine = released.open()
        assert len(mine.ledger.records) == 6
        gitreg.open(released.colleague()).deprecate("iris@1.0.0")
        (record,) = mine.promote("iris@1.1.0", stage="production").records
        assert record.index == 7
        assert ledger_length(released.origin) == 8
