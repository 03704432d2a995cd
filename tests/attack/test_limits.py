"""What no client can see: docs/threat-model.md promises no more than is shown here.

Each story ends with whom the attack reaches, and with whom it does not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import gitreg
from gitreg import memory
from gitreg.ledger import BRANCH
from tests.attack.crew import Crew
from tests.attack.test_history import replace_registry
from tests.fixtures import Cli, run_git


def forget_all(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Go on as a machine that was never here."""
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        patch.setenv(name, str(folder / name))


def take_the_key_away(crew: Crew, who: str) -> str:
    """Remove somebody's keys from the policy; return the checkpoint from then on."""
    policy = crew.policy()
    policy["people"][who]["keys"] = []
    crew.write("alice", crew.proposal(policy))
    crew.write("bob", crew.enactment(policy))
    last = crew.ledger().records[-1]
    return f"{last.record.index}:sha256:{last.digest}"


def test_a_removed_key_with_the_help_of_the_host(
    crew: Crew, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A history from before the removal goes on under the stolen key, and is the longer one."""
    url, tip = crew.origin.as_uri(), crew.tip
    root = f"sha256:{crew.ledger().root}"
    checkpoint = take_the_key_away(crew, "ci")
    cli.ok("list", "--repo", url)
    crew.repository.update_refs([(BRANCH, tip or "", None)])
    crew.ledger_anew()
    for accuracy in (0.97, 0.98, 0.99):
        crew.write("ci", crew.evaluation("1.1.0", accuracy, champion=("1.0.0", 0.5)))
    words = ("show", "iris@1.1.0", "--repo", url, "--root", root)
    assert "FORK: record 10 of" in cli.no(*words)
    forget_all(monkeypatch, tmp_path)
    assert "FORK: record 10 of" in cli.no(*words, "--checkpoint", checkpoint)
    cli.ok(*words)  # who has neither memory nor checkpoint believes it


def test_two_readers_who_are_shown_two_histories(
    crew: Crew, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host and an evaluator tell each reader something else, until the two compare."""
    url, tip = crew.origin.as_uri(), crew.tip
    crew.write("ci", crew.evaluation("1.1.0", 0.99, champion=("1.0.0", 0.5)))
    seen = cli.ok("verify", "--repo", url, "--json").json["checkpoint"]
    crew.repository.update_refs([(BRANCH, tip or "", None)])
    crew.ledger_anew()
    crew.write("ci", crew.evaluation("1.1.0", 0.51, champion=("1.0.0", 0.5)))
    forget_all(monkeypatch, tmp_path)
    cli.ok("verify", "--repo", url)
    assert "FORK: record 9 of" in cli.no("verify", "--repo", url, "--checkpoint", seen)


def test_who_holds_the_roots_threshold_is_the_registry(crew: Crew) -> None:
    """Two stolen root keys let in whom they like; all that is left is that it stays on record."""
    policy = crew.policy()
    policy["people"]["mallory"] = {"keys": [crew.public("mallory")]}
    policy["roles"]["maintainers"] = ["mallory"]
    policy["root"]["threshold"] = 1
    policy["models"]["*"]["stages"]["production"].pop("approve")
    crew.write("alice", crew.proposal(policy))
    crew.write("mallory", crew.proposal(policy, first=False))
    crew.write("bob", crew.enactment(policy))
    crew.write("mallory", crew.draft("promote", "1.1.0", "production"))
    crew.fetch()
    registry = gitreg.open(crew.dave)
    assert registry["iris@production"].version == "1.1.0"
    assert registry.verify().findings == ()
    people = [item.person for item in crew.ledger().records[-4:]]
    assert people == ["alice", "mallory", "bob", "mallory"]


def test_a_person_who_may_measure_and_lies(crew: Crew) -> None:
    """A report is as honest as who signs it: it is on record whose word the promotion rests on."""
    crew.write("ci", crew.evaluation("1.1.0", 0.999, champion=("1.0.0", 0.95)))
    crew.write("carol", crew.draft("approve", "1.1.0", "production", verdict="approve"))
    promoted = crew.write("alice", crew.draft("promote", "1.1.0", "production"))
    said = (item for item in crew.ledger().records if item.record.action == "evaluate")
    (report,) = (item for item in said if item.record.report == promoted.report)
    assert report.person == "ci"


def test_a_clone_is_held_to_the_root_that_its_url_is_known_by(
    crew: Crew, cli: Cli, tmp_path: Path
) -> None:
    """A clone of what replaced the registry is refused where the URL was pinned before."""
    url = crew.origin.as_uri()
    cli.ok("list", "--repo", url)
    replace_registry(crew, tmp_path / "other")
    run_git(tmp_path, "clone", "--quiet", url, "clone")
    cli.folder = tmp_path / "clone"
    said = cli.no("list")
    assert "another registry than before" in said
    cli.ok("list", "--root", said.split("--root ")[1].strip())


def test_a_clone_pins_nothing_by_itself(crew: Crew, cli: Cli, tmp_path: Path) -> None:
    """A clone of what replaced the registry is believed on a machine that had no contact with it.

    Its configuration says what URL it came from, so it cannot be what a URL is pinned by.
    """
    root, url = f"sha256:{crew.ledger().root}", crew.origin.as_uri()
    replace_registry(crew, tmp_path / "other")
    run_git(tmp_path, "clone", "--quiet", url, "clone")
    cli.folder = tmp_path / "clone"
    cli.ok("list")
    assert memory.pinned_root(url) is None
    assert f"{root} was asked for" in cli.no("list", "--root", root)
