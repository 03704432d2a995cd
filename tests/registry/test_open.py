# ruff: noqa: ARG002  a fixture may be there for what it does
from __future__ import annotations

from pathlib import Path

import pytest

import gitreg
from gitreg.errors import GitregError, NotFoundError, SetupError, UntrustedError, UsageError
from gitreg.registry.open import open_registry
from tests.fixtures import Team, make_repository, refs_of, run_git


class TestReferences:
    @pytest.mark.parametrize(
        ("reference", "version"),
        [
            ("iris", "1.1.0"),
            ("iris@1.0.0", "1.0.0"),
            ("iris@v1.0.0", "1.0.0"),
            ("iris@^1", "1.1.0"),
            ("iris@^1.0", "1.1.0"),
            ("iris@staging", "1.1.0"),
            ("iris@staging~1", "1.0.0"),
            ("iris@production", "1.0.0"),
        ],
    )
    def test_each_form_names_one_version(
        self, released: Team, reference: str, version: str
    ) -> None:
        assert released.open()[reference].version == version

    @pytest.mark.parametrize(
        ("reference", "what"),
        [
            ("rose", "there is no model rose"),
            ("iris@9.9.9", r"iris@9\.9\.9 is not registered"),
            ("iris@^2", "no release fits"),
            ("iris@canary", "nothing ever entered canary"),
            ("iris@production~1", "goes back too far"),
        ],
    )
    def test_what_names_nothing_is_refused(self, released: Team, reference: str, what: str) -> None:
        with pytest.raises(NotFoundError, match=what) as caught:
            _ = released.open()[reference]
        assert caught.value.next_step

    @pytest.mark.parametrize("reference", ["", "@", "Iris", "iris@", "iris@~1", "iris@1.0", "-x"])
    def test_what_is_no_reference_is_a_usage_error(self, released: Team, reference: str) -> None:
        with pytest.raises(UsageError):
            _ = released.open()[reference]

    def test_a_pre_release_is_named_exactly_only(self, released: Team) -> None:
        registry = released.open()
        released.model_file.write_bytes(b"candidate")
        registry.register(released.iris, version="2.0.0-rc.1")
        assert registry["iris"].version == "1.1.0"
        assert registry["iris@2.0.0-rc.1"].version == "2.0.0-rc.1"

    def test_an_emptied_stage_names_its_holders_by_going_back(self, released: Team) -> None:
        registry = released.open()
        registry.vacate("iris", stage="staging")
        with pytest.raises(NotFoundError, match="staging of iris is empty") as caught:
            _ = registry["iris@staging"]
        assert "iris@staging~1" in str(caught.value.next_step)
        assert registry["iris@staging~1"].version == "1.1.0"
        assert registry["iris@staging~2"].version == "1.0.0"

    def test_a_yanked_former_holder_is_not_handed_out(self, released: Team) -> None:
        registry = released.open()
        registry.yank("iris@1.1.0", vacate=True)
        with pytest.raises(NotFoundError, match="iris@staging~1 is yanked"):
            _ = registry["iris@staging~1"]

    def test_an_empty_registry_says_that_it_has_no_models(self, team: Team) -> None:
        with pytest.raises(NotFoundError, match="there is no model iris"):
            _ = team.open()["iris"]


