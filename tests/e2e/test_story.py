"""The whole story of docs/story.md, typed and run: people's commands, and CI between them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitreg.signing import read_public_key
from tests.deploying import in_use
from tests.fixtures import Team, run_git, write
from tests.forge_server import serve_forge
from tests.runner import Ran, Runner

PAGE = Path(__file__).parents[2] / "docs/story.md"
_PART = re.compile(r"^```(sh|yaml|python)\n(.*?)^```|<!-- ci: (.*?) -->", re.MULTILINE | re.DOTALL)


@pytest.fixture
def runner(tmp_path: Path, alice_key: Path) -> Iterator[Runner]:
    """An empty clone of an empty origin, and CI beside it with a key of its own."""
    run_git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    run_git(tmp_path, "clone", "--quiet", str(tmp_path / "origin.git"), "clone")
    (tmp_path / "runner").mkdir()
    with serve_forge() as forge:
        yield Runner(Team(tmp_path), forge, tmp_path / "runner", tmp_path / "ci_ed25519", {})


def test_the_whole_story(runner: Runner, alice_key: Path) -> None:
    team = runner.team
    for kind, text, event in _PART.findall(PAGE.read_text()):
        if event:
            _run_ci(runner, event)
        elif kind == "sh":
            for command in text.splitlines():
                _type_in(team, command)
        else:
            _write_file(team, text, alice_key)
    assert in_use(team.folder / "srv/models") == "1.0.0"
    first, worse = (comment["body"] for comment in runner.forge.comments)
    assert "#### iris 1.0.0" in first
    assert "FAILS" in worse
    assert "something would be refused" in worse
    registry = team.open()
    assert [item.version for item in registry.versions("iris")] == ["1.0.0", "1.1.0"]
    said = [(item.person, item.record.title) for item in registry.ledger.records[2:]]
    assert said == [
        ("ci", "Register iris v1.0.0"),
        ("ci", "Evaluate iris v1.0.0"),
        ("ci", "Promote iris v1.0.0 to production"),
        ("ci", "Deploy iris v1.0.0 to shelf: succeeded"),
        ("ci", "Register iris v1.1.0"),
        ("ci", "Evaluate iris v1.1.0"),
        ("ci", "Promote iris v1.1.0 to production"),
        ("ci", "Deploy iris v1.1.0 to shelf: succeeded"),
        ("alice", "Promote iris v1.0.0 to production"),
        ("ci", "Deploy iris v1.0.0 to shelf: succeeded"),
    ]


def _run_ci(runner: Runner, event: str) -> None:
    """Run what an event starts, and see that it ends as the page says."""
    _pin(runner)
    words = event.split()
    if words[0] == "pull":
        ran = _pull(runner, words[1])
        assert ran.jobs["verdict"] == ("failure" if "fails" in words else "success"), ran.log
    elif words[0] == "tag":
        asked = runner.tag(words[1])
        assert asked.jobs == {"dispatch": "success"}, asked.log
        ref = {"ref": "main", "inputs": {"tag": words[1]}}
        assert runner.forge.dispatched[-1] == ("gitreg.yml", ref)
        done = runner.dispatched()
        assert done.jobs == dict.fromkeys(("find", "deploy", "record"), "success"), done.log
    else:
        ran = runner.push()
        assert ran.ok, ran.log
    runner.team.git("fetch", "--quiet")


def _pull(runner: Runner, branch: str) -> Ran:
    team = runner.team
    tip = team.git("rev-parse", branch)
    pull = runner.forge.add_pull(branch, commit=tip)
    team.git("push", "--quiet", "origin", f"{tip}:refs/pull/{pull['number']}/merge")
    ran = runner.pull(pull)
    assert runner.comment(pull).ok
    return ran


def _pin(runner: Runner) -> None:
    """Tell CI what to know the registry by, as the repository's variables do."""
    ledger = runner.team.open().ledger
    runner.variables.setdefault("GITREG_ROOT", f"sha256:{ledger.root}")
    head = ledger.records[1]
    runner.variables.setdefault("GITREG_CHECKPOINT", f"{head.record.index}:sha256:{head.digest}")


def _write_file(team: Team, text: str, alice_key: Path) -> None:
    name = text.splitlines()[0].removeprefix("# ")
    for person, key in (("alice", alice_key), ("ci", team.folder / "ci_ed25519")):
        if f"  {person}: " in text:
            public = read_public_key(key)
            line = f'  {person}: {{keys: ["'
            text = text.replace(f"{line}ssh-ed25519 AAAA…", f"{line}{public}")
    write(team.clone / name, text.replace("/srv/", f"{team.folder}/srv/"))


def _type_in(team: Team, command: str) -> None:
    bin_folder = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["sh", "-c", command.replace("/srv/", f"{team.folder}/srv/")],
        cwd=team.clone,
        env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
