from __future__ import annotations

from pathlib import Path

import pytest

import gitreg
from gitreg.errors import RefusedError, SetupError, TransferError
from gitreg.ledger import sharing
from gitreg.registry.init import init
from tests.fixtures import Team, freeze, refs_of, run_git, write


def test_a_kept_record_is_published_as_it_was_signed(released: Team) -> None:
    registry = released.open()
    kept = registry.promote("iris@1.1.0", stage="production", publish=False)
    assert kept.pending
    commit = refs_of(released.clone)["refs/gitreg/pending"]
    done = released.open().push()
    assert done.records == kept.records
    assert refs_of(released.origin)["refs/heads/gitreg-ledger"] == commit
    assert refs_of(released.clone)["refs/tags/iris#production#2"]
    assert "refs/gitreg/pending" not in refs_of(released.clone)
    assert released.open().verify().ok


def test_a_kept_version_brings_its_artifacts(team: Team) -> None:
    registry = team.open()
    registry.register(new="iris", files=[team.model_file], version="1.0.0", publish=False)
    registry.promote("iris", stage="staging", publish=False)
    assert freeze(team.storage) == {}
    done = team.open().push()
    assert [record.action for record in done.records] == ["register", "promote"]
    assert team.stored("iris").read_bytes() == team.model_file.read_bytes()
    assert {"refs/tags/iris@v1.0.0", "refs/tags/iris#staging#1"} <= set(refs_of(team.origin))


def test_kept_records_are_signed_anew_behind_those_that_came_first(released: Team) -> None:
    registry = released.open()
    kept = registry.promote("iris@1.1.0", stage="production", reason="ready", publish=False)
    gitreg.open(released.colleague()).deprecate("iris@1.0.0")
    (record,) = released.open().push().records
    assert (record.index, record.reason) == (kept.records[0].index + 1, "ready")
    assert record.signature != kept.records[0].signature
    assert released.open()["iris@production"].version == "1.1.0"


def test_a_kept_version_is_signed_anew_with_its_files(released: Team) -> None:
    released.model_file.write_bytes(b"third")
    released.open().register(released.iris, bump="minor", publish=False)
    gitreg.open(released.colleague()).deprecate("iris@1.0.0")
    (record,) = released.open().push().records
    assert record.action == "register"
    assert released.open().verify(deep=True, artifacts=True).ok


def test_a_kept_record_that_no_longer_applies_is_told_and_stays(released: Team) -> None:
    released.open().promote("iris@1.1.0", stage="production", publish=False)
    gitreg.open(released.colleague()).yank("iris@1.1.0", vacate=True)
    waiting = refs_of(released.clone)["refs/gitreg/pending"]
    with pytest.raises(RefusedError) as caught:
        released.open().push()
    assert caught.value.rule
    assert refs_of(released.clone)["refs/gitreg/pending"] == waiting


def test_what_somebody_else_recorded_alike_is_not_recorded_twice(released: Team) -> None:
    released.open().promote("iris@1.1.0", stage="production", publish=False)
    other = gitreg.open(released.colleague())
    other.promote("iris@1.1.0", stage="production")
    length = len(other.ledger.records)
    assert released.open().push().records == ()
    assert len(released.open().ledger.records) == length
    assert "refs/gitreg/pending" not in refs_of(released.clone)


def test_nothing_pending_pushes_nothing(released: Team) -> None:
    before = freeze(released.clone)
    assert released.open().push().records == ()
    assert freeze(released.clone) == before


def test_records_are_kept_and_built_on_without_a_network(released: Team) -> None:
    released.origin.rename(released.folder / "away.git")
    registry = released.open()
    registry.vacate("iris", stage="staging", publish=False)
    registry.deprecate("iris@1.0.0", publish=False)
    assert [item.record.action for item in registry.ledger.records[-2:]] == ["vacate", "deprecate"]
    with pytest.raises(TransferError, match="could not be reached"):
        released.open().push()
    (released.folder / "away.git").rename(released.origin)
    assert len(released.open().push().records) == 2


