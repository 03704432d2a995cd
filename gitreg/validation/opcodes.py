"""What a pickle would import when it is loaded, read from its opcodes; nothing is run."""

from __future__ import annotations

import io
import pickletools
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from gitreg.validation.layout import ZIP_ERRORS

_MOST = 1000  # names
_LARGEST = 64 << 20  # bytes of a pickle in a zip, whose arrays are files of their own
_ZIP = b"PK\x03\x04"
# What models import: classes of these packages, and what puts those together again. All else is
# worth a look; that includes every name that picklescan calls dangerous.
_USUAL = {
    *("sklearn", "numpy", "scipy", "pandas", "joblib", "torch", "xgboost", "lightgbm", "catboost"),
    *("collections", "datetime", "decimal", "fractions", "__torch__"),  # the last is TorchScript's
}
_BUILDERS = {
    *("_reconstruct", "_frombuffer", "scalar", "dtype", "ndarray", "dtype_cls", "_reconstructor"),
    *("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter", "__newobj__", "__newobj_ex__"),
    *("deque", "defaultdict", "date", "datetime", "time", "timedelta", "timezone", "encode"),
    *("build_intlist", "build_tensorlist", "build_doublelist", "build_boollist"),
    *("__randomstate_ctor", "__generator_ctor", "__bit_generator_ctor"),
}
_BUILTINS = {
    *("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list"),
    *("object", "range", "set", "slice", "str", "tuple"),
}


class Name(NamedTuple):
    """Something that is imported from a module."""

    module: str
    name: str

    @property
    def usual(self) -> bool:
        """Whether models import it every day."""
        package = self.module.partition(".")[0]
        if self.module in ("builtins", "__builtin__"):
            return self.name in _BUILTINS
        if self.module in ("copyreg", "copy_reg", "_codecs"):
            return self.name in _BUILDERS
        made = self.name in _BUILDERS or self.name.startswith("__pyx_unpickle_")
        return package in _USUAL and self.name.isidentifier() and (made or _is_class(self.name))

    def __str__(self) -> str:
        return self.name if self.module == "?" else f"{self.module}.{self.name}"


_UNKNOWN = Name("?", "a name that is put together while it is loaded")


def _is_class(name: str) -> bool:
    return name.lstrip("_")[:1].isupper()


@dataclass(slots=True)
class Opcodes:
    """What is imported, whether the file could be read to its end, and which scikit-learn wrote."""

    names: dict[Name, None] = field(default_factory=dict)
    whole: bool = True
    versions: dict[str, None] = field(default_factory=dict)

    @property
    def unusual(self) -> list[str]:
        """The names that models seldom import."""
        return [str(name) for name in self.names if not name.usual]


def read_opcodes(path: Path) -> Opcodes:
    """Return what the pickles of a file import: its own, or those in a zip.

    Arrays that joblib writes between opcodes cannot be told from them: reading ends there.
    """
    found = Opcodes()
    if zipfile.is_zipfile(path):
        _read_zip(path, found)
    with path.open("rb") as file:
        if file.read(4) != _ZIP:  # a zip may hang on to a pickle, and is found by its end
            file.seek(0)
            read_stream(file, path.stat().st_size, found)
    return found


def _read_zip(path: Path, found: Opcodes) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.filename.endswith((".pkl", ".pickle")):
                    if info.file_size > _LARGEST:
                        raise ValueError("it is larger than what its like have")
                    data = archive.read(info)
                    read_stream(io.BytesIO(data), len(data), found)
    except ZIP_ERRORS:
        found.whole = False


def read_stream(file: IO[bytes], size: int, found: Opcodes) -> None:
    """Read the pickles, one behind the other, of a file of so many bytes into `found`."""
    bounded = cast("IO[bytes]", _Bounded(file, size))
    try:
        while file.tell() < size:
            for name in _imports(bounded, found):
                if len(found.names) < _MOST:
                    found.names[name] = None
    except (ValueError, EOFError, IndexError, OverflowError):
        found.whole = False


class _Bounded:
    """A file that sets no more aside than there is, whatever length an opcode claims."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size
        self.readline, self.tell = file.readline, file.tell

    def read(self, count: int) -> bytes:
        return self._file.read(min(count, self._size - self._file.tell()))


def _imports(file: IO[bytes], found: Opcodes) -> Iterator[Name]:
    """Yield the names of one pickle."""
    pushed: list[str | None] = []  # what is no text counts as None
    memo: dict[int, str | None] = {}
    for opcode, argument, _ in pickletools.genops(file):
        name, last = opcode.name, pushed[-1] if pushed else None
        if name in ("GLOBAL", "INST"):
            yield Name(*str(argument).partition(" ")[::2])
        elif name == "STACK_GLOBAL":
            module, attribute = [None, None, *pushed][-2:]
            yield Name(module, attribute) if module and attribute else _UNKNOWN
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
