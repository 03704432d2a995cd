"""What a file says of itself: the framework that wrote it, and the operators that it needs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from gitreg.validation.layout import ZIP_ERRORS
from gitreg.validation.opcodes import read_opcodes

# The distribution that runs each format.
RUNTIMES = {
    "skops": "scikit-learn",
    "joblib": "scikit-learn",
    "pickle": "scikit-learn",
    "onnx": "onnxruntime",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "torchscript": "torch",
    "safetensors": "torch",
    "tensorflow": "tensorflow",
}
_OTHERS = {"sklearn": "scikit-learn", "pytorch": "torch", "xgboost-cpu": "xgboost"}
_LARGEST = 64 << 20  # bytes of a schema.json
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def name_distribution(framework: str) -> str:
    """Return the distribution of a framework that a person named."""
    name = framework.strip().lower().replace("_", "-").replace(" ", "-")
    return _OTHERS.get(name, name)


def installed_version(distribution: str) -> str | None:
    """Return the version of a distribution that is installed here, or None."""
    names = [distribution, *(other for other, name in _OTHERS.items() if name == distribution)]
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def written_by(form: str, path: Path) -> list[str]:
    """Return the versions of the format's framework that a file says it was written by."""
    if form == "skops":
        return list(dict.fromkeys(_skops_versions(path)))
    if form in ("pickle", "joblib"):
        return list(read_opcodes(path).versions)
    return []


def _skops_versions(path: Path) -> Iterator[str]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open("schema.json") as file:
            text = file.read(_LARGEST)
        value = json.loads(text)
    except (*ZIP_ERRORS, RecursionError):
        return
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            version = item.get("_sklearn_version")
            if isinstance(version, Mapping) and isinstance(version.get("content"), str):
                yield version["content"].strip('"')
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def describe_onnx(path: Path) -> str:
    """Return the opset, the version of the format and the producer of an ONNX file.

    Only the outermost fields are read (`ModelProto` of onnx.proto); the graph is passed over.

    Raises: ValueError for bytes that are no such message.
    """
    with path.open("rb") as file:
        return read_onnx(file, path.stat().st_size)


def read_onnx(file: IO[bytes], size: int) -> str:
    """Return what `describe_onnx` does, of a file of so many bytes.

    Raises: ValueError.
    """
    ir, producer, opsets = 0, "", []
    for number, value in _fields(file, size):
        if number == 1 and isinstance(value, int):
            ir = value
        elif number in (2, 3) and isinstance(value, bytes):
            producer = f"{producer} {value.decode(errors='replace')}".strip()
        elif number == 8 and isinstance(value, bytes):
            opsets.append(_opset(value))
    if not opsets:
        raise ValueError("it has no opset")
    by = f", by {producer}" if producer else ""
    return f"{', '.join(dict.fromkeys(opsets))}, IR version {ir}{by}"


def _opset(data: bytes) -> str:
    import io

    domain, version = "", 0
    for number, value in _fields(io.BytesIO(data), len(data)):
        if number == 1 and isinstance(value, bytes):
            domain = value.decode(errors="replace")
        elif number == 2 and isinstance(value, int):
            version = value
    return f"opset {version}" if domain in ("", "ai.onnx") else f"{domain} {version}"


def _fields(file: IO[bytes], size: int) -> Iterator[tuple[int, int | bytes | None]]:
    """Yield number and value of each field of a protobuf message; large ones are None.

    https://protobuf.dev/programming-guides/encoding/
    """
    while file.tell() < size:
        tag = _varint(file)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            yield number, _varint(file)
        elif kind == _BYTES:
            length = _varint(file)
            if length > size - file.tell():
                raise ValueError("it ends within a field")
            if length > 1 << 16:
                file.seek(length, 1)
                yield number, None
            else:
                yield number, file.read(length)
        elif kind in (_FIXED64, _FIXED32):
            file.seek(8 if kind == _FIXED64 else 4, 1)
        else:
            raise ValueError("it is no message of ONNX")


def _varint(file: IO[bytes]) -> int:
    value = 0
    for place in range(10):
        byte = file.read(1)
        if not byte:
            raise ValueError("it ends within a number")
        value |= (byte[0] & 0x7F) << (7 * place)
        if byte[0] < 0x80:
            return value
    raise ValueError("a number of it does not end")
