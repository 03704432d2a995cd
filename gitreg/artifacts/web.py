"""Reading files over HTTP from servers that may lie: one answer, as it comes, and nothing else.

No cookies, no `.netrc`, no decompression, few redirects, none away from encryption, and no secret
goes along to another host. An answer that is no file is not read.
"""

from __future__ import annotations

import re
import ssl
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from gitreg.artifacts import sources
from gitreg.artifacts.settings import RemoteSettings
from gitreg.artifacts.sources import PART, Stream, stored_path
from gitreg.errors import SetupError, TransferError
from gitreg.terminal import has_terminal

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager
    from urllib3.exceptions import HTTPError

_MAX_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]+/(?:[0-9]+|\*)")
_CONNECTIONS = 8


class WebSource:
    """A DVC remote at an http or https URL."""

    def __init__(self, settings: RemoteSettings) -> None:
        self.name = settings.label
        self._settings = settings
        self._client = WebClient(self.name, settings.options)
        self._headers: dict[str, str] | None = None

    def open(self, md5: str, offset: int) -> Stream:
        """Open a file at `offset` (bytes).

        Raises: FileNotFoundError; SetupError; TransferError.
        """
        return self.open_path(stored_path(md5), offset)

    def open_path(self, path: str, offset: int) -> Stream:
        """Open what is at `path` below the remote's folder; as `open`."""
        if self._headers is None:
            self._headers = _credentials(self._settings)
        url = _without_user(self._settings.url).rstrip("/")
        return self._client.open(f"{url}/{path}", offset, headers=self._headers)

    def close(self) -> None:
        """Nothing is held open."""


class WebClient:
    """Gets files; `options` are DVC's `ssl_verify`, `connect_timeout` and `read_timeout`."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        self._name = name
        self._options = options
        self._pools: dict[str | None, PoolManager] = {}

    def open(self, url: str, offset: int, *, headers: Mapping[str, str]) -> Stream:
        """Open the file at `url` from `offset` on, whether or not the server can start there.

        `headers` hold the user's secrets: they go to the origin of `url` and to no other.

        Raises: FileNotFoundError; SetupError; TransferError.
        """
        from urllib3.exceptions import HTTPError

        try:
            if offset:
                answer = self._get(url, {**headers, "Range": f"bytes={offset}-"})
                found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
                if answer.status == 206 and found and int(found[1]) == offset:
                    return _WebStream(answer, self._name, skip=0)
                answer.close()
            answer = self._get(url, headers)
            if answer.status != 200:
                answer.close()
                raise self._refusal(answer.status)
            return _WebStream(answer, self._name, skip=offset)
        except HTTPError as error:
            raise _broken(self._name, error) from error

    def _get(self, url: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """Get an answer that is no redirect; of none that is no file the body is read."""
        for _ in range(_MAX_REDIRECTS):
            answer = self._pool(url).request(
                "GET",
                url,
                headers={**headers, "Accept-Encoding": "identity"},
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or location is None:
                return self._check(answer, url)
            answer.close()
            target = _join(url, location)
            if not may_follow(url, target):
                what = f"redirects to {(target or location)[:200]}, where gitreg does not follow"
                raise self._failure(what)
            if _origin(url) != _origin(target):
                headers = {name: headers[name] for name in headers if name == "Range"}
            url = target
        raise self._failure("redirects without an end")

    def _check(self, answer: BaseHTTPResponse, url: str) -> BaseHTTPResponse:
        encoding = answer.headers.get("Content-Encoding", "identity").lower()
        if answer.status in {404, 410}:
            answer.close()
            raise FileNotFoundError(url)
        if encoding not in {"", "identity"}:
            answer.close()
            raise self._failure("compresses what it was asked for as it is")
        return answer

    def _refusal(self, status: int) -> TransferError:
        if status in {401, 403}:
            return TransferError(
                f"{self._name} does not let you in ({status})",
                next_step="give it your credentials: docs/remotes.md",
            )
        return self._failure(f"answers {status}")

    def _failure(self, what: str) -> TransferError:
        return TransferError(
            f"{self._name} {what}",
            next_step="check its address, or ask who runs it: dvc remote list",
        )

    def _pool(self, url: str) -> PoolManager:
        """Return the connections for `url`: by the proxy of the user's environment, if any."""
        from urllib3 import PoolManager, ProxyManager, Retry, Timeout

        parts = urlsplit(url)
        proxy = urllib.request.getproxies().get(parts.scheme)
        if proxy and urllib.request.proxy_bypass(parts.hostname or ""):
            proxy = None
        if proxy not in self._pools:
            arguments: dict[str, Any] = {
                "maxsize": _CONNECTIONS,
                "ssl_context": _tls_context(self._options.get("ssl_verify")),
                "retries": Retry(
                    2, redirect=False, read=0, backoff_factor=0.1, respect_retry_after_header=False
                ),
                "timeout": Timeout(
                    connect=float(self._options.get("connect_timeout", sources.PATIENCE)),
                    read=float(self._options.get("read_timeout", sources.PATIENCE)),
                ),
            }
            if proxy:
                secret = {f"Proxy-{name}": value for name, value in _user_of(proxy).items()}
                self._pools[proxy] = ProxyManager(proxy, proxy_headers=secret, **arguments)
            else:
                self._pools[proxy] = PoolManager(**arguments)
        return self._pools[proxy]


