"""`gitreg register --prepare`: a version that waits in a pull request."""

from __future__ import annotations

from pathlib import Path

import gitreg
from gitreg import yaml12
from tests.fixtures import Cli, Team, freeze, ledger_length, run_git


def test_all_is_committed_but_nothing_is_recorded(released: Team, cli: Cli) -> None:
    released.git("switch", "--quiet", "--create", "better")
    released.model_file.write_bytes(b"the best model\n" * 100)
    before, length = released.git("rev-parse", "main"), ledger_length(released.clone)
    cli.folder = released.clone

    ran = cli.ok(
        "register", "models/iris", "--bump", "minor", "--metric", "accuracy=0.98", "--prepare"
    )

    assert "Prepared iris 1.2.0" in ran.out
    assert released.git("log", "-1", "--format=%s") == "Prepare iris 1.2.0"
    assert released.git("rev-parse", "better~1") == before
    assert released.git("status", "--porcelain") == ""
    assert ledger_length(released.clone) == length
    assert "iris@v1.2.0" not in released.git("tag")
    text = released.git("show", "better:models/iris/model.yaml").encode()
    value = yaml12.load(text, name="model.yaml").value
    md5 = value["artifacts"][0]["md5"]
    assert (released.storage / "files/md5" / md5[:2] / md5[2:]).is_file()
    assert run_git(released.origin, "branch", "--list", "better") == ""


def test_typed_again_it_commits_nothing_more(released: Team, cli: Cli) -> None:
    released.model_file.write_bytes(b"the best model\n" * 100)
    cli.folder = released.clone
    cli.ok("register", "models/iris", "--bump", "minor", "--prepare")
    before = freeze(released.clone)

    again = cli.ok("register", "models/iris", "--bump", "minor", "--prepare", "--json")

    assert freeze(released.clone) == before
    assert again.json["version"] == "1.2.0"
    assert again.json["commit"] == released.git("rev-parse", "HEAD")
    assert again.json["branch"] == "main"


def test_a_version_that_is_registered_is_not_prepared(released: Team, cli: Cli) -> None:
    released.model_file.write_bytes(b"the best model\n" * 100)
    cli.folder = released.clone
    said = cli.no("register", "models/iris", "--version", "1.1.0", "--prepare")
    assert "iris 1.1.0 is registered already" in said
    assert "--bump patch" in said


def test_somebody_whom_the_policy_does_not_know_may_prepare(
    released: Team, cli: Cli, home: Path
) -> None:
    released.model_file.write_bytes(b"a stranger's model\n" * 100)
    for name in ("id_ed25519", "id_ed25519.pub"):
        (home / ".ssh" / name).unlink()
    cli.folder = released.clone
    cli.ok("register", "models/iris", "--bump", "minor", "--prepare")
    assert len(gitreg.open(released.clone).versions("iris")) == 2
