"""Gitea and Forgejo, by the page /api/swagger of each."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from gitreg.forge.client import AnswerError, RestClient

_BOTS = {"forgejo-actions", "gitea-actions"}  # whom a workflow's own token comments as


class Gitea:
    """A repository on Gitea or Forgejo."""

    def __init__(self, client: RestClient, path: str) -> None:
        self._client = client
        self._base = f"/repos/{quote(path)}"

    def open_pull(self, branch: str, base: str, title: str, body: str) -> str:
        """Return the URL of the open pull request of `branch` into `base`; make one if needed."""
        found = self._opened(branch, base)
        if found is not None:
            return found
        content = {"head": branch, "base": base, "title": title, "body": body}
        try:
            made = self._client.send("POST", f"{self._base}/pulls", content)
        except AnswerError as error:
            found = self._opened(branch, base) if error.status == 409 else None
            if found is None:
                raise
            return found
        return self._client.read(made, str, "html_url")

    def _opened(self, branch: str, base: str) -> str | None:
        read = self._client.read
        try:
            pull = self._client.get(f"{self._base}/pulls/{quote(base, safe='')}/{quote(branch)}")
        except AnswerError as error:
            if error.status == 404:
                return None
            raise
        return read(pull, str, "html_url") if read(pull, str, "state") == "open" else None

    def find_pull(self, owner: str, branch: str, commit: str) -> int | None:
        """Return the number of the open pull request of the owner's branch at `commit`, if any."""
        read = self._client.read
        for pull in self._client.get_all(f"{self._base}/pulls"):
            head = read(pull, dict, "head")
            whose = read(head, str, "repo", "owner", "login") if head.get("repo") else None
            same = (whose, head.get("ref"), head.get("sha")) == (owner, branch, commit)
            if same and read(pull, str, "state") == "open":
                return read(pull, int, "number")
        return None

    def comment(self, pull: int, body: str, marker: str, *, renew: bool = False) -> str | None:
        """Post the comment that begins with `marker`, or change the one that is there."""
        read, issues, mine = self._client.read, f"{self._base}/issues", self._mine()
        content = {"body": f"{marker}\n{body}"}
        comments = read(self._client.get(f"{issues}/{pull}/comments"), list)
        for item in comments:
            login = read(item, str, "user", "login")
            if read(item, str, "body").startswith(marker) and login in mine:
                there = f"{issues}/comments/{read(item, int, 'id')}"
                return read(self._client.send("PATCH", there, content), str, "html_url")
        if renew:
            return None
        made = self._client.send("POST", f"{issues}/{pull}/comments", content)
        return read(made, str, "html_url")

    def _mine(self) -> set[str]:
        try:
            return {self._client.read(self._client.get("/user"), str, "login")}
        except AnswerError as error:
            if error.status in {403, 404}:  # what a workflow's own token is told
                return _BOTS
            raise

    def dispatch(self, workflow: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow (a file's name) as it stands on the branch `ref`."""
        path = f"{self._base}/actions/workflows/{quote(workflow, safe='')}/dispatches"
        self._client.send("POST", path, {"ref": ref, "inputs": dict(inputs)})
