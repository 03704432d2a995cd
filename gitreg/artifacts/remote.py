"""DVC remotes for reading: opened from an allow-list of plain settings, never trusted.

A repository's `.dvc/config` can name commands, key files and passwords; of it only addresses are
taken. What a user's own configuration says (DVC's global one, and `.dvc/config.local`, which Git
does not carry) is the user's to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import IO, Any, Protocol, cast

from gitreg.artifacts.config import Config, parse_config
from gitreg.errors import SetupError, TransferError, UntrustedError

_PLAIN = {
    "url",
    "region",
    "endpointurl",
    "port",
    "user",
    "account_name",
    "projectname",
    "container_name",
    "allow_anonymous_login",
    "use_ssl",
    "listobjects",
    "oss_endpoint",
}
_MAX_CONFIG = 1 << 18


class Source(Protocol):
    """Somewhere that may have files by their md5, DVC's name for them."""

    @property
    def name(self) -> str:
        """What a message calls it."""

    def open(self, md5: str, offset: int) -> IO[bytes]:
        """Open a file at `offset`; closing it is the caller's.

        Raises: FileNotFoundError; TransferError.
        """


class LocalSource:
    """DVC's cache in a work tree."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """What a message calls it."""
        return "DVC's cache here"

    def open(self, md5: str, offset: int) -> IO[bytes]:
        """Open a file at `offset`."""
        file = (self._folder / "files" / "md5" / md5[:2] / md5[2:]).open("rb", buffering=0)
        file.seek(offset)
        return cast("IO[bytes]", file)


class RemoteSource:
    """A DVC remote, through DVC's own file systems."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = dict(settings)
        self._filesystem: Any = None
        self._lock = Lock()
        self._root = ""

    @property
    def name(self) -> str:
        """What a message calls it."""
        return f"the DVC remote {self._settings['url']}"

    def open(self, md5: str, offset: int) -> IO[bytes]:
        """Open a file at `offset`."""
        with self._lock:
            self._connect()
        path = "/".join((self._root.rstrip("/"), "files", "md5", md5[:2], md5[2:]))
        try:
            file = self._filesystem.open(path, "rb", **({"block_size": 1 << 22} if offset else {}))
            if offset:
                file.seek(offset)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, TypeError) as error:
            raise TransferError(f"{self.name} could not be read: {error}") from error
        return cast("IO[bytes]", file)

    def _connect(self) -> None:
        if self._filesystem is not None:
            return
        from dvc.exceptions import DvcException
        from dvc.fs import ConfigError, RemoteMissingDepsError, get_cloud_fs

        try:
            kind, settings, self._root = get_cloud_fs({}, **self._settings)
            self._filesystem = kind(**settings)
        except (RemoteMissingDepsError, ImportError) as error:
            scheme = str(self._settings["url"]).split("://", 1)[0]
            raise SetupError(
                f"reading {self._settings['url']} needs DVC's support for {scheme}",
                next_step=f"pip install 'dvc[{scheme}]'",
            ) from error
        except (ConfigError, DvcException) as error:
            raise TransferError(f"{self.name} could not be opened: {error}") from error


class LazySources:
    """Sources that are looked for once, and only when a file is not in the store."""

    def __init__(self, find: Callable[[], Iterable[Source]]) -> None:
        self._find = find
        self._found: list[Source] | None = None
        self._lock = Lock()

    def __iter__(self) -> Iterator[Source]:
        with self._lock:
            if self._found is None:
                self._found = list(self._find())
        return iter(self._found)


def read_settings(text: bytes, *, base: Path | None, trusted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the default remote of a `.dvc/config`.

    `base` is the folder that a relative path is relative to, None where there is no work tree;
    `trusted` are the user's own settings, by remote name.

    Raises: SetupError where there is no default remote; UntrustedError for a file that is none.
    """
    config = _parse(text)
    core = {**_section(config, "core"), **_section(trusted, "core")}
    name = core.get("remote")
    remotes = _remotes(config)
    if name is None:
        raise SetupError(
            "no DVC remote is configured",
            next_step="dvc remote add -d storage URL-or-PATH, and commit .dvc/config",
        )
    own = _remotes(trusted).get(str(name).lower(), {})
    foreign = remotes.get(str(name).lower(), {})
    settings = {key: value for key, value in foreign.items() if key in _PLAIN} | own
    url = settings.get("url")
    if not isinstance(url, str) or not url or url.startswith("-"):
        raise SetupError(
            f"the DVC remote {name!r} has no url", next_step=f"dvc remote add -d {name} URL"
        )
    settings["url"] = _resolve(url, base)
    return settings


def work_tree_settings(root: Path) -> dict[str, Any]:
    """Return the settings of the default remote of the work tree at `root`.

    Raises: SetupError.
    """
    folder = root / ".dvc"
    config = folder / "config"
    text = config.read_bytes() if config.is_file() else b""
    trusted = read_user_settings([*user_config_files(), folder / "config.local"])
    return read_settings(text, base=folder, trusted=trusted)


def work_tree_cache(root: Path) -> LocalSource:
    """Return DVC's cache of the work tree at `root` as a source."""
    folder = root / ".dvc"
    config = read_user_settings([*user_config_files(), folder / "config", folder / "config.local"])
    chosen = _section(config, "cache").get("dir")
    return LocalSource(folder / chosen if isinstance(chosen, str) else folder / "cache")


def read_user_settings(folders: list[Path]) -> dict[str, Any]:
    """Return the user's own DVC settings: files named `config` or `config.local` in `folders`."""
    merged: dict[str, Any] = {}
    for path in folders:
        if path.is_file():
            for section, values in _parse(path.read_bytes()).items():
                if isinstance(values, dict):
                    merged.setdefault(section, {}).update(values)
    return merged


def user_config_files() -> list[Path]:
    """Return where DVC keeps its system-wide and its user's configuration."""
    from dvc.dirs import global_config_dir, system_config_dir

    return [Path(system_config_dir()) / "config", Path(global_config_dir()) / "config"]


def _parse(text: bytes) -> Config:
    if len(text) > _MAX_CONFIG:
        raise UntrustedError("the DVC configuration is too large to be one")
    try:
        return parse_config(text.decode("utf-8"))
    except ValueError as error:
        raise SetupError(
            f".dvc/config cannot be read: {error}",
            next_step="see what changed it: git log -p -- .dvc/config",
        ) from error


def _section(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = config.get(name)
    return section if isinstance(section, dict) else {}


def _remotes(config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    remotes = {}
    for section, values in config.items():
        name = section.strip("'").removeprefix('remote "')
        if isinstance(values, dict) and name != section.strip("'"):
            remotes[name.rstrip('"').lower()] = values
    return remotes


def _resolve(url: str, base: Path | None) -> str:
    if "://" in url or Path(url).is_absolute():
        return url
    if base is None:
        raise SetupError(
            f"the DVC remote is the relative path {url!r}, which means nothing outside a clone",
            next_step="clone the repository, or give its DVC remote an absolute path or a URL",
        )
    return str((base / url).resolve())
