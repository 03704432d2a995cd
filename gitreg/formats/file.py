"""What is loaded: the file or folder of a model on this machine."""

from __future__ import annotations

from pathlib import Path

from gitreg.value import Value


class ModelFile(Value):
    """A file or folder, the name of its format, and for some `module:function`, which it brings."""

    path: Path
    format: str
    entrypoint: str | None = None
