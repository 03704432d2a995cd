"""GitHub, by docs.github.com/rest."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from gitreg.forge.client import AnswerError, RestClient

_BOT = "github-actions[bot]"  # whom a workflow's own token comments as


class GitHub:
    """A repository on GitHub."""

    def __init__(self, client: RestClient, path: str) -> None:
        self._client = client
        self._owner = path.partition("/")[0]
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
            found = self._opened(branch, base) if error.status == 422 else None
            if found is None:
                raise
            return found
        return self._client.read(made, str, "html_url")

    def _opened(self, branch: str, base: str) -> str | None:
        query = {"state": "open", "head": f"{self._owner}:{branch}", "base": base}
        pulls = self._client.read(self._client.get(f"{self._base}/pulls", query), list)
        return self._client.read(pulls[0], str, "html_url") if pulls else None

    def find_pull(self, owner: str, branch: str, commit: str) -> int | None:
        """Return the number of the open pull request of the owner's branch at `commit`, if any."""
        read = self._client.read
        query = {"state": "open", "head": f"{owner}:{branch}"}
        for pull in read(self._client.get(f"{self._base}/pulls", query), list):
            if read(pull, str, "head", "sha") == commit:
                return read(pull, int, "number")
        return None

    def comment(self, pull: int, body: str, marker: str, *, renew: bool = False) -> str | None:
        """Post the comment that begins with `marker`, or change the one that is there."""
        read, issues, me = self._client.read, f"{self._base}/issues", self._me()
        content = {"body": f"{marker}\n{body}"}
        for item in self._client.get_all(f"{issues}/{pull}/comments"):
            if (
                read(item, str, "body").startswith(marker)
                and read(item, str, "user", "login") == me
            ):
                there = f"{issues}/comments/{read(item, int, 'id')}"
                return read(self._client.send("PATCH", there, content), str, "html_url")
        if renew:
            return None
        made = self._client.send("POST", f"{issues}/{pull}/comments", content)
        return read(made, str, "html_url")

    def _me(self) -> str:
        try:
            return self._client.read(self._client.get("/user"), str, "login")
        except AnswerError as error:
            if error.status == 403:  # what a workflow's own token is told
                return _BOT
            raise

    def dispatch(self, workflow: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a workflow (a file's name) as it stands on the branch `ref`."""
        path = f"{self._base}/actions/workflows/{quote(workflow, safe='')}/dispatches"
        self._client.send("POST", path, {"ref": ref, "inputs": dict(inputs)})
