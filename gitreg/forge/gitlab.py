"""GitLab, by docs.gitlab.com/api."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from gitreg.forge.client import AnswerError, RestClient


class GitLab:
    """A project on GitLab; its pull requests are called merge requests there."""

    def __init__(self, client: RestClient, path: str) -> None:
        self._client = client
        self._base = f"/projects/{quote(path, safe='')}"

    def open_pull(self, branch: str, base: str, title: str, body: str) -> str:
        """Return the URL of the open merge request of `branch` into `base`; make one if needed."""
        found = self._opened(branch, base)
        if found is not None:
            return found
        names = {"source_branch": branch, "target_branch": base}
        content = {**names, "title": title, "description": body}
        try:
            made = self._client.send("POST", f"{self._base}/merge_requests", content)
        except AnswerError as error:
            found = self._opened(branch, base) if error.status == 409 else None
            if found is None:
                raise
            return found
        return self._client.read(made, str, "web_url")

    def _opened(self, branch: str, base: str) -> str | None:
        query = {"state": "opened", "source_branch": branch, "target_branch": base}
        found = self._client.get(f"{self._base}/merge_requests", query)
        requests = self._client.read(found, list)
        return self._client.read(requests[0], str, "web_url") if requests else None

    def find_pull(self, owner: str, branch: str, commit: str) -> int | None:
        """Return the number of the open merge request of the branch at `commit`, if any.

        The owner is not asked for: a pipeline of GitLab knows its merge request.
        """
        del owner
        read = self._client.read
        query = {"state": "opened", "source_branch": branch}
        for request in read(self._client.get(f"{self._base}/merge_requests", query), list):
            if read(request, str, "sha") == commit:
                return read(request, int, "iid")
        return None

    def comment(self, pull: int, body: str, marker: str, *, renew: bool = False) -> str | None:
        """Post the note that begins with `marker`, or change the one that is there."""
        read, request = self._client.read, f"{self._base}/merge_requests/{pull}"
        me = read(self._client.get("/user"), str, "username")
        content = {"body": f"{marker}\n{body}"}
        url = read(self._client.get(request), str, "web_url")
        for note in self._client.get_all(f"{request}/notes"):
            author = read(note, str, "author", "username")
            if read(note, str, "body").startswith(marker) and author == me:
                there = f"{request}/notes/{read(note, int, 'id')}"
                number = read(self._client.send("PUT", there, content), int, "id")
                return f"{url}#note_{number}"
        if renew:
            return None
        number = read(self._client.send("POST", f"{request}/notes", content), int, "id")
        return f"{url}#note_{number}"

    def dispatch(self, workflow: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Start a pipeline of the branch `ref`; GitLab has one file for all, `workflow` is unused.

        The inputs are variables. A job's own token starts one by a way of its own.
        """
        del workflow
        access = self._client.access
        if access.origin == "CI_JOB_TOKEN":
            trigger = {"token": access.token, "ref": ref, "variables": dict(inputs)}
            self._client.send("POST", f"{self._base}/trigger/pipeline", trigger)
            return
        variables = [{"key": name, "value": value} for name, value in inputs.items()]
        self._client.send("POST", f"{self._base}/pipeline", {"ref": ref, "variables": variables})
