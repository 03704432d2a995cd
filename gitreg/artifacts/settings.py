"""Which settings a DVC remote gets: an address that may be anybody's, secrets that are the user's.

A repository's `.dvc/config` can name commands, key files and passwords, or the user's own remote
by name with another address. So one side alone describes a remote: the user's own configuration
where that gives its `url`, whole; else the repository, of which only plain settings are taken.
docs/remotes.md has the table.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from gitreg.artifacts.layers import Layer, read_repository_layer, read_user_layer
from gitreg.domain.names import is_text
from gitreg.errors import SetupError
from gitreg.value import Value

# What a repository may say of a remote, by the scheme of its URL; "" is a folder.
PLAIN: dict[str, frozenset[str]] = {
    "": frozenset(),
    "azure": frozenset({"account_name", "allow_anonymous_login"}),
    "gs": frozenset({"projectname", "allow_anonymous_login"}),
    "http": frozenset({"method"}),
    "https": frozenset({"method"}),
    "s3": frozenset({"region", "endpointurl", "allow_anonymous_login"}),
    "ssh": frozenset({"port", "user"}),
}
# What a user may say of a remote whose address is the repository's: it tells nobody anything.
_TUNING = frozenset({"jobs", "checksum_jobs", "timeout", "connect_timeout", "read_timeout"})
_GRAMMAR = {
    "account_name": r"[a-z0-9]{3,24}",
    "allow_anonymous_login": r"(?i:true|false)",
    "endpointurl": r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?/?",
    "method": r"(?i:post|put)",
    "port": r"[0-9]{1,5}",
    "projectname": r"[A-Za-z0-9][A-Za-z0-9:._-]{0,99}",
    "region": r"[a-z0-9][a-z0-9-]{0,39}",
    "user": r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}",
}
# ssh puts a host into commands of the user's configuration (%h), so it is no place for a shell.
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9a-fA-F:.]+")

NO_HOST = "no plain host or bucket"


class RemoteSettings(Value):
    """A DVC remote: its name, its address (an absolute path or a URL), and DVC's options of it.

    `kind` is what a message calls it: an address of a data set is opened as if it were a remote.
    """

    name: str
    url: str
    options: Mapping[str, str] = {}
    kind: str = "the DVC remote"

    @property
    def scheme(self) -> str:
        """What DVC tells kinds of remotes apart by; empty for a folder."""
        return _scheme(self.url)

    @property
    def label(self) -> str:
        """What a message calls it: the address, without a user or password in it."""
        scheme, separator, rest = self.url.partition("://")
        authority, slash, path = rest.partition("/")
        bare = authority.rpartition("@")[2]
        address = f"{scheme}://{bare}{slash}{path}" if separator else self.url
        return f"{self.kind} {address}"


def choose_remote(theirs: Layer, own: Layer, *, base: Path | None) -> RemoteSettings:
    """Return the default remote.

    `theirs` is the repository's configuration and `own` the user's; `base` is the folder that a
    relative path of the repository's is relative to, None where there is no work tree.

    Raises: SetupError where there is no default remote, or it is none that gitreg opens.
    """
    name = own.core.get("remote") or theirs.core.get("remote")
    if not name:
        raise SetupError(
            "no DVC remote is configured",
            next_step="dvc remote add -d storage URL-or-PATH, and commit .dvc/config",
        )
    name = name.lower()
    mine = dict(own.remotes.get(name, {}))
    if "url" in mine:
        _refuse_layouts(name, mine)
        return RemoteSettings(name=name, url=_check_url(name, mine.pop("url")), options=mine)
    foreign = theirs.remotes.get(name, {})
    _refuse_layouts(name, foreign)
    return _their_remote(name, foreign, mine, base)


def has_remote(root: Path) -> bool:
    """Whether the work tree at `root` has a default remote, be it one that can be opened or not.

    Raises: SetupError.
    """
    folder = root / ".dvc"
    found = (read_repository_layer(folder), read_user_layer(folder))
    return any(layer.core.get("remote") for layer in found)


def work_tree_remote(root: Path) -> RemoteSettings:
    """Return the default remote of the work tree at `root`.

    Raises: SetupError.
    """
    folder = root / ".dvc"
    return choose_remote(read_repository_layer(folder), read_user_layer(folder), base=folder)


def committed_remote(text: bytes, root: Path | None) -> RemoteSettings:
    """Return the default remote of a commit's `.dvc/config`, whose bytes are `text`.

    `root` is the work tree, where there is one.

    Raises: SetupError.
    """
    folder = root / ".dvc" if root else None
    return choose_remote(Layer.parse(text), read_user_layer(folder), base=folder)


def work_tree_cache(root: Path) -> Path:
    """Return the folder of DVC's cache of the work tree at `root`.

    Raises: SetupError.
    """
    folder = root / ".dvc"
    chosen = read_repository_layer(folder).merge(read_user_layer(folder)).cache.get("dir")
    return folder / (chosen or "cache")


def _their_remote(
    name: str, theirs: Mapping[str, str], mine: Mapping[str, str], base: Path | None
) -> RemoteSettings:
    """Take an address of the repository's, and of either side what is plain."""
    url = _check_url(name, theirs.get("url"))
    scheme = _scheme(url)
    plain = PLAIN.get(scheme)
    if plain is None:
        raise SetupError(
            f"the repository names a DVC remote of the kind {scheme}, which is yours to choose",
            next_step=f"if you trust it: {_modify(name, url=url)}",
        )
    if scheme:
        _check_address(name, url)
    taken = {key: value for key, value in theirs.items() if key in plain}
    for key, value in taken.items():
        if not re.fullmatch(_GRAMMAR[key], value):
            raise SetupError(
                f"{key} of the DVC remote {name!r} is not plain",
                next_step="see who wrote .dvc/config",
            )
    if withheld := sorted(mine.keys() - plain - _TUNING):
        raise SetupError(
            f"your {', '.join(withheld)} of the DVC remote {name!r} stay here, for the repository "
            f"chose where it is: {url}",
            next_step=f"if they are meant for it: {_modify(name, url=url, **taken)}",
        )
    address = url if scheme else _resolve(name, url, base)
    return RemoteSettings(name=name, url=address, options={**taken, **mine})


