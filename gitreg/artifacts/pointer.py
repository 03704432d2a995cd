"""A `.dvc` file that stands for one tracked file: DVC's name for its bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gitreg import yaml12
from gitreg.artifacts.local import read_small
from gitreg.errors import InvalidError

_LARGEST = 1 << 16  # bytes
_MD5 = re.compile("[0-9a-f]{32}")


def pointer_of(path: Path) -> Path:
    """Return where the `.dvc` file of `path` is, or would be."""
    return path.with_name(f"{path.name}.dvc")


def read_pointer(path: Path) -> str:
    """Return the md5 of the file that `path`, a `.dvc` file, stands for.

    Raises: as `parse_pointer`; SetupError.
    """
    return parse_pointer(read_small(path, _LARGEST), name=str(path))


def parse_pointer(data: bytes, *, name: str) -> str:
    """Return the md5 of the file that a `.dvc` file stands for; `name` is its own path.

    Raises: InvalidError where it stands for a folder, or is not of DVC 3.
    """
    value = yaml12.load(data[:_LARGEST], name=name).value
    outs = value.get("outs") if isinstance(value, Mapping) else None
    out = outs[0] if isinstance(outs, list) and len(outs) == 1 else None
    md5 = out.get("md5") if isinstance(out, Mapping) else None
    is_named = isinstance(out, Mapping) and f"{out.get('path')}.dvc" == name.rpartition("/")[2]
    if not is_named or not isinstance(md5, str) or not _MD5.fullmatch(md5):
        raise InvalidError(
            f"{name} does not stand for one file of DVC 3",
            next_step="dvc add the file itself with DVC 3; a data set is one file",
        )
    return md5
