"""JSON over HTTP with a token: one bounded answer to each question, and no redirect is followed."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from gitreg.errors import TransferError
from gitreg.forge.kind import KINDS
from gitreg.forge.tokens import Access

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

T = TypeVar("T")

_MAX_ANSWER = 8 << 20  # bytes
_CONNECT, _READ = 10, 30  # seconds
_PAGE, _MAX_PAGES = 100, 30


class AnswerError(TransferError):
    """The forge answered, but not with what was asked; `status` is HTTP's."""

    def __init__(self, what: str, *, status: int, said: list[str], next_step: str) -> None:
        super().__init__(what, said=said, next_step=next_step)
        self.status = status


class RestClient:
    """Asks one REST interface; a path begins with `/`, and its parts are quoted by the caller."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.name = f"{KINDS[access.kind].title} at {urlsplit(access.api).netloc}"
        self._pool: PoolManager | None = None

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return what is at `path`.

        Raises: AnswerError; TransferError.
        """
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def get_all(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield what a list has on all its pages, of which no more than thirty are read.

        Raises: AnswerError; TransferError.
        """
        for page in range(1, _MAX_PAGES + 1):
            found = self.get(path, {"per_page": str(_PAGE), "limit": str(_PAGE), "page": str(page)})
            items = self.read(found, list)
            yield from (self.read(item, dict) for item in items)
            if len(items) < _PAGE:
                return

    def send(self, method: str, path: str, content: Mapping[str, Any]) -> Any:
        """Send JSON by POST, PUT or PATCH, and return the answer, None where that is empty.

        Raises: AnswerError; TransferError.
        """
        return self._ask(method, path, json.dumps(content).encode())

    def read(self, value: Any, kind: type[T], *names: str) -> T:
        """Return a part of an answer, by the names that lead to it.

        Raises: TransferError where it is not there, or of another type.
        """
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        if not isinstance(value, kind):
            where = ".".join(names) or "a list or an object"
            raise TransferError(
                f"{self.name} gave an answer without {where}",
                next_step="check the address of its REST interface, or try again later",
            )
        return value

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        from urllib3.exceptions import HTTPError

        headers = {
            **_secret(self.access),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": "gitreg",
        }
        try:
            answer = self._connections().request(
                method,
                f"{self.access.api}{path}",
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                return self._read_answer(answer, method, path)
            finally:
                answer.close()
        except HTTPError as error:
            raise TransferError(
                f"{self.name} could not be reached: {getattr(error, 'reason', None) or error}",
                next_step="check the network, and run the same command again",
            ) from error

    def _read_answer(self, answer: BaseHTTPResponse, method: str, path: str) -> Any:
        data = answer.read(_MAX_ANSWER + 1, decode_content=False)
        try:
            value = json.loads(data) if data.strip() and len(data) <= _MAX_ANSWER else None
        except (ValueError, RecursionError):
            value = None
        if not 200 <= answer.status < 300:
            raise self._refusal(answer.status, method, path, value)
        if value is None and data.strip():
            raise TransferError(
                f"{self.name} gave no JSON, or too much of it, for {method} {path}",
                next_step="check the address of its REST interface, or try again later",
            )
        return value

    def _refusal(self, status: int, method: str, path: str, value: Any) -> AnswerError:
        said = value.get("message") or value.get("error") if isinstance(value, dict) else None
        next_step = f"read what it says, then check {path.partition('?')[0]} there"
        if status in {401, 403, 404}:
            next_step = f"give {self.access.origin} the right to this repository, or a new token"
        elif status >= 500 or status == 429:
            next_step = "try again later"
        return AnswerError(
            f"{self.name} answers {status} to {method} {path}",
            status=status,
            said=[str(said)[:500]] if said else [],
            next_step=next_step,
        )

    def _connections(self) -> PoolManager:
        """Return the connections, by the proxy of the user's environment if there is one."""
        from urllib3 import PoolManager, ProxyManager, Retry, Timeout

        if self._pool is None:
            parts = urlsplit(self.access.api)
            proxy = urllib.request.getproxies().get(parts.scheme)
            arguments: dict[str, Any] = {
                "retries": Retry(2, redirect=False, read=0, backoff_factor=0.1),
                "timeout": Timeout(connect=_CONNECT, read=_READ),
            }
            if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
                self._pool = ProxyManager(proxy, **arguments)
            else:
                self._pool = PoolManager(**arguments)
        return self._pool


def _secret(access: Access) -> dict[str, str]:
    if access.kind != "gitlab":
        return {
            "Authorization": f"{'token' if access.kind == 'gitea' else 'Bearer'} {access.token}"
        }
    return {"JOB-TOKEN" if access.origin == "CI_JOB_TOKEN" else "PRIVATE-TOKEN": access.token}