def _modify(name: str, **settings: str) -> str:
    """Return the commands that make settings the user's own, for a shell."""
    modify = f"dvc remote modify --local {shlex.quote(name)}"
    return " && ".join(f"{modify} {key} {shlex.quote(value)}" for key, value in settings.items())


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower() if "://" in url else ""


def _check_url(name: str, url: str | None) -> str:
    if not url or not is_text(url) or url.startswith("-"):
        raise SetupError(
            f"the DVC remote {name!r} has no url",
            next_step=f"dvc remote add -d {shlex.quote(name)} URL",
        )
    if _scheme(url) and (re.search(r"[?#\\\s]", url) or not _can_be_split(url)):
        raise SetupError(
            f"the url of the DVC remote {name!r} is not that of a folder: {url}",
            next_step=f"dvc remote modify {shlex.quote(name)} url URL",
        )
    return url


def _can_be_split(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _check_address(name: str, url: str) -> None:
    """See that a URL of the repository's names a place and nothing else."""
    problem = find_address_problem(url)
    if problem == NO_HOST:
        raise SetupError(
            f"the url of the DVC remote {name!r} has {problem}",
            next_step="see who wrote .dvc/config",
        )
    if problem:
        raise SetupError(
            f"the url of the DVC remote {name!r} holds {problem}, for all to read",
            next_step=f"keep them to yourself: {_modify(name, url='URL')}",
        )


def find_address_problem(url: str) -> str | None:
    """Return what a URL of a repository's has beside a place, or lacks to be one."""
    parts = urlsplit(url)
    try:
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host):
        return NO_HOST
    plain_user = parts.scheme == "ssh" and re.fullmatch(_GRAMMAR["user"], parts.username or "")
    if parts.password is not None or (parts.username is not None and not plain_user):
        return "a user or a password"
    return None


def _refuse_layouts(name: str, values: Mapping[str, str]) -> None:
    """Refuse what would not keep files under their md5 at an address of its own."""
    if values.get("url", "").startswith("remote://"):
        raise SetupError(
            f"the DVC remote {name!r} refers to another one, which gitreg does not follow",
            next_step=f"give its whole address: dvc remote modify {shlex.quote(name)} url URL",
        )
    for key in ("worktree", "version_aware"):
        if values.get(key, "").lower() == "true":
            raise SetupError(
                f"the DVC remote {name!r} is {key}, and its files have no names of their own",
                next_step="dvc remote add -d another URL-or-PATH",
            )


def _resolve(name: str, path: str, base: Path | None) -> str:
    if Path(path).is_absolute():
        return path
    if path.startswith("~"):
        raise SetupError(
            f"the DVC remote {name!r} is {path}, which is another folder for everybody",
            next_step=_modify(name, url=_expand(path)),
        )
    if base is None:
        raise SetupError(
            f"the DVC remote is the relative path {path!r}, which means nothing outside a clone",
            next_step="clone the repository, or give its DVC remote an absolute path or a URL",
        )
    return os.path.realpath(base / path)  # pathlib's own fails where links go in a circle


def _expand(path: str) -> str:
    try:
        return str(Path(path).expanduser())
    except RuntimeError:
        return path  # that of somebody who is not known here
