"""What a pickle would import when it is loaded, read from its opcodes; nothing is run."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

_UNKNOWN = "a name that is put together while it is loaded"
_MOST = 1000  # names
# What models import. Others are worth a look, which is all that a list of names can say.
_USUAL = {
    *("sklearn", "numpy", "scipy", "pandas", "joblib", "torch", "xgboost", "lightgbm", "catboost"),
    *("collections", "copyreg", "copy_reg", "_codecs", "datetime", "decimal", "fractions"),
}
_USUAL_BUILTINS = {
    *("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list"),
    *("object", "range", "set", "slice", "str", "tuple"),
}


@dataclass(slots=True)
class Opcodes:
    """The names that are imported, and whether the file could be read to its end."""

    names: dict[str, None] = field(default_factory=dict)
    whole: bool = True
    versions: dict[str, None] = field(default_factory=dict)

    @property
    def unusual(self) -> list[str]:
        """The names that models seldom import."""
        return [name for name in self.names if not _is_usual(name)]


def read_opcodes(path: Path) -> Opcodes:
    """Return what the pickles of a file import: its own, or those in a zip.

    Arrays that joblib writes between opcodes cannot be told from them: reading ends there.
    """
    found = Opcodes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".pkl"):
                    with archive.open(name) as member:
                        _read(member, found)
        return found
    size = path.stat().st_size
    with path.open("rb") as file:
        while found.whole and file.tell() < size:
            _read(file, found)
    return found


def _read(file: IO[bytes], found: Opcodes) -> None:
    """Read one pickle; `found` grows by what it imports."""
    try:
        for name in _imports(file, found):
            if len(found.names) < _MOST:
                found.names[name] = None
    except (ValueError, EOFError, IndexError, UnicodeError, OverflowError):
        found.whole = False


def _imports(file: IO[bytes], found: Opcodes) -> Iterator[str]:
    """Yield the names of one pickle."""
    pushed: list[str | None] = []  # what is no text counts as None
    memo: dict[int, str | None] = {}
    for opcode, argument, _ in pickletools.genops(file):
        name, last = opcode.name, pushed[-1] if pushed else None
        if name in ("GLOBAL", "INST"):
            yield str(argument).replace(" ", ".", 1)
        elif name == "STACK_GLOBAL":
            module, attribute = [None, None, *pushed][-2:]
            yield f"{module}.{attribute}" if module and attribute else _UNKNOWN
        elif name == "MEMOIZE" or "PUT" in name:
            memo[len(memo) if argument is None else int(argument)] = last
            continue
        text = _text(name, argument, memo)
        if last == "_sklearn_version" and text:
            found.versions[text] = None
        if opcode.stack_after and name != "MARK":
            pushed = [*pushed[-8:], text]


def _text(name: str, argument: Any, memo: Mapping[int, str | None]) -> str | None:
    """Return the text that an opcode pushes, or None."""
    if "GET" in name:
        return memo.get(int(argument))
    return str(argument) if "UNICODE" in name or "STRING" in name else None


def _is_usual(name: str) -> bool:
    package, _, rest = name.partition(".")
    if package in ("builtins", "__builtin__"):
        return rest in _USUAL_BUILTINS
    return package in _USUAL
