"""What a registered version says of itself: the parts of `model.json` that rules and pulls read.

The whole shape is the schema's (`schemas/model.v1.json`); this room reads only what must
hold for every reader of the ledger, for ever.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self, TypeGuard

from gitreg.domain.manifest import check_paths
from gitreg.domain.names import is_path
from gitreg.value import Value

SCHEMA = "gitreg/model/v1"

SHA256 = re.compile("[0-9a-f]{64}")
_MD5 = re.compile(r"[0-9a-f]{32}(?:\.dir)?")


class Artifact(Value):
    """One file or folder; `path` is relative to the model's folder, `size` in bytes.

    `sha256` is that of the file, or of the folder's manifest; `md5` is DVC's name for it.
    `files` counts a folder's files and is None for a file. `entrypoint` is the `module:function`
    by which formats are loaded that bring code.
    """

    path: str
    sha256: str
    md5: str
    size: int
    role: str = "model"
    format: str | None = None
    files: int | None = None
    entrypoint: str | None = None

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder, described by a manifest in the record."""
        return self.files is not None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read one entry of `artifacts:`.

        Raises: ValueError.
        """
        path = read_text(data, "path")
        sha256, md5 = read_text(data, "sha256"), read_text(data, "md5")
        size, files = data.get("size"), data.get("files")
        if not is_path(path):
            raise ValueError(f"the artifact path {path[:80]!r} is not a plain relative path")
        if not SHA256.fullmatch(sha256):
            raise ValueError(f"the sha256 of {path} is not 64 hex digits")
        if not _MD5.fullmatch(md5) or (files is not None) != md5.endswith(".dir"):
            raise ValueError(f"the md5 of {path} is not DVC's")
        if not _is_count(size) or not (files is None or _is_count(files)):
            raise ValueError(f"the size of {path} is not a count of bytes, or of files")
        role, kind = data.get("role", "model"), data.get("format")
        if not isinstance(role, str) or not isinstance(kind, str | None):
            raise ValueError(f"the role or the format of {path} is not a text")
        entrypoint = data.get("entrypoint")
        if not isinstance(entrypoint, str | None):
            raise ValueError(f"the entrypoint of {path} is not a text")
        return cls(
            path=path,
            sha256=sha256,
            md5=md5,
            size=size,
            role=role,
            format=kind,
            files=files,
            entrypoint=entrypoint,
        )

    def to_dict(self) -> dict[str, Any]:
        """The entry, as written to `model.yaml`."""
        values = {
            "path": self.path,
            "role": self.role,
            "format": self.format,
            "entrypoint": self.entrypoint,
            "size": self.size,
            "files": self.files,
            "sha256": self.sha256,
            "md5": self.md5,
        }
        return {key: value for key, value in values.items() if value is not None}


class ModelDocument(Value):
    """One version's `model.json`, read: `metadata` is all of it."""

    name: str
    version: str
    metrics: Mapping[str, Decimal] = {}
    artifacts: tuple[Artifact, ...] = ()
    metadata: Mapping[str, Any] = {}

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read the value of a `model.json`.

        Raises: ValueError.
        """
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise ValueError(f"the schema is not {SCHEMA}")
        entries = data.get("artifacts")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError("artifacts is not a list of mappings")
        artifacts = tuple(Artifact.from_dict(entry) for entry in entries)
        check_paths(artifact.path for artifact in artifacts)
        return cls(
            name=read_text(data, "name"),
            version=read_text(data, "version"),
            metrics=read_metrics(data.get("metrics")),
            artifacts=artifacts,
            metadata=data,
        )


def read_text(data: Mapping[str, Any], name: str) -> str:
    """Return the text `name` of a mapping.

    Raises: ValueError where it is missing, or of another type.
    """
    value = data.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text")
    return value


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**18


def read_metrics(data: object) -> dict[str, Decimal]:
    """Return the numbers of a `metrics:` mapping; entries are numbers or `{value: number, …}`.

    Decimals hold what was written, so that 0.95 - 0.96 is -0.01.

    Raises: ValueError for anything that is not a finite number.
    """
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ValueError("metrics is not a mapping")
    metrics = {}
    for name, entry in data.items():
        value = entry.get("value") if isinstance(entry, dict) else entry
        if not isinstance(name, str):
            raise ValueError("the name of a metric is not a text")
        metrics[name] = decimal_of(name, value)
    return metrics


def decimal_of(name: str, value: object) -> Decimal:
    """Return a number as it was written.

    Raises: ValueError for NaN, infinities and what is no number.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(float.__repr__(value))
    raise ValueError(f"the metric {name} is not a finite number")
