"""What a forge's CI says about the run that this is: variables, and GitHub's event file.

The variables and the event come from the forge. Names in them, of branches above all, are chosen
by whoever opens a pull request, and are no more than text here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitreg.errors import SetupError, UsageError
from gitreg.value import Value

_LARGEST = 32 << 20  # bytes: GitHub's own limit is 25 MB


class Run(Value):
    """What is known of a run: the environment, and the event's payload, perhaps empty."""

    environ: Mapping[str, str]
    event: Mapping[str, Any]

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Run:
        """Read what the forge has put into the environment.

        Raises: SetupError where the event's file cannot be read.
        """
        path = environ.get("GITHUB_EVENT_PATH")
        if not path:
            return cls(environ=environ, event={})
        try:
            with Path(path).open("rb") as file:
                event = json.loads(file.read(_LARGEST))
        except (OSError, ValueError) as error:
            raise SetupError(
                f"the event of this run, {path}, cannot be read: {error}",
                next_step="run the job again",
            ) from error
        return cls(environ=environ, event=event if isinstance(event, dict) else {})

    def find(self, *names: str) -> Any:
        """Return a part of the event by the names that lead to it, or None."""
        value: Any = self.event
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def text(self, *names: str) -> str:
        """Return a text of the event, empty where there is none."""
        value = self.find(*names)
        return value if isinstance(value, str) else ""

    @property
    def default_branch(self) -> str:
        """The repository's default branch.

        Raises: UsageError where the run does not say.
        """
        branch = self.text("repository", "default_branch")
        branch = branch or self.environ.get("CI_DEFAULT_BRANCH", "")
        if not branch:
            raise UsageError(
                "nothing says here which branch is the default one", next_step="--ref main"
            )
        return branch

    @property
    def tag(self) -> str:
        """The tag whose push started the run.

        Raises: UsageError where it was something else.
        """
        if self.environ.get("GITHUB_REF_TYPE") == "tag":
            return self.environ.get("GITHUB_REF_NAME", "")
        tag = self.environ.get("CI_COMMIT_TAG", "")
        if not tag:
            raise UsageError(
                "this run was not started by a tag", next_step="name one: 'iris#production#3'"
            )
        return tag

    @property
    def page(self) -> str:
        """The page of the run that checked the pull request, empty where that is unknown."""
        found = self.text("workflow_run", "html_url") or self.environ.get("CI_PIPELINE_URL", "")
        if found or not self.environ.get("GITHUB_RUN_ID"):
            return found
        names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
        server, repository, number = (self.environ.get(name, "") for name in names)
        return f"{server}/{repository}/actions/runs/{number}"

    @property
    def failed(self) -> bool:
        """Whether the run that checked the pull request ended in failure."""
        return self.text("workflow_run", "conclusion") == "failure"

    @property
    def commit(self) -> str:
        """The newest commit of the pull request, empty where that is unknown."""
        found = self.text("workflow_run", "head_sha") or self.text("pull_request", "head", "sha")
        return found or self.environ.get("CI_COMMIT_SHA", "")
