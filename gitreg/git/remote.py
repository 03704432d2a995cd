"""Remotes and their URLs: which one shares the ledger, and what Git can be handed safely."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from gitreg.domain.grammar import Grammar
from gitreg.errors import SetupError, UntrustedError, UsageError
from gitreg.git.repository import Repository
from gitreg.value import Value

_SCHEME = Grammar(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCP = Grammar(r"[A-Za-z0-9][A-Za-z0-9._@-]*:(?!:)[^\0\n]+")
SCHEMES = {"file", "git", "http", "https", "ssh"}


class Remote(Value):
    """A remote by its name and checked URLs."""

    name: str
    url: str
    push_url: str

    @property
    def public_url(self) -> str | None:
        """The URL without a password or a token; None for a path, which means nothing elsewhere."""
        if not is_url(self.url):
            return None
        scheme = _SCHEME.match(self.url)
        start = scheme.end() if scheme else 0
        host, slash, path = self.url[start:].partition("/")
        login, _, host = host.rpartition("@")
        user = login.partition(":")[0] if scheme is None or scheme[1].lower() == "ssh" else ""
        return f"{self.url[:start]}{user}{'@' if user else ''}{host}{slash}{path}"


def check_url(url: str) -> str:
    """Return `url` if Git can be handed it without running anything.

    Raises: UsageError for transports such as `ext::` and for what looks like an option.
    """
    scheme = _SCHEME.match(url)
    plain = not url.startswith("-") and "::" not in url.split("/", 1)[0] and url.isprintable()
    if plain and (scheme is None or scheme[1].lower() in SCHEMES) and url:
        host = url[scheme.end() :] if scheme else url
        if not host.startswith("-"):
            return url
    raise UsageError(
        f"{url!r} is not a URL that gitreg hands to Git",
        next_step=f"use a path, host:path, or one of {', '.join(sorted(SCHEMES))}",
    )


def is_url(text: str) -> bool:
    """Whether `text` names another machine or a `file://`, rather than a path here."""
    if ":" not in text:
        return False
    if _SCHEME.match(text) or "::" in text:
        return True
    if not _SCP.fullmatch(text):
        return False
    try:
        return not Path(text).exists()
    except OSError:
        return True  # longer than any name of a file


def ledger_remote(repository: Repository) -> Remote | None:
    """Return the remote that holds the shared ledger: `gitreg.remote`, `origin`, or the only one.

    Raises: SetupError where several remotes leave it open; UntrustedError; UsageError.
    """
    config = repository.config
    names = [key[7:-4] for key in config if key.startswith("remote.") and key.endswith(".url")]
    chosen = config.get("gitreg.remote")
    if chosen is None:
        if not names:
            return None
        if len(names) > 1 and "origin" not in names:
            raise SetupError(
                f"there are several remotes and none is origin: {', '.join(names)}",
                next_step=f"say which has the ledger: git config gitreg.remote {names[0]}",
            )
        chosen = "origin" if "origin" in names else names[0]
    if chosen not in names:
        raise SetupError(
            f"gitreg.remote names {chosen!r}, and there is no such remote",
            next_step="git config gitreg.remote NAME, or git config --unset gitreg.remote",
        )
    url = _checked(config[f"remote.{chosen}.url"], chosen, repository)
    pushed = config.get(f"remote.{chosen}.pushurl")
    push_url = _checked(pushed, chosen, repository) if pushed else url
    return Remote(name=chosen, url=url, push_url=push_url)


def _checked(url: str, name: str, repository: Repository) -> str:
    """Return a remote's URL, a relative path resolved against the repository: Git runs elsewhere.

    A repository that came inside of this one would run its hooks on a push.

    Raises: UntrustedError; UsageError.
    """
    path = local_path(check_url(url))
    if path is None:
        return url
    place = repository.folder / path
    for inside in (Path(os.path.normpath(place)), place.resolve()):
        if any(inside.is_relative_to(top) for top in (repository.folder, repository.common_dir)):
            raise UntrustedError(
                f"the remote {name} lies inside this repository: {url}",
                next_step=f"say where it is shared: git remote set-url {name} URL-or-PATH",
            )
    return url if is_url(url) or path.is_absolute() else str(place.resolve())


def local_path(url: str) -> Path | None:
    """Return the path that Git makes of `url`, None where that is on another machine."""
    if _SCHEME.match(url) is None:
        return None if is_url(url) else Path(url)
    scheme, _, rest = url.partition("://")
    return Path("/" + unquote(rest).partition("/")[2]) if scheme.lower() == "file" else None
