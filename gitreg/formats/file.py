"""What is loaded: the file or folder of a model on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFile:
    """A file or folder, the name of its format, and for some `module:function`, which it brings."""

    path: Path
    format: str
    entrypoint: str | None = None
