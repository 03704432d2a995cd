"""DVC's own file systems for a remote, with limits that DVC does not set.

They store, and say what settings mean; the kinds that gitreg does not read itself they read.
"""

from __future__ import annotations

import contextlib
import importlib
import shlex
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from gitreg.artifacts import sources
from gitreg.artifacts.settings import RemoteSettings
from gitreg.artifacts.sources import Stream, stored_path
from gitreg.errors import SetupError, TransferError

Errors = tuple[type[Exception], ...]
_ALIVE = 15.0  # seconds between signs of life of an ssh connection
_AHEAD = 1 << 21  # bytes asked for at once, so that a distant host is not waited for part by part
# What their libraries raise that is no OSError.
_ERRORS = {
    "azure": ("azure.core.exceptions.AzureError",),
    "gs": ("gcsfs.retry.HttpError", "google.auth.exceptions.GoogleAuthError"),
    "http": ("aiohttp.ClientError",),
    "https": ("aiohttp.ClientError",),
    "s3": ("botocore.exceptions.BotoCoreError", "botocore.exceptions.ClientError"),
    "ssh": ("asyncssh.Error",),
}


def open_library(settings: RemoteSettings) -> tuple[Any, str]:
    """Return DVC's file system for a remote, and the remote's folder in it.

    Raises: SetupError where a part of DVC is missing, or a setting is none.
    """
    from dvc.exceptions import DvcException
    from dvc.fs import ConfigError, RemoteMissingDepsError, get_cloud_fs

    limits: dict[str, Any] = {}
    if settings.scheme in {"s3", "http", "https"}:
        limits = {"connect_timeout": sources.PATIENCE, "read_timeout": sources.PATIENCE}
    try:
        kind, options, path = get_cloud_fs(
            {}, **{**limits, **settings.options, "url": settings.url}
        )
        filesystem = kind(**options)
        if settings.scheme == "ssh":
            filesystem.fs_args |= _sealed_ssh()
        elif settings.scheme == "s3":
            filesystem.fs_args.setdefault("config_kwargs", {})["signature_version"] = "s3v4"
    except (RemoteMissingDepsError, ImportError) as error:
        raise SetupError(
            f"{settings.label} needs DVC's support for {settings.scheme}",
            next_step=f"pip install {_extra(settings.scheme)}",
        ) from error
    except (ConfigError, DvcException, ValueError) as error:
        raise SetupError(
            f"{settings.label} could not be opened: {error}",
            next_step=f"dvc config --list shows the settings of {settings.name}",
        ) from error
    return filesystem, path


def _extra(scheme: str) -> str:
    return f"'gitreg[{scheme}]'" if scheme in {"s3", "ssh"} else f"'dvc[{scheme}]'"


def _sealed_ssh() -> dict[str, Any]:
    """Return what DVC is to connect to a host with.

    DVC takes any host for the right one, lends it the user's agent, and asks what it wants asked.
    """
    import asyncssh

    return {
        "known_hosts": (),  # those of the user's ssh
        "agent_forwarding": False,
        "client_factory": asyncssh.SSHClient,
        "connect_timeout": sources.PATIENCE,
        "login_timeout": sources.PATIENCE,
        "keepalive_interval": _ALIVE,
        "keepalive_count_max": max(1, int(sources.PATIENCE / _ALIVE)),
    }


def connect_library(settings: RemoteSettings) -> tuple[Any, str]:
    """Return DVC's file system for a remote, connected, and the remote's folder in it.

    Where threads find it unconnected, each connects, and all connections but one stay open.

    Raises: SetupError; TransferError.
    """
    filesystem, path = open_library(settings)
    failures: Errors = (OSError, ValueError, *errors_of(settings.scheme))
    try:
        filesystem.fs  # noqa: B018 it connects when it is first asked for
    except failures as error:
        raise explain(settings, error) from error
    return filesystem, path


def close_library(filesystem: Any) -> None:
    """Let go of what DVC's file system holds open."""
    if filesystem.protocol == "ssh" and "fs" in vars(filesystem):
        from fsspec.asyn import get_loop

        with contextlib.suppress(RuntimeError):  # its thread has ended, and the connection with it
            get_loop().call_soon_threadsafe(filesystem.fs.client.close)


def errors_of(scheme: str) -> Errors:
    """Return what the library behind a kind of remote raises when it fails, beside OSError."""
    found: list[type[Exception]] = []
    for name in _ERRORS.get(scheme, ()):
        module, _, attribute = name.rpartition(".")
        with contextlib.suppress(ImportError):
            found.append(getattr(importlib.import_module(module), attribute))
    return tuple(found)


def explain(settings: RemoteSettings, error: Exception) -> TransferError:
    """Return what is said of a remote whose library failed."""
    if type(error).__name__ == "HostKeyNotVerifiable":
        parts = urlsplit(settings.url)
        port = settings.options.get("port") or parts.port
        words = [*(["-p", str(port)] if port else []), str(parts.hostname)]
        return TransferError(
            f"{settings.label}: the key of its host is not in your known_hosts",
            next_step=f"compare its fingerprint and accept it: ssh {shlex.join(words)}",
        )
    if isinstance(error, PermissionError) or type(error).__name__ == "PermissionDenied":
        return TransferError(
            f"{settings.label} does not let you in: {error}",
            next_step="give it credentials of yours: docs/remotes.md",
        )
    return TransferError(
        f"{settings.label} failed: {str(error) or type(error).__name__}",
        next_step="check the network and your credentials, and run the same command again: "
        "what is there already is not sent twice",
    )


class LibrarySource:
    """A DVC remote that DVC's own library reads."""

    def __init__(self, settings: RemoteSettings) -> None:
        self.name = settings.label
        self._settings = settings
        self._opened: tuple[Any, str] | None = None
        self._lock = Lock()

    def open(self, md5: str, offset: int) -> Stream:
        """Open a file at `offset` (bytes).

        Raises: FileNotFoundError; SetupError; TransferError.
        """
        return self.open_path(stored_path(md5), offset)

    def open_path(self, path: str, offset: int) -> Stream:
        """Open what is at `path` below the remote's folder; as `open`."""
        with self._lock:
            filesystem, root = self._opened = self._opened or connect_library(self._settings)
        stream = _LibraryStream(self._settings)
        stream.open(filesystem, f"{root.rstrip('/')}/{path}", offset)
        return stream

    def close(self) -> None:
        """End the connection, if it is one that stays."""
        if self._opened:
            close_library(self._opened[0])


class _LibraryStream:
    """A file of an fsspec file system."""

    def __init__(self, settings: RemoteSettings) -> None:
        self._settings = settings
        self._errors: Errors = (OSError, ValueError, *errors_of(settings.scheme))
        self._file: Any = None
        self._rest = memoryview(b"")

    def open(self, filesystem: Any, path: str, offset: int) -> None:
        options = {} if self._settings.scheme == "ssh" else {"block_size": _AHEAD}
        try:
            self._file = filesystem.open(path, "rb", **options)
            if offset:
                self._file.seek(offset)
        except FileNotFoundError:
            raise
        except self._errors as error:
            raise explain(self._settings, error) from error

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end."""
        if not self._rest:
            try:
                self._rest = memoryview(self._file.read(_AHEAD))
            except self._errors as error:
                raise explain(self._settings, error) from error
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)

    def close(self) -> None:
        with contextlib.suppress(*self._errors):
            self._file.close()
