"""What a file is by its first bytes, or by what is in it, whatever it is called."""

from __future__ import annotations

import ast
import contextlib
import pickletools
import zipfile
import zlib
from collections.abc import Collection
from lzma import LZMAError
from pathlib import Path

# What reading a zip raises where it is damaged, or compressed in a way that nobody knows.
ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, LZMAError),
    *(OSError, EOFError, RuntimeError, ValueError, KeyError),
)
_HEAD = 512  # bytes
_LARGEST_SOURCE = 1 << 20  # bytes
_UNKNOWN = "of no kind that gitreg knows"
_STARTS = {
    b"\x89HDF": "HDF5",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x93NUMPY": "npy",
    b"PAR1": "Parquet",
    b"7z\xbc\xaf": "7z",
    b"tree\nversion=": "LightGBM text",
    b"version https://git-lfs": "a pointer of Git LFS",
    b"outs:": "a .dvc file",
    b"<": "HTML or XML",
}
# What the files of each format may be; a format that is missing here is not looked at.
LAYOUTS: dict[str, Collection[str]] = {
    "skops": {"skops"},
    "onnx": {"ONNX"},
    "pickle": {"pickle"},
    "joblib": {"pickle", "gzip", "bzip2", "xz", "zlib"},
    "xgboost": {"UBJSON", "JSON"},
    "lightgbm": {"LightGBM text"},
    "torchscript": {"torch zip"},
    "safetensors": {"safetensors", "safetensors folder"},
    "tensorflow": {"SavedModel folder"},
    "mlflow": {"MLflow folder"},
    "python": {"Python source", "Python folder"},
}


_ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
_AFTER_IR_VERSION = [bytes([number << 3 | 2]) for number in (2, 3, 4, 6, 7, 8)] + [b"\x28"]
_FOLDERS = {
    "MLmodel": "MLflow folder",
    "saved_model.pb": "SavedModel folder",
    "*.safetensors": "safetensors folder",
    "*.py": "Python folder",
}


def identify(path: Path) -> str:
    """Return what a file or folder is, in a word or two; nothing in it is run or unpacked."""
    if path.is_dir():
        return next((kind for name, kind in _FOLDERS.items() if any(path.glob(name))), "a folder")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return "empty"
    if head.startswith(b"PK\x03\x04"):
        return _identify_zip(path)
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    kind = _identify_bytes(head, path.stat().st_size)
    return "Python source" if kind == _UNKNOWN and _is_python(path) else kind


def _identify_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except ZIP_ERRORS:
        return "a damaged zip"
    if "schema.json" in names:
        return "skops"
    if any(name.endswith(("/constants.pkl", "/data.pkl")) for name in names):
        return "torch zip"
    return "npz" if names and all(name.endswith(".npy") for name in names) else "zip"


def _identify_bytes(head: bytes, size: int) -> str:
    """Return what only its grammar tells; the order is that of certainty."""
    if head[0] == 0x80 and head[1:2] and 2 <= head[1] <= 5:
        return "pickle"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size - 8:
        return "safetensors"
    if head[:2] in _ZLIB:
        return "zlib"
    if head[:2] in (b"{L", b"{i", b"{U", b"{l"):
        return "UBJSON"
    if head.lstrip()[:1] in (b"{", b"["):
        return "JSON"
    if head[0] == 0x08 and head[2:3] in (
        b"\x12",
        b"\x1a",
        b"\x22",
        b"\x28",
        b"\x32",
        b"\x3a",
        b"B",
    ):
        return "ONNX"
    if head[:1] in b"(]}c" and _is_old_pickle(head):
        return "pickle"
    return _UNKNOWN


def _is_python(path: Path) -> bool:
    """Whether a file that says so has a grammar that Python reads; it is not run."""
    if path.suffix != ".py" or path.stat().st_size > _LARGEST_SOURCE:
        return False
    try:
        ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_old_pickle(head: bytes) -> bool:
    """Whether the bytes begin a pickle of protocol 0 or 1, which has no mark at its start."""
    read: list[str] = []
    with contextlib.suppress(ValueError):
        read.extend(opcode.name for opcode, _, _ in pickletools.genops(head))
    return len(read) > 3