class _WebStream:
    """The body of an answer, without its first `skip` bytes."""

    def __init__(self, answer: BaseHTTPResponse, name: str, *, skip: int) -> None:
        self._answer, self._name, self._skip = answer, name, skip

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end.

        Raises: TransferError.
        """
        from urllib3.exceptions import HTTPError

        try:
            while self._skip:
                passed = self._answer.read(min(self._skip, PART), decode_content=False)
                self._skip = self._skip - len(passed) if passed else 0
            return self._answer.read(size, decode_content=False)
        except HTTPError as error:
            raise _broken(self._name, error) from error

    def close(self) -> None:
        """Close the connection: what is left of the answer may have no end."""
        self._answer.close()


def _join(url: str, location: str) -> str:
    """Return where a redirect leads; nowhere for what is no address, such as `http://[`."""
    try:
        target = urljoin(url, location)
        urlsplit(target)
    except ValueError:
        return ""
    return target


def may_follow(url: str, target: str) -> bool:
    """Whether the server of `url` may send its reader on to `target`: never out of encryption."""
    scheme, wanted = urlsplit(url).scheme.lower(), urlsplit(target).scheme.lower()
    return wanted == "https" or (wanted == "http" and scheme == "http")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _broken(name: str, error: HTTPError) -> TransferError:
    reason = getattr(error, "reason", None) or error
    return TransferError(
        f"{name} could not be read: {reason}",
        next_step="check the network, and run the same command again: it goes on from there",
    )


def _tls_context(verify: object) -> ssl.SSLContext:
    """Return how servers are checked: by the system's authorities, a file more, or not at all."""
    context = ssl.create_default_context()
    text = str(verify).strip().lower()
    if text == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif verify is not None and text != "true":
        try:
            context.load_verify_locations(str(verify))
        except OSError as error:
            raise SetupError(
                f"ssl_verify of the DVC remote: {verify} cannot be read: {error}",
                next_step="dvc remote modify --local NAME ssl_verify PATH",
            ) from error
    return context


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _credentials(settings: RemoteSettings) -> dict[str, str]:
    """Return the headers that the user's own settings ask for.

    Raises: SetupError.
    """
    options = settings.options
    way = str(options.get("auth", "")).lower()
    if not way:
        return _user_of(settings.url)
    user, header = options.get("user"), options.get("custom_auth_header")
    password = options.get("password")
    if password is None and str(options.get("ask_password", "")).lower() == "true":
        password = _ask(settings.label, str(user or "custom"))
    if way == "basic" and user is not None and password is not None:
        return _basic(str(user), str(password))
    if way == "custom" and header is not None and password is not None:
        return {str(header): str(password)}
    raise SetupError(
        f"auth = {way} of the DVC remote {settings.name!r} lacks what it needs",
        next_step="basic needs user and password, custom needs custom_auth_header and password",
    )


def _user_of(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    if parts.username is None:
        return {}
    return _basic(unquote(parts.username), unquote(parts.password or ""))


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def _ask(host: str, user: str) -> str | None:
    from dvc_http import ask_password

    return str(ask_password(host, user)) if has_terminal() else None