class TestPlaces:
    def test_a_folder_inside_the_work_tree_will_do(self, released: Team) -> None:
        assert len(gitreg.open(released.iris)) == 1

    def test_what_is_no_folder_or_no_repository_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SetupError, match="is not a folder"):
            gitreg.open(tmp_path / "none")
        with pytest.raises(SetupError, match="not in a Git repository"):
            gitreg.open(tmp_path)

    def test_a_repository_without_a_ledger_is_no_registry(self, repo: Path) -> None:
        with pytest.raises(SetupError, match="not a registry yet") as caught:
            _ = gitreg.open(repo).ledger
        assert caught.value.next_step == "start one with gitreg init"

    def test_a_ledger_without_a_valid_record_is_no_registry(self, repo: Path) -> None:
        run_git(repo, "branch", "gitreg-ledger")
        with pytest.raises(SetupError, match="no valid record"):
            _ = gitreg.open(repo).ledger

    def test_a_bare_repository_is_read_and_not_written(self, released: Team) -> None:
        registry = gitreg.open(released.origin)
        assert registry["iris@production"].version == "1.0.0"
        with pytest.raises(SetupError, match="no work tree"):
            registry.register(released.iris)

    def test_a_url_is_read_through_a_copy_of_the_ledger(self, released: Team, home: Path) -> None:
        registry = gitreg.open(released.url)
        assert registry["iris"].version == "1.1.0"
        assert registry.pinned_now
        assert registry.name == released.url
        assert not gitreg.open(released.url).ledger.void
        (cache,) = (home / ".cache/gitreg/repositories").iterdir()
        assert set(refs_of(cache)) == {"refs/remotes/origin/gitreg-ledger"}
        again = gitreg.open(released.url)
        assert len(again) == 1
        assert not again.pinned_now

    def test_a_url_sees_what_is_new(self, released: Team) -> None:
        afar = gitreg.open(released.url)
        assert afar["iris@production"].version == "1.0.0"
        released.open().promote("iris@1.1.0", stage="production")
        assert afar["iris@production"].version == "1.0.0"
        afar.refresh()
        assert afar["iris@production"].version == "1.1.0"

    def test_a_url_that_cannot_be_reached_leaves_no_copy(self, tmp_path: Path, home: Path) -> None:
        with pytest.raises(GitregError, match="could not be reached"):
            gitreg.open((tmp_path / "none.git").as_uri())
        assert list((home / ".cache/gitreg/repositories").iterdir()) == []

    def test_a_sha256_registry_is_read_from_its_url(self, tmp_path: Path, alice_key: Path) -> None:
        from gitreg.registry.init import init

        run_git(tmp_path, "init", "--quiet", "--object-format=sha256", "repo")
        init(gitreg.open(tmp_path / "repo"))
        assert len(gitreg.open((tmp_path / "repo").as_uri()).ledger.records) == 1

    @pytest.mark.parametrize("url", ["ext::sh -c true", "-u x://y", "fd::17", "gopher://x"])
    def test_a_url_that_could_run_something_is_refused(self, url: str) -> None:
        with pytest.raises(GitregError):
            gitreg.open(url)

    def test_another_registry_at_the_same_url_is_refused(
        self, released: Team, tmp_path: Path
    ) -> None:
        from gitreg.registry.init import init

        assert gitreg.open(released.url).ledger.root
        other = make_repository(tmp_path / "other")
        init(gitreg.open(other))
        released.origin.rename(tmp_path / "gone.git")
        run_git(other, "clone", "--quiet", "--bare", str(other), str(released.origin))
        with pytest.raises(UntrustedError):
            _ = gitreg.open(released.url).ledger

    def test_a_single_branch_clone_fetches_the_ledger_by_name(self, released: Team) -> None:
        run_git(released.folder, "clone", "--quiet", "--single-branch", released.url, "single")
        folder = released.folder / "single"
        assert "refs/remotes/origin/gitreg-ledger" not in refs_of(folder)
        assert gitreg.open(folder)["iris@production"].version == "1.0.0"
        assert "refs/remotes/origin/gitreg-ledger" in refs_of(folder)

    def test_a_plain_clone_reads_offline(self, released: Team) -> None:
        folder = released.colleague()
        released.origin.rename(released.folder / "gone.git")
        assert gitreg.open(folder)["iris@production"].version == "1.0.0"

    def test_a_registry_shows_where_it_is(self, released: Team) -> None:
        assert repr(open_registry(released.clone)) == f"<Registry {released.clone}>"
