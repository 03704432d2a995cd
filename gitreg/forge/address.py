"""Where a remote's URL leads, as far as forges are concerned."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from gitreg.value import Value

_SCP = re.compile(r"(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!/)(.+)")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_PART = re.compile(r"[A-Za-z0-9_.-]+")
# The hosts of SSH on port 443, for who is behind a firewall.
_SSH_HOSTS = {"altssh.gitlab.com": "gitlab.com", "ssh.github.com": "github.com"}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Place(Value):
    """A repository on a host: `web` is the origin of its pages, `path` such as `team/models`."""

    host: str
    web: str
    path: str


def parse_remote(url: str) -> Place | None:
    """Return the place that a remote's URL names; None for a path, and for what is no repository.

    A port of an SSH address is not one of the pages.
    """
    if "://" not in url:
        found = _SCP.fullmatch(url)
        return _place(found[1], found[2]) if found else None
    parts = split_url(url)
    if parts is None or parts.scheme not in {"http", "https", "ssh"} or parts.query:
        return None
    host = parts.hostname or ""
    if parts.scheme == "ssh":
        return _place(host, parts.path)
    scheme = parts.scheme if host in LOOPBACK else "https"
    port = f":{parts.port}" if parts.port and parts.scheme == scheme else ""
    return _place(host, parts.path, web=f"{scheme}://{host}{port}")


def split_url(url: str) -> SplitResult | None:
    """Split a URL; None for what is none, such as `http://[`."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises for a port that is no number
    except ValueError:
        return None
    return parts


def _place(host: str, path: str, web: str | None = None) -> Place | None:
    host = _SSH_HOSTS.get(host.lower(), host.lower())
    names = path.strip("/").removesuffix(".git").split("/")
    plain = all(_PART.fullmatch(name) and name.strip(".") for name in names)
    if not _HOST.fullmatch(host) or len(names) < 2 or not plain:
        return None
    return Place(host=host, web=web or f"https://{host}", path="/".join(names))