def test_a_registry_without_a_remote_has_nowhere_to_push(repo: Path, alice_key: Path) -> None:
    init(gitreg.open(repo))
    with pytest.raises(SetupError, match="no remote to push to"):
        gitreg.open(repo).push()


def test_a_ledger_that_began_without_a_remote_is_shared_later(team: Team, repo: Path) -> None:
    init(gitreg.open(repo))
    file = write(repo / "models/iris/model.skops", b"bytes")
    registry = gitreg.open(repo)
    registry.register(new="iris", files=[file], version="1.0.0")
    run_git(repo.parent, "init", "--quiet", "--bare", "shared.git")
    run_git(repo, "remote", "add", "origin", str(repo.parent / "shared.git"))
    write(repo / ".dvc/config", f"[core]\n remote = s\n['remote \"s\"']\n url = {repo.parent}/s\n")
    done = gitreg.open(repo).push()
    assert [record.action for record in done.records] == ["policy", "register"]
    there = refs_of(repo.parent / "shared.git")
    assert set(there) == {"refs/heads/gitreg-ledger", "refs/tags/iris@v1.0.0"}
    assert any((repo.parent / "s/files/md5").rglob("*"))


def test_a_ledger_and_tags_pushed_and_fetched_by_hand_work_too(released: Team) -> None:
    run_git(released.folder, "init", "--quiet", "--bare", "mirror.git")
    mirror = released.folder / "mirror.git"
    released.git("push", "--quiet", str(mirror), "main", "gitreg-ledger", "--tags")
    run_git(released.folder, "init", "--quiet", "reader")
    reader = released.folder / "reader"
    run_git(reader, "fetch", "--quiet", str(mirror), "gitreg-ledger:gitreg-ledger")
    run_git(reader, "fetch", "--quiet", "--tags", str(mirror))
    proven = gitreg.open(reader).verify(deep=True)
    assert proven.findings == ()
    assert proven.valid == 6


def test_ledgers_that_parted_are_told(released: Team) -> None:
    released.git("update-ref", "refs/heads/gitreg-ledger", "gitreg-ledger~1")
    tree = released.git("rev-parse", "gitreg-ledger^{tree}")
    commit = released.git("commit-tree", tree, "-p", "gitreg-ledger", "-m", "other")
    released.git("update-ref", "refs/heads/gitreg-ledger", commit)
    with pytest.raises(gitreg.GitregError, match="have parted") as caught:
        _ = released.open().ledger
    assert caught.value.next_step


def test_a_remote_that_went_back_is_refused(released: Team) -> None:
    run_git(released.origin, "update-ref", "refs/heads/gitreg-ledger", "gitreg-ledger~1")
    before = freeze(released.clone)
    with pytest.raises(gitreg.GitregError, match="does not continue"):
        released.open().deprecate("iris@1.0.0")
    assert freeze(released.clone) == before


def test_a_remote_that_refuses_is_told_apart_from_a_lost_race(released: Team) -> None:
    hook = write(released.origin / "hooks/pre-receive", "#!/bin/sh\necho no entry >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(TransferError, match="no entry"):
        released.open().deprecate("iris@1.0.0")
    assert len(released.open().ledger.records) == 6


def test_a_foreign_tag_in_the_way_is_told(released: Team) -> None:
    run_git(released.origin, "tag", "iris#production#2", "main")
    with pytest.raises(TransferError, match="refuses the new refs") as caught:
        released.open().promote("iris@1.1.0", stage="production")
    assert "ls-remote --tags" in str(caught.value.next_step)


def test_who_never_wins_gives_up_in_the_end(
    released: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gitreg.git.rejection import PushRejectedError

    def lose(*_: object) -> None:
        raise PushRejectedError("cannot lock ref")

    monkeypatch.setattr(sharing, "publish", lose)
    monkeypatch.setattr(sharing, "_ATTEMPTS", 2)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(TransferError, match="others were faster 2 times"):
        released.open().deprecate("iris@1.0.0")
