"""From the settings of a DVC remote to a source: a module per kind, one table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gitreg.artifacts.library import LibrarySource
from gitreg.artifacts.local import LocalSource
from gitreg.artifacts.s3 import S3Source
from gitreg.artifacts.settings import RemoteSettings
from gitreg.artifacts.sources import Patient, Source
from gitreg.artifacts.web import WebSource

# What gitreg reads itself; DVC's library reads the others.
KINDS: dict[str, Callable[[RemoteSettings], Source]] = {
    "http": WebSource,
    "https": WebSource,
    "s3": S3Source,
}


def open_remote(settings: RemoteSettings) -> Source:
    """Return a remote as a source; it is reached when its first file is asked for."""
    if not settings.scheme:
        return LocalSource(Path(settings.url), settings.label)
    return Patient(KINDS.get(settings.scheme, LibrarySource)(settings))
