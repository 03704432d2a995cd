"""The page on teams, typed as it stands by Alice, Bob and Carol."""

from __future__ import annotations

import shutil
from pathlib import Path

import gitreg
from gitreg.signing import read_public_key
from tests.e2e.test_documents import ROOT, commands, type_in
from tests.fixtures import Team, make_key, run_git


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "gitreg.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_page_on_teams_works_as_it_stands(
    released: Team, home: Path, bob_session_key: Path
) -> None:
    clone, ssh = released.clone, home / ".ssh"
    address = "https://git.example.org/team/models.git"
    run_git(clone, "config", "--global", f"url.{released.url}.insteadOf", address)
    for suffix in ("", ".pub"):
        shutil.copy(f"{bob_session_key}{suffix}", ssh / f"bob_ed25519{suffix}")
    keys = {"bob": read_public_key(ssh / "bob_ed25519")}
    for name in ("carol", "anew"):
        keys[name] = read_public_key(make_key(ssh / f"{name}_ed25519"))
    released.open().vacate("iris", stage="production")
    people = "".join(f'  {name}: {{keys: ["{keys[name]}"]}}\n' for name in ("bob", "carol"))
    edit(clone, "people:\n", f"people:\n{people}")
    edit(clone, "maintainers: [alice]", "maintainers: [alice, bob]")
    edit(clone, "after: staging,", "after: staging, approve: {by: [carol]},")
    edits = {
        "two must sign": ("threshold: 1", "threshold: 2"),
        "new laptop": ("alice: {keys: [", f'alice: {{keys: ["{keys["anew"]}", '),
    }
    printed = ""
    for command in commands("docs/team.md"):
        for words, (old, new) in edits.items():
            if words in command:
                edit(clone, old, new)
        printed += type_in(clone, command)
    registry = gitreg.open(clone)
    assert registry["iris@production"].version == "1.0.0"
    assert len(registry.state.policies) == 4
    assert "carol may now approve * to production" in printed
    assert "approvals   1 needed, of carol" in printed
    assert registry.verify().findings == ()
    assert (ROOT / "docs/team.md").is_file()
