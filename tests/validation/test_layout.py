"""What files are, by their bytes: real ones of each kind."""

from __future__ import annotations

import gzip
import json
import pickle
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pytest
from skl2onnx import to_onnx

from gitreg.formats import FORMATS
from gitreg.validation.layout import LAYOUTS, identify
from tests.validation.subjects import QUICK, check, codes, fitted, good_model, only


def _zip(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")


def _safetensors(path: Path) -> None:
    head = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + bytes(4))


def _onnx(path: Path) -> None:
    path.write_bytes(to_onnx(fitted(), np.zeros((1, 2), np.float32)).SerializeToString())


def _numpy(path: Path, save: Callable[..., None]) -> None:
    with path.open("wb") as file:
        save(file, np.zeros(2))


def _folder(path: Path, name: str) -> None:
    path.mkdir()
    (path / name).write_text("x")


KINDS: list[tuple[str, Callable[[Path], object]]] = [
    ("pickle", lambda path: joblib.dump(fitted(), path)),
    ("zlib", lambda path: joblib.dump(fitted(), path, compress=3)),
    ("gzip", lambda path: path.write_bytes(gzip.compress(b"x"))),
    ("zlib", lambda path: path.write_bytes(zlib.compress(b"x"))),
    ("ONNX", _onnx),
    ("safetensors", _safetensors),
    ("torch zip", lambda path: _zip(path, "m/data.pkl", "m/code/m.py")),
    ("npz", lambda path: _numpy(path, np.savez)),
    ("zip", lambda path: _zip(path, "readme.txt")),
    ("a damaged zip", lambda path: path.write_bytes(b"PK\x03\x04junk")),
    ("npy", lambda path: _numpy(path, np.save)),
    ("JSON", lambda path: path.write_text(' {"learner": 1}')),
    ("UBJSON", lambda path: path.write_bytes(b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{}}")),
    ("LightGBM text", lambda path: path.write_text("tree\nversion=v4\n")),
    ("HTML or XML", lambda path: path.write_text("<!DOCTYPE html><p>404")),
    ("a pointer of Git LFS", lambda path: path.write_text("version https://git-lfs.github.com/")),
    ("empty", lambda path: path.write_bytes(b"")),
    ("of no kind that gitreg knows", lambda path: path.write_bytes(b"junk")),
    ("MLflow folder", lambda path: _folder(path, "MLmodel")),
    ("SavedModel folder", lambda path: _folder(path, "saved_model.pb")),
    ("a folder", lambda path: _folder(path, "x")),
]


@pytest.mark.parametrize(
    ("kind", "write"), KINDS, ids=[f"{n}-{k}" for n, (k, _) in enumerate(KINDS)]
)
def test_a_file_is_known_by_its_bytes(
    tmp_path: Path, kind: str, write: Callable[[Path], object]
) -> None:
    write(tmp_path / "model")
    assert identify(tmp_path / "model") == kind


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_of_any_protocol_is_known(tmp_path: Path, protocol: int) -> None:
    for value in ({"a": [1, 2]}, [1.5, "x"], (1, 2), fitted(), {3}):
        (tmp_path / "model").write_bytes(pickle.dumps(value, protocol))
        assert identify(tmp_path / "model") == "pickle", value


def test_every_format_has_a_layout_and_no_other() -> None:
    assert set(LAYOUTS) == set(FORMATS)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (b"import os\ndef f(x):\n    return x\n", "Python source"),
        (b"def f(:", "of no kind that gitreg knows"),
        (b"x = 1\0", "of no kind that gitreg knows"),
    ],
)
def test_python_is_what_its_grammar_reads(tmp_path: Path, source: bytes, kind: str) -> None:
    (tmp_path / "m.py").write_bytes(source)
    assert identify(tmp_path / "m.py") == kind
    assert identify(tmp_path) == "Python folder"
    (tmp_path / "m.txt").write_bytes(source)
    assert identify(tmp_path / "m.txt") == "of no kind that gitreg knows"


def test_a_file_that_is_something_else_is_told(tmp_path: Path) -> None:
    joblib.dump(fitted(), tmp_path / "model.skops")
    found = check(tmp_path / "model.skops", QUICK, "format")
    assert only(found, "format.layout").what == "model.skops is said to be skops, and is pickle"
    assert "format.failed" in codes(found)


def test_a_format_without_a_layout_is_said(tmp_path: Path) -> None:
    found = check(good_model(tmp_path).rename(tmp_path / "model.xyz"), QUICK, "format", form="xyz")
    assert any(
        "layout: not checked, because no layout is known of the format xyz" in item.what
        for item in found.findings
    )


def test_a_graph_that_was_cut_off_is_told(tmp_path: Path) -> None:
    _onnx(tmp_path / "model.onnx")
    data = (tmp_path / "model.onnx").read_bytes()
    (tmp_path / "model.onnx").write_bytes(data[:-200])
    found = check(tmp_path / "model.onnx", QUICK, "format")
    assert "damaged" in only(found, "format.layout").what
