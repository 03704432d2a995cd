"""A small forge on the loopback: its REST interface as far as gitreg speaks it.

It keeps pull requests and comments, records each request, and answers as a test tells it to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers import HOST

TOKEN = "a-token-of-the-team"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody asked: the path as it was sent, without its query."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: Any


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer in place of the honest one."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ForgeServer:
    """A running forge. `lies` are told once each, by method and the end of a path."""

    port: int
    me: str | None = None
    requests: list[Request] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    dispatched: list[tuple[str, Any]] = field(default_factory=list)
    lies: dict[tuple[str, str], Reply] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The origin of its pages and of its REST interface."""
        return f"http://{HOST}:{self.port}"

    def actions(self, repository: str = "team/models") -> dict[str, str]:
        """The variables that GitHub's runner sets for a workflow."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.address,
            "GITHUB_REPOSITORY": repository,
            "GITHUB_SERVER_URL": self.address,
            "GITHUB_TOKEN": TOKEN,
        }

    def pipeline(self, repository: str = "team/models") -> dict[str, str]:
        """The variables that GitLab's runner sets for a job."""
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{self.address}/api/v4",
            "CI_PROJECT_PATH": repository,
            "CI_SERVER_URL": self.address,
            "GITLAB_TOKEN": TOKEN,
        }

    def asked(self, method: str) -> list[str]:
        """The paths that were asked for by a method."""
        return [request.path for request in self.requests if request.method == method]

    def add_pull(
        self, branch: str, base: str = "main", *, commit: str = "0" * 40, owner: str = "team"
    ) -> dict[str, Any]:
        """Open a pull request, in the words of all kinds of forges."""
        number = len(self.pulls) + 1
        url = f"{self.address}/team/models/pull/{number}"
        head = {"ref": branch, "sha": commit, "repo": {"owner": {"login": owner}}}
        names = {"number": number, "iid": number, "html_url": url, "web_url": url}
        pull = {**names, "state": "open", "sha": commit, "head": head, "base": {"ref": base}}
        self.pulls.append(pull)
        return pull

    def add_comment(self, pull: int, body: str, login: str) -> dict[str, Any]:
        """Add a comment of somebody."""
        number = 100 + len(self.comments)
        who = {"user": {"login": login}, "author": {"username": login}}
        url = f"{self.address}/team/models/pull/{pull}#issuecomment-{number}"
        comment = {"id": number, "pull": pull, "body": body, "html_url": url, **who}
        self.comments.append(comment)
        return comment

    def answer(self, request: Request) -> Reply:
        """Answer a request, and keep it."""
        self.requests.append(request)
        for (method, end), reply in list(self.lies.items()):
            if method == request.method and request.path.endswith(end):
                del self.lies[method, end]
                return reply
        status, value = self._answer(request)
        body = b"" if value is None else json.dumps(value).encode()
        return Reply(status=status, body=body, headers={"Content-Type": "application/json"})

    def _answer(self, request: Request) -> tuple[int, Any]:
        path, content = request.path, request.content
        if path.endswith("/user"):
            return (200, {"login": self.me, "username": self.me}) if self.me else (403, {})
        if re.search("/(pulls|merge_requests)$", path):
            return (
                (200, self._find(request))
                if request.method == "GET"
                else (201, self._open(content))
            )
        if found := re.search("/pulls/([^/]+)/(.+)$", path):
            return self._by_ends(unquote(found[1]), unquote(found[2]))
        if found := re.search("/(?:issues|merge_requests)/([0-9]+)/(?:comments|notes)$", path):
            return self._discuss(int(found[1]), request)
        if found := re.search("/(?:comments|notes)/([0-9]+)$", path):
            comment = next(item for item in self.comments if item["id"] == int(found[1]))
            comment["body"] = content["body"]
            return 200, comment
        if found := re.search("/merge_requests/([0-9]+)$", path):
            return 200, self.pulls[int(found[1]) - 1]
        if found := re.search("/workflows/([^/]+)/dispatches$|/(trigger/pipeline|pipeline)$", path):
            self.dispatched.append((found[1] or found[2], content))
            return 204, None
        return 404, {"message": "Not Found"}

    def _find(self, request: Request) -> list[dict[str, Any]]:
        query = request.query
        owner, _, branch = query.get("head", "").rpartition(":")
        branch = branch or query.get("source_branch", "")
        base = query.get("base") or query.get("target_branch")
        return [
            pull
            for pull in self.pulls
            if not branch or pull["head"]["ref"] == branch
            if not owner or pull["head"]["repo"]["owner"]["login"] == owner
            if not base or pull["base"]["ref"] == base
        ]

    def _open(self, content: dict[str, str]) -> dict[str, Any]:
        branch = content.get("head") or content["source_branch"]
        return self.add_pull(branch, content.get("base") or content["target_branch"])

    def _by_ends(self, base: str, branch: str) -> tuple[int, Any]:
        for pull in self.pulls:
            if (pull["base"]["ref"], pull["head"]["ref"]) == (base, branch):
                return 200, pull
        return 404, {"message": "Not Found"}

    def _discuss(self, pull: int, request: Request) -> tuple[int, Any]:
        if request.method == "POST":
            return 201, self.add_comment(pull, request.content["body"], self.me or _BOT)
        found = [item for item in self.comments if item["pull"] == pull]
        size, page = int(request.query.get("per_page", "30")), int(request.query.get("page", "1"))
        return 200, found[size * (page - 1) : size * page]


_BOT = "github-actions[bot]"


@contextmanager
def serve_forge() -> Iterator[ForgeServer]:
    """Run a forge on a port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", "0"))
            data = self.rfile.read(length)
            request = Request(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query)),
                headers=dict(self.headers.items()),
                content=json.loads(data) if data else None,
            )
            reply = server.answer(request)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keep the output of tests clean."""

    with ThreadingHTTPServer((HOST, 0), Handler) as listener:
        listener.daemon_threads = True
        server = ForgeServer(listener.server_address[1])
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
