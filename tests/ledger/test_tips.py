from __future__ import annotations

import pytest

from gitreg.errors import TransferError, UntrustedError
from gitreg.git.remote import Remote
from gitreg.git.repository import Repository
from gitreg.ledger import BRANCH
from gitreg.ledger.tips import (
    Tips,
    current_tip,
    fetch_ledger,
    newest_tip,
    pending_tip,
    read_tips,
    tracking_ref,
)
from tests.fixtures import Team, add_junk, freeze, run_git, shown_refs


def rewrite(team: Team) -> str:
    """Let the origin's ledger end in another last commit than the one that was seen."""
    parent = run_git(team.origin, "rev-parse", f"{BRANCH}~1")
    return add_junk(team.origin, parent=parent)


class TestNewestTip:
    def test_there_is_none_before_the_first_record(self, repository: Repository) -> None:
        assert newest_tip(repository, Tips(local=None, tracking=None)) is None

    @pytest.mark.parametrize(
        ("local", "tracking"),
        [("~0", None), (None, "~0"), ("~0", "~0"), ("~2", "~0"), ("~0", "~2")],
    )
    def test_it_is_the_one_that_continues_the_other(
        self, repository: Repository, released: Team, local: str | None, tracking: str | None
    ) -> None:
        commits = {
            step: released.git("rev-parse", f"gitreg-ledger{step}") if step else None
            for step in (local, tracking)
        }
        tips = Tips(local=commits[local], tracking=commits[tracking])
        assert newest_tip(repository, tips) == released.git("rev-parse", "gitreg-ledger")

    def test_two_that_parted_are_not_chosen_from(
        self, repository: Repository, released: Team
    ) -> None:
        tip = released.git("rev-parse", "gitreg-ledger")
        other = add_junk(released.clone, parent=released.git("rev-parse", "gitreg-ledger~1"))
        with pytest.raises(UntrustedError, match="have parted") as caught:
            newest_tip(repository, Tips(local=other, tracking=tip))
        assert "git branch -f gitreg-ledger" in str(caught.value.next_step)

    def test_two_without_a_common_start_are_not_chosen_from(
        self, repository: Repository, released: Team
    ) -> None:
        tips = Tips(
            local=released.git("rev-parse", "main"),
            tracking=released.git("rev-parse", "gitreg-ledger"),
        )
        with pytest.raises(UntrustedError, match="have parted"):
            newest_tip(repository, tips)


class TestFetching:
    def test_what_others_published_is_remembered(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        before = shown_refs(released.clone)
        tip = add_junk(released.origin)
        assert fetch_ledger(repository, remote) == tip
        assert shown_refs(released.clone) == {**before, tracking_ref(remote): tip}
        assert current_tip(repository, remote) == tip

    def test_nothing_new_changes_nothing(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        before = freeze(released.clone)
        assert fetch_ledger(repository, remote) == read_tips(repository, remote).tracking
        assert freeze(released.clone) == before

    def test_a_rewritten_remote_is_refused_and_nothing_changes(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        rewrite(released)
        before = freeze(released.clone)
        with pytest.raises(UntrustedError, match="does not continue what it gave") as caught:
            fetch_ledger(repository, remote)
        assert "who rewrote it" in str(caught.value.next_step)
        assert freeze(released.clone) == before

    def test_a_remote_that_went_back_is_refused(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        run_git(released.origin, "update-ref", BRANCH, f"{BRANCH}~3")
        with pytest.raises(UntrustedError, match="does not continue"):
            fetch_ledger(repository, remote)

    def test_a_remote_whose_ledger_is_gone_has_none(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        run_git(released.origin, "update-ref", "-d", BRANCH)
        before = freeze(released.clone)
        assert fetch_ledger(repository, remote) is None
        assert freeze(released.clone) == before

    def test_a_remote_that_is_gone_is_told(
        self, repository: Repository, remote: Remote, released: Team
    ) -> None:
        released.origin.rename(released.folder / "away.git")
        with pytest.raises(TransferError, match="could not be reached"):
            fetch_ledger(repository, remote)

    def test_without_a_remote_the_local_one_counts(
        self, repository: Repository, released: Team
    ) -> None:
        add_junk(released.origin)
        tips = read_tips(repository, None)
        assert tips == Tips(local=released.git("rev-parse", "gitreg-ledger"), tracking=None)
        assert current_tip(repository, None) == tips.local

    def test_nothing_is_pending_at_first(self, repository: Repository) -> None:
        assert pending_tip(repository) is None
