"""What was valid stays valid: one signed registry per released format, read as it was meant."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from gitreg.domain import rules
from gitreg.domain.record import Action
from gitreg.git.repository import Repository
from gitreg.ledger.reading import read_ledger
from gitreg.ledger.verified import Ledger
from tests.data.contents import contents_of
from tests.fixtures import Cli, run, run_git, write

DATA = Path(__file__).parent / "data"
KEPT = sorted(path.parent for path in DATA.glob("*/registry.bundle"))


@dataclass(frozen=True)
class Kept:
    """A clone of a kept registry, and what its maker found in it."""

    clone: Path
    expected: dict[str, Any]

    def read(self) -> Ledger:
        return read_ledger(Repository.discover(self.clone), self.expected["tip"])

    def tags(self) -> dict[str, str]:
        """Who signed each tag."""
        return {item["tag"]: item["person"] for item in self.expected["records"] if item["tag"]}


@pytest.fixture(params=KEPT, ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    source: Path = request.param
    expected = json.loads((source / "expected.json").read_text())
    object_format = "sha256" if len(expected["tip"]) == 64 else "sha1"
    run_git(tmp_path, "init", "--quiet", f"--object-format={object_format}", "clone")
    clone = tmp_path / "clone"
    bundle = str(source / "registry.bundle")
    run_git(clone, "fetch", "--quiet", "--update-head-ok", bundle, "+refs/*:refs/*")
    run_git(clone, "reset", "--quiet", "--hard", "main")
    return Kept(clone, expected)


def test_every_record_is_judged_as_it_was(kept: Kept) -> None:
    assert contents_of(kept.read()) == kept.expected


def test_the_command_line_verifies_it(kept: Kept, cli: Cli) -> None:
    cli.folder = kept.clone
    found = cli.ok("verify", "--deep", "--json").json
    assert found["root"] == kept.expected["root"]
    assert found["checkpoint"] == kept.expected["checkpoint"]
    counts = {"valid": len(kept.expected["records"]), "void": len(kept.expected["void"])}
    assert found["records"] == counts
    codes = sorted(finding["code"] for finding in found["findings"])
    assert codes == sorted(f"void.{void['rule']}" for void in kept.expected["void"])


def test_git_verifies_its_tags_by_the_keys_of_the_policies(kept: Kept, tmp_path: Path) -> None:
    policies = [entry.policy for entry in kept.read().state.policies]
    lines = {
        f"{person} {key}\n"
        for policy in policies
        for person, keys in policy.keys.items()
        for key in keys
    }
    allowed = write(tmp_path / "allowed", "".join(sorted(lines)))
    run_git(kept.clone, "config", "gpg.ssh.allowedSignersFile", str(allowed))
    assert set(run_git(kept.clone, "tag").splitlines()) == set(kept.tags())
    for tag, person in kept.tags().items():
        done = subprocess.run(
            ["git", "-C", kept.clone, "verify-tag", tag],
            capture_output=True, text=True, check=True, env=dict(os.environ),
        )  # fmt: skip
        assert f'Good "git" signature for {person} with' in done.stderr


def test_gto_reads_its_tags(kept: Kept) -> None:
    if len(kept.expected["tip"]) == 64:
        pytest.skip("GTO does not open repositories in SHA-256")
    shown = gto(kept, "show")
    for name, model in kept.expected["models"].items():
        assert shown[name]["version"][1:] in [item["version"] for item in model["versions"]]
        for stage, entry in model["stages"].items():
            if entry["holder"]:  # after a vacate GTO goes back to the version before
                assert shown[name]["stage"][stage] == f"v{entry['holder']}"
    events = [event["ref"] for event in gto(kept, "history", "--ascending")]
    assert events == list(kept.tags())


def gto(kept: Kept, *command: str) -> Any:
    program = Path(sys.executable).parent / "gto"
    return json.loads(run(str(program), *command, "--json", folder=kept.clone))


@pytest.mark.parametrize("name", ["format-1-sha1", "format-1-sha256"])
def test_format_1_is_kept_whole(name: str) -> None:
    """Every action holds somewhere, and every rule is broken somewhere."""
    expected = json.loads((DATA / name / "expected.json").read_text())
    assert {item["action"] for item in expected["records"]} == set(get_args(Action))
    broken = {void["rule"] for void in expected["void"]}
    tables = (rules.COMMON, *rules.ACTIONS.values())
    assert broken == {"commit", "format", "signature"} | {rule for t in tables for rule, _ in t}
