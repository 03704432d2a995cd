"""A registry from afar: pinned, remembered, and noticed when it goes back, forks or stops."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import gitreg
from gitreg import memory
from gitreg.domain.checkpoint import Checkpoint
from gitreg.errors import UntrustedError
from gitreg.git.repository import Repository
from gitreg.ledger import sharing
from gitreg.ledger.indexed import open_ledger
from gitreg.ledger.verified import Ledger
from gitreg.places import cache_folder, state_folder
from gitreg.registry.beat import beat
from gitreg.registry.policy import apply_policy
from tests.fixtures import Cli, Team, run_git


def checkpoint(team: Team) -> str:
    return str(team.open().verify().to_dict()["checkpoint"])


def root(team: Team) -> str:
    return f"sha256:{team.open().ledger.root}"


def take_back(team: Team, records: int = 2) -> None:
    """What the owner of a host can do: the ledger as it was, and nothing else changed."""
    run_git(team.origin, "branch", "--force", "gitreg-ledger", f"gitreg-ledger~{records}")


def set_max_age(team: Team, age: str) -> None:
    file = team.clone / "gitreg.yaml"
    file.write_text(file.read_text().replace("models:", f"beat: [alice]\nmax_age: {age}\nmodels:"))
    apply_policy(team.open())


def test_a_root_that_is_given_must_be_the_registrys(released: Team, cli: Cli) -> None:
    right, wrong = root(released), "sha256:" + "0" * 64
    assert cli.ok("verify", "--repo", released.url, "--root", right).code == 0
    said = cli.no("list", "--repo", released.url, "--root", wrong)
    assert "another registry" in said
    assert wrong in said
    said = cli.no("list", "--repo", str(released.clone), "--root", wrong)
    assert "another registry" in said


def test_the_root_is_told_on_first_contact_alone(released: Team, cli: Cli) -> None:
    assert root(released) in cli.ok("list", "--repo", released.url).err
    assert cli.ok("list", "--repo", released.url).err == ""


def test_a_given_root_needs_no_telling_and_is_remembered(released: Team, cli: Cli) -> None:
    assert cli.ok("list", "--repo", released.url, "--root", root(released)).err == ""
    assert memory.pinned_root(released.url) == root(released).removeprefix("sha256:")


def test_another_registry_at_the_same_url_is_refused_until_its_root_is_given(
    released: Team, cli: Cli, tmp_path: Path
) -> None:
    cli.ok("list", "--repo", released.url)
    clone = tmp_path / "other"
    run_git(tmp_path, "init", "--quiet", "other")
    (clone / "a").write_text("a")
    run_git(clone, "add", "a")
    run_git(clone, "commit", "--quiet", "-m", "a")
    cli.folder = clone
    cli.ok("init")
    shutil.rmtree(released.origin)
    run_git(tmp_path, "clone", "--quiet", "--bare", str(clone), str(released.origin))
    said = cli.no("list", "--repo", released.url)
    assert "another registry than before" in said
    new = f"sha256:{gitreg.open(clone).ledger.root}"
    assert f"--root {new}" in said
    cli.ok("list", "--repo", released.url, "--root", new)
    cli.ok("list", "--repo", released.url)


def test_a_shorter_ledger_is_a_rollback(released: Team, cli: Cli) -> None:
    cli.ok("list", "--repo", released.url)
    take_back(released)
    shutil.rmtree(cache_folder())
    for command in (["list"], ["verify"], ["show", "iris@1.0.0"]):
        said = cli.no(*command, "--repo", released.url)
        assert "ROLLBACK" in said


def test_what_was_pushed_from_here_was_seen_too(released: Team, cli: Cli) -> None:
    cli.folder = released.clone
    cli.ok("deprecate", "iris@1.0.0")
    take_back(released, 1)
    assert "ROLLBACK" in cli.no("list", "--repo", released.url)


def test_a_clone_of_a_rolled_back_host_cannot_write(released: Team, cli: Cli) -> None:
    cli.ok("list", "--repo", released.url)
    take_back(released)
    run_git(released.folder, "clone", "--quiet", str(released.origin), "late")
    cli.folder = released.folder / "late"
    before = run_git(released.origin, "rev-parse", "gitreg-ledger")
    assert "ROLLBACK" in cli.no("vacate", "iris", "--stage", "staging")
    assert run_git(released.origin, "rev-parse", "gitreg-ledger") == before
    found = cli("verify", "--json").json["findings"]
    assert ("behind", "warning") in {(item["code"], item["severity"]) for item in found}


def test_a_ledger_that_is_gone_is_a_rollback(released: Team, cli: Cli) -> None:
    cli.ok("list", "--repo", released.url)
    run_git(released.origin, "branch", "-D", "gitreg-ledger")
    assert "ROLLBACK" in cli.no("list", "--repo", released.url)


def test_another_history_of_the_same_length_is_a_fork(released: Team, cli: Cli) -> None:
    cli.ok("list", "--repo", released.url)
    take_back(released, 1)
    home = state_folder()
    shutil.move(home, home.with_name("aside"))
    run_git(released.folder, "clone", "--quiet", str(released.origin), "forked")
    cli.folder = released.folder / "forked"
    cli.ok("deprecate", "iris@1.0.0")
    shutil.rmtree(home)
    shutil.move(home.with_name("aside"), home)
    shutil.rmtree(cache_folder())
    assert "FORK" in cli.no("list", "--repo", released.url)
    assert "FORK" in cli.no("list")  # the clone of it, too


def test_a_checkpoint_serves_who_remembers_nothing(released: Team, cli: Cli) -> None:
    newest = checkpoint(released)
    index, _, _ = newest.partition(":")
    cli.ok("list", "--repo", released.url, "--checkpoint", newest)
    forged = f"{index}:sha256:{'0' * 64}"
    assert "FORK" in cli.no("list", "--repo", released.url, "--checkpoint", forged)
    later = f"{int(index) + 1}:sha256:{'0' * 64}"
    assert "ROLLBACK" in cli.no("list", "--repo", released.url, "--checkpoint", later)


def test_environment_variables_pin_too(
    released: Team, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITREG_CHECKPOINT", f"3:sha256:{'0' * 64}")
    assert "FORK" in cli.no("list", "--repo", released.url)
    monkeypatch.setenv("GITREG_CHECKPOINT", "3")
    assert cli("list", "--repo", released.url).code == 2


def test_a_ledger_that_stands_still_is_stale_until_a_heartbeat(
    released: Team, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_max_age(released, "30d")
    cli.ok("list", "--repo", released.url)
    times = [item.record.tagger.time for item in released.open().ledger.records]
    monkeypatch.setattr("time.time", lambda: max(times) + 31 * 86400)
    assert "STALE" in cli.no("list", "--repo", released.url)
    cli.folder = released.clone
    found = cli.ok("verify", "--json").json["findings"]
    assert [item["code"] for item in found] == ["stale"]
    assert cli.ok("beat").out.startswith("Beat (record")
    cli.ok("list", "--repo", released.url)
    assert cli.ok("verify", "--json").json["findings"] == []


def test_a_time_in_the_future_proves_no_freshness(
    released: Team, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_max_age(released, "30d")
    now = max(item.record.tagger.time for item in released.open().ledger.records)
    monkeypatch.setattr("time.time", lambda: now + 300 * 86400)
    beat(released.open())
    monkeypatch.setattr("time.time", lambda: now + 100 * 86400)
    assert "STALE" in cli.no("list", "--repo", released.url)


def test_python_pins_as_the_command_line_does(released: Team) -> None:
    pinned = gitreg.open(released.url, root=root(released), checkpoint=checkpoint(released))
    assert list(pinned) == ["iris"]
    with pytest.raises(UntrustedError, match="another registry"):
        gitreg.open(released.url, root="sha256:" + "1" * 64).state  # noqa: B018 looked at


def test_a_checkpoint_is_what_verify_prints(released: Team) -> None:
    parsed = Checkpoint.parse(checkpoint(released))
    assert parsed.index == len(released.open().ledger.records) - 1
    assert memory.last_seen(released.open().ledger.root or "") is None  # no fetch in this home yet


def test_who_publishes_while_another_process_here_reads_causes_no_rollback(
    released: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_max_age(released, "1d")
    slow, faster = released.open(), gitreg.open(released.colleague())
    beats = [1, 2, 3]

    def read_while_others_write(
        repository: Repository, find_tip: Callable[[], str | None]
    ) -> Ledger:
        ledger = open_ledger(repository, find_tip)
        if beats and repository is slow.repository:
            beats.pop()
            beat(faster)
        return ledger

    monkeypatch.setattr(sharing, "open_ledger", read_while_others_write)
    assert slow.promote("iris@1.1.0", stage="production").records
    assert not beats
