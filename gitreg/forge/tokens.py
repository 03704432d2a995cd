"""Which token goes where: to a forge's public host, or to the one that the environment names."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

from gitreg.errors import SetupError
from gitreg.forge.address import LOOPBACK, split_url
from gitreg.forge.kind import KINDS, Kind, kind_of

_PATIENCE = 10  # seconds for another program that has only a file to read


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """A way to a REST interface: its kind, its address, and the token with its variable's name."""

    kind: str
    api: str
    token: str = field(repr=False)
    origin: str


def find_access(host: str, environ: Mapping[str, str]) -> Access | None:
    """Return the access to a forge by its host; None where there is no token for that host.

    Raises: SetupError.
    """
    for name, kind in KINDS.items():
        if host in kind.public or host in _named_hosts(kind, environ):
            api = _api_of(kind, host, environ)
            access = _access(name, api, environ)
            if access is not None:
                return access
    return _access_of_gh(host, environ) if kind_of(host) == "github" else None


def find_own_access(environ: Mapping[str, str]) -> tuple[Access, str] | None:
    """Return the access to the forge whose CI runs this, and its repository; None elsewhere.

    Raises: SetupError.
    """
    if environ.get("GITLAB_CI") == "true":
        name = "gitlab"
    elif environ.get("GITHUB_ACTIONS") == "true":
        name = "gitea" if _is_gitea(environ) else "github"
    else:
        return None
    _, api, repository = (environ.get(variable, "") for variable in KINDS[name].own)
    tokens = KINDS[name].tokens
    if name == "gitea":
        tokens += KINDS["github"].tokens  # its runner calls the token so too
    access = _access(name, api, environ, tokens=tokens)
    return (access, repository) if access and repository else None


def _is_gitea(environ: Mapping[str, str]) -> bool:
    return "true" in {environ.get("GITEA_ACTIONS"), environ.get("FORGEJO_ACTIONS")}


def _named_hosts(kind: Kind, environ: Mapping[str, str]) -> set[str]:
    if "GITHUB_SERVER_URL" in kind.servers and _is_gitea(environ):
        return set()
    return {_host_of(environ[name]) for name in kind.servers if environ.get(name)} - {""}


def _host_of(address: str) -> str:
    parts = split_url(address if "://" in address else f"https://{address}")
    return (parts.hostname or "") if parts else ""


def _api_of(kind: Kind, host: str, environ: Mapping[str, str]) -> str:
    """Return the address that the environment gives for this host's REST interface, or the usual.

    GitHub's own is on another host than its pages.
    """
    server, api, _ = (environ.get(name, "") for name in kind.own)
    return api if api and host in {_host_of(server), _host_of(api)} else kind.api(host)


def _access(
    name: str, api: str, environ: Mapping[str, str], *, tokens: tuple[str, ...] = ()
) -> Access | None:
    for origin in tokens or KINDS[name].tokens:
        token = environ.get(origin, "").strip()
        if token:
            return Access(kind=name, api=_check_api(api, origin), token=token, origin=origin)
    return None


def _check_api(api: str, origin: str) -> str:
    parts = split_url(api)
    host = parts.hostname if parts else None
    safe = parts and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
    if parts and host and safe and not (parts.username or parts.query or parts.fragment):
        return api.rstrip("/")
    raise SetupError(
        f"{origin} does not go to {api!r}: that is no https address of a forge",
        next_step=f"correct the variable that names the forge, or unset {origin}",
    )


def _access_of_gh(host: str, environ: Mapping[str, str]) -> Access | None:
    """Return the token that GitHub's own program keeps for exactly this host, if it is here."""
    arguments = ["gh", "auth", "token", "--hostname", host]
    try:
        done = subprocess.run(
            arguments,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    token = done.stdout.strip()
    if done.returncode != 0 or not token or not token.isprintable():
        return None
    return Access(kind="github", api=KINDS["github"].api(host), token=token, origin="gh")
