"""What other tools make of a registry: the real git, gto and dvc."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gitreg
from tests.fixtures import NAME, Team, run, run_git, write

BIN = Path(sys.executable).parent


def gto(team: Team, *args: str) -> str:
    return run(str(BIN / "gto"), *args, folder=team.clone)


def dvc(team: Team, *args: str) -> str:
    return run(str(BIN / "dvc"), *args, folder=team.clone)


def test_gto_shows_versions_and_stages(released: Team) -> None:
    import json

    shown = json.loads(gto(released, "show", "--json"))
    assert shown["iris"]["version"] == "v1.1.0"
    assert shown["iris"]["stage"] == {"staging": "v1.1.0", "production": "v1.0.0"}


def test_gto_shows_the_history(released: Team) -> None:
    shown = gto(released, "history", "--plain")
    assert shown.count("registration") == 2
    assert shown.count("assignment") == 3


def test_gto_follows_a_rollback(released: Team) -> None:
    registry = released.open()
    registry.promote("iris@1.1.0", stage="production")
    assert "v1.1.0" in gto(released, "show", "iris#production", "--ref")
    registry.rollback("iris", stage="production")
    assert "v1.0.0" in gto(released, "show", "iris#production", "--ref")


@pytest.mark.parametrize(
    ("how", "data"),
    [
        (["--rev", "v1.0.0"], b"the first model\n"),
        (["--rev", "v1.1.0"], b"a better model\n"),
        (["--stage", "production"], b"the first model\n"),
        ([], b"a better model\n"),
    ],
)
def test_dvc_gets_artifacts(released: Team, tmp_path: Path, how: list[str], data: bytes) -> None:
    dvc(released, "artifacts", "get", ".", "iris", *how, "-o", str(tmp_path / "got"))
    assert (tmp_path / "got").read_bytes() == data * 100


def test_dvc_sees_nothing_left_to_do(released: Team) -> None:
    assert "up to date" in dvc(released, "status")
    assert "in sync" in dvc(released, "status", "--cloud")
    assert "No changes" in dvc(released, "data", "status")


def test_git_verifies_every_tag(released: Team, home: Path, alice_key: Path) -> None:
    public = alice_key.with_suffix(".pub").read_text()
    signers = write(home / "allowed", f"alice@example.org {public}")
    released.git("config", "gpg.ssh.allowedSignersFile", str(signers))
    tags = released.git("tag").splitlines()
    assert len(tags) == 5
    for tag in tags:
        done = subprocess.run(
            ["git", "-C", released.clone, "verify-tag", tag],
            capture_output=True, text=True, check=True, env=dict(os.environ),
        )  # fmt: skip
        assert 'Good "git" signature for alice@example.org' in done.stderr


def test_git_finds_nothing_wrong(released: Team) -> None:
    assert run_git(released.origin, "fsck", "--strict") == ""


def test_the_ledger_reads_as_a_log(released: Team) -> None:
    log = released.git("log", "--format=%an: %s", "gitreg-ledger")
    assert log.splitlines() == [
        f"{NAME}: Promote iris v1.1.0 to staging",
        f"{NAME}: Register iris v1.1.0",
        f"{NAME}: Promote iris v1.0.0 to production",
        f"{NAME}: Promote iris v1.0.0 to staging",
        f"{NAME}: Register iris v1.0.0",
        f"{NAME}: Start the registry",
    ]


def test_a_plain_fetch_brings_what_others_published(released: Team) -> None:
    folder = released.colleague()
    released.open().promote("iris@1.1.0", stage="production")
    assert gitreg.open(folder)["iris@production"].version == "1.0.0"
    run_git(folder, "fetch", "--quiet")
    assert gitreg.open(folder)["iris@production"].version == "1.1.0"
    assert gitreg.open(folder).verify(deep=True).findings == ()
