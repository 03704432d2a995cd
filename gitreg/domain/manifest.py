"""The signed list of a folder artifact's files: sorted lines `sha256 md5 size path`.

Names come from here alone when files are placed, so a name that could leave the folder,
or that another system would take for its neighbour, makes the whole list invalid.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Self

from gitreg.domain.canonical import sha256
from gitreg.domain.names import is_path
from gitreg.value import Value

_LINE = re.compile(r"([0-9a-f]{64}) ([0-9a-f]{32}) (0|[1-9][0-9]{0,17}) (.+)")


class ManifestFile(Value, kw_only=False):
    """One file: digests in lower-case hex, `size` in bytes, `path` relative to the folder."""

    sha256: str
    md5: str
    size: int
    path: str

    def __str__(self) -> str:
        return f"{self.sha256} {self.md5} {self.size} {self.path}\n"


class Manifest(Value, kw_only=False):
    """A folder's files in the order of their paths. Law: `Manifest.parse(m.to_bytes()) == m`."""

    files: tuple[ManifestFile, ...]

    @classmethod
    def of(cls, files: Iterable[ManifestFile]) -> Self:
        """Return the manifest of `files`, in any order.

        Raises: ValueError for names that cannot be placed safely.
        """
        ordered = tuple(sorted(files, key=lambda file: file.path))
        if not ordered:
            raise ValueError("a folder artifact has at least one file")
        check_paths(file.path for file in ordered)
        return cls(ordered)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a manifest.

        Raises: ValueError.
        """
        files = []
        for number, line in enumerate(data.decode("utf-8").removesuffix("\n").split("\n"), 1):
            match = _LINE.fullmatch(line)
            if not match:
                raise ValueError(f"line {number} is not 'sha256 md5 size path'")
            files.append(ManifestFile(match[1], match[2], int(match[3]), match[4]))
        manifest = cls.of(files)
        if manifest.to_bytes() != data:
            raise ValueError("the manifest is not sorted, or does not end in one line break")
        return manifest

    @property
    def size(self) -> int:
        """The bytes of all files together."""
        return sum(file.size for file in self.files)

    def to_bytes(self) -> bytes:
        """The exact bytes whose sha256 the model signs."""
        return "".join(map(str, self.files)).encode()

    def digest(self) -> str:
        """The sha256 that `model.yaml` gives for the folder."""
        return sha256(self.to_bytes())


def check_paths(paths: Iterable[str]) -> None:
    """Check that files of these names can lie beside each other in one folder, on any system.

    Raises: ValueError for names that are not plain, or that differ only by case or by spelling.
    """
    named: list[tuple[str, str]] = []
    for path in paths:
        if not is_path(path):
            raise ValueError(f"{path[:80]!r} is not a plain relative path")
        named.append((_fold(path).replace("/", "\0"), path))
    # A folder sorts right before what lies in it, so that whatever meets stands side by side.
    named.sort()
    for (one, first), (other, path) in pairwise(named):
        if one == other:
            raise ValueError(f"{path!r} and {first!r} are one name on some systems")
        if other.startswith(f"{one}\0"):
            raise ValueError(f"{path!r} lies within {first!r}")
        _check_folders(first, path)


def _check_folders(first: str, path: str) -> None:
    """Check the folders of two paths where they part ways."""
    for one, other in zip(first.split("/")[:-1], path.split("/")[:-1], strict=False):
        if one != other:
            if _fold(one) == _fold(other):
                raise ValueError(
                    f"the folders {other!r} of {path!r} and {one!r} are one name on some systems"
                )
            return


def _fold(path: str) -> str:
    """Return what names have in common that are one on some systems.

    Letters are those of Unicode 3.2, whose case and composition are settled for ever: every Python
    must judge a record alike, and newer ones know more letters.
    """
    if path.isascii():
        return path.lower()
    known = unicodedata.ucd_3_2_0
    composed = known.normalize("NFC", path)
    return "".join(
        letter.casefold() if known.category(letter) != "Cn" else letter for letter in composed
    )
