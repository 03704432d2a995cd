"""Records that wait in a clone (`--no-push`), put there or left there by somebody else.

Whoever runs `gitreg push` publishes what others signed as they signed it, and signs none of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from gitreg.git.repository import Repository
from gitreg.ledger import PENDING, SENT
from gitreg.ledger.appending import Draft, append
from gitreg.ledger.reading import read_ledger
from tests.attack.crew import Crew, start_crew
from tests.fixtures import Cli, refs_of, run_git

ANOTHER = "11111111-2222-3333-4444-555555555555"


def leave_pending(crew: Crew, who: str, *drafts: Draft) -> str:
    """Let somebody sign what waits in Dave's clone, and return its last commit."""
    repository = Repository.discover(crew.dave)
    ledger = read_ledger(repository, refs_of(crew.dave).get(PENDING, crew.tip))
    for draft in drafts:
        append(repository, ledger, draft, crew.signer(who))
    run_git(crew.dave, "update-ref", PENDING, ledger.tip or "")
    return ledger.tip or ""


def approval(crew: Crew, verdict: str = "approve") -> Draft:
    return crew.draft("approve", "1.1.0", "production", verdict=verdict)


def refuse_push(crew: Crew, victim: Cli, who: str) -> str:
    """Push with somebody's key; nothing may be published, and everything waits on."""
    before, waits = refs_of(crew.origin), refs_of(crew.dave)[PENDING]
    said = victim.no("push", "--key", crew.key(who))
    assert refs_of(crew.origin) == before
    assert refs_of(crew.dave)[PENDING] == waits
    assert f"git update-ref -d {PENDING}" in said
    return said


def test_anothers_approval_is_never_signed_again_by_who_pushes(crew: Crew, victim: Cli) -> None:
    leave_pending(crew, "carol", approval(crew))
    crew.write("alice", crew.draft("deprecate", "1.0.0"))
    said = refuse_push(crew, victim, "dave")
    assert "“Approve iris v1.1.0 for production”" in said
    assert "carol signed it, not dave" in said
    victim.ok("push", "--key", crew.key("carol"))
    crew.write("bob", crew.draft("promote", "1.1.0", "production"))


def test_ones_own_record_behind_anothers_is_not_signed_again_either(
    crew: Crew, victim: Cli
) -> None:
    leave_pending(crew, "dave", approval(crew))
    leave_pending(crew, "carol", approval(crew))
    crew.write("alice", crew.draft("deprecate", "1.0.0"))
    assert "carol signed it, not dave" in refuse_push(crew, victim, "dave")
    assert "dave signed it, not carol" in refuse_push(crew, victim, "carol")


def test_what_others_signed_is_published_as_they_signed_it(crew: Crew, victim: Cli) -> None:
    """Over junk too, which somebody pushed meanwhile: it changes neither `Prev` nor `Index`."""
    canary = crew.draft("promote", "1.0.0", "canary")
    leave_pending(crew, "bob", canary, crew.draft("deprecate", "1.0.0"))
    junk = crew.push_junk()
    victim.ok("push", "--key", crew.key("dave"))
    last = crew.ledger().records[-2:]
    assert [(item.person, item.record.action) for item in last] == [
        ("bob", "promote"),
        ("bob", "deprecate"),
    ]
    assert [item.commit for item in crew.ledger().void] == [junk]
    assert "refs/tags/iris#canary#1" in refs_of(crew.origin)
    assert PENDING not in refs_of(crew.dave)


def test_the_same_verdict_of_another_person_does_not_stand_for_ones_own(
    crew: Crew, victim: Cli
) -> None:
    leave_pending(crew, "carol", approval(crew))
    crew.write("dave", approval(crew))
    victim.ok("push", "--key", crew.key("carol"))
    verdicts = crew.state.verdicts("iris", "1.1.0", "production", 2)
    assert sorted(item.person for item in verdicts) == ["carol", "dave"]


def plant_registry(crew: Crew, folder: Path, keys: Path) -> None:
    """Let what Carol said in another registry wait in Dave's clone."""
    folder.mkdir()
    other = Crew(folder, keys)
    start_crew(other, registry=ANOTHER)
    other.write("carol", approval(other))
    run_git(crew.dave, "fetch", "--quiet", str(other.origin), f"+gitreg-ledger:{PENDING}")


def test_ones_own_words_in_another_registry(crew: Crew, victim: Cli, tmp_path: Path) -> None:
    plant_registry(crew, tmp_path / "other", crew.keys)
    assert "of another registry" in refuse_push(crew, victim, "carol")


def test_a_registry_in_which_the_thief_has_ones_name(
    crew: Crew, victim: Cli, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    shutil.copytree(crew.keys, keys)
    for end in ("", ".pub"):
        shutil.copy(keys / f"mallory{end}", keys / f"carol{end}")
    plant_registry(crew, tmp_path / "other", keys)
    assert "of another registry" in refuse_push(crew, victim, "carol")


def test_anothers_rollback_marked_as_ones_own_holds_nobody_up(crew: Crew, victim: Cli) -> None:
    """The mark says that a run was cut off after it had published: then it is not run again."""
    crew.write("carol", approval(crew))
    crew.write("bob", crew.draft("promote", "1.1.0", "production"))
    crew.write("bob", crew.draft("promote", "1.0.0", "production"))
    crew.fetch()
    run_git(crew.dave, "update-ref", SENT, crew.tip or "")
    words = ("rollback", "iris", "--stage=production", "--key")
    assert "is as it was before" in victim.ok(*words, crew.key("bob")).out
    run_git(crew.dave, "update-ref", SENT, crew.tip or "")
    victim.ok(*words, crew.key("alice"))
    assert crew.state.champion("iris", "production") == "1.1.0"
