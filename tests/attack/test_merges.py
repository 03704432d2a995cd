"""Somebody with push rights, but without force: a merge that drops the ledger's last records.

Its first parent is an older record, or another history; its second is the ledger, so that Git calls
it a fast-forward. A ledger goes on by first parents alone.
"""

from __future__ import annotations

import pytest

from gitreg.ledger import BRANCH
from tests.attack.crew import Crew
from tests.fixtures import Cli, freeze, refs_of, run_git


def merge_over(crew: Crew, index: int) -> str:
    """Merge the ledger into an older record of it, and push that by plain Git, without force."""
    old = crew.ledger().records[index].commit
    tree = run_git(crew.attacker, "rev-parse", f"{old}^{{tree}}")
    parents = ("-p", old, "-p", crew.tip or "")
    return crew.push_commit(run_git(crew.attacker, "commit-tree", tree, *parents, "-m", "Merge"))


@pytest.fixture
def merged(crew: Crew) -> str:
    """A merge that has records 6 to 8 off its first parents' line."""
    return merge_over(crew, 5)


def say_something(crew: Crew, cli: Cli) -> str:
    cli.folder = crew.dave
    return cli.no("promote", "iris@1.0.0", "--stage", "canary", "--key", crew.key("alice"))


def test_a_writer_does_not_follow_it(crew: Crew, cli: Cli, merged: str) -> None:
    before = freeze(crew.dave)
    assert "does not continue what it gave before" in say_something(crew, cli)
    assert freeze(crew.dave) == before
    assert refs_of(crew.origin)[BRANCH] == merged
    assert cli.ok("show", "iris@staging", "--json").json["version"] == "1.1.0"


def test_a_clone_that_fetched_it_by_plain_git_does_not_read_it(
    crew: Crew, cli: Cli, merged: str
) -> None:
    run_git(crew.dave, "branch", "--quiet", "gitreg-ledger", "origin/gitreg-ledger")
    crew.fetch()
    cli.folder = crew.dave
    for words in (["show", "iris@staging"], ["verify"], ["list"]):
        assert "have parted" in cli.no(*words)
    assert "have parted" in say_something(crew, cli)


def test_who_knew_the_url_is_told_of_a_rollback(crew: Crew, cli: Cli) -> None:
    url = crew.origin.as_uri()
    cli.ok("show", "iris@1.1.0", "--repo", url)
    merge_over(crew, 5)
    assert "ROLLBACK" in cli.no("show", "iris@1.1.0", "--repo", url)


def test_who_comes_first_is_told_what_it_is(crew: Crew, cli: Cli) -> None:
    """They cannot know more; a checkpoint does."""
    last = crew.ledger().records[-1]
    merge_over(crew, 5)
    url = crew.origin.as_uri()
    findings = cli("verify", "--json", "--repo", url).json["findings"]
    (void,) = [item for item in findings if item["code"].startswith("void")]
    assert "merges another history into the ledger" in void["what"]
    said = cli.no("list", "--repo", url, "--checkpoint", f"8:sha256:{last.digest}")
    assert "ROLLBACK" in said
