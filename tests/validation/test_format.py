"""The format of real files: ONNX operators, and the framework that wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
from skl2onnx import to_onnx

from gitreg.validation import origin
from gitreg.validation.origin import describe_onnx, installed_version, written_by
from tests.validation.subjects import GOOD, QUICK, check, codes, fitted, good_model, only


def onnx_model(folder: Path, opset: int | None = None) -> Path:
    graph = to_onnx(fitted(), np.zeros((1, 2), np.float32), target_opset=18)
    if opset:
        for entry in graph.opset_import:
            entry.version = opset if entry.domain == "" else entry.version
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    return folder / "model.onnx"


def test_an_onnx_file_says_what_it_needs(tmp_path: Path) -> None:
    import onnx

    path = onnx_model(tmp_path)
    graph, said = onnx.load(path), describe_onnx(path)
    assert f"IR version {graph.ir_version}" in said
    assert f"by skl2onnx {graph.producer_version}" in said
    for entry in graph.opset_import:
        assert f"{entry.domain or 'opset'} {entry.version}" in said


@pytest.mark.parametrize(
    "data", [b"", b"\x08", b"\x08\x0a", b"\x0a\xff\x01", b"\x0b", b"\xff" * 12]
)
def test_what_is_no_graph_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "m").write_bytes(data)
    with pytest.raises(ValueError, match="it "):
        describe_onnx(tmp_path / "m")


def test_a_good_graph_passes_everything(tmp_path: Path) -> None:
    signature = {
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 2]}],
        "outputs": [
            {"name": "label", "datatype": "INT64", "shape": [-1]},
            {"name": "probabilities", "datatype": "FP64", "shape": [-1, 2]},
        ],
    }
    found = check(onnx_model(tmp_path), metadata={**GOOD, "signature": signature})
    assert codes(found, "error") == []


def test_operators_that_are_not_installed_are_told(tmp_path: Path) -> None:
    found = check(onnx_model(tmp_path, opset=999), QUICK, "format")
    assert codes(found) == ["format.failed"]
    assert "opening: the model model.onnx failed: loading it" in only(found, "format.failed").what
    assert any("opset 999" in seen.what for item in found.checks for seen in item.seen)


def framework(folder: Path, version: str, name: str = "scikit-learn") -> Any:
    metadata = {**GOOD, "framework": {"name": name, "version": version}}
    return check(good_model(folder), QUICK, "format", metadata=metadata)


def test_a_skops_file_says_which_scikit_learn_wrote_it(tmp_path: Path) -> None:
    assert written_by("skops", good_model(tmp_path)) == [sklearn.__version__]
    for data in (b"PK\x03\x04", b"", b"junk"):
        (tmp_path / "m").write_bytes(data)
        assert written_by("skops", tmp_path / "m") == []


@pytest.mark.parametrize("name", ["scikit-learn", "sklearn", "scikit_learn", "Scikit-Learn"])
def test_a_claim_that_the_file_denies_is_an_error(tmp_path: Path, name: str) -> None:
    finding = only(framework(tmp_path, "0.24.2", name), "format.framework")
    assert finding.severity == "error"
    assert (
        f"scikit-learn 0.24.2, and model.skops was written by {sklearn.__version__}" in finding.what
    )
    assert codes(framework(tmp_path, sklearn.__version__, name)) == []


def test_another_release_than_the_one_here_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitreg.validation.format.installed_version", lambda _: "0.24.2")
    found = framework(tmp_path, sklearn.__version__)
    assert "and looked at with 0.24.2: answers may differ" in only(found, "format.installed").what
    patch = sklearn.__version__.rpartition(".")[0] + ".99"
    monkeypatch.setattr("gitreg.validation.format.installed_version", lambda _: patch)
    assert codes(framework(tmp_path, sklearn.__version__), "warning") == []


def test_a_framework_that_is_not_here_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitreg.validation.format.installed_version", lambda _: None)
    what = only(framework(tmp_path, sklearn.__version__), "format.unchecked").what
    assert what == "framework: not checked, because scikit-learn is not installed here"
    assert installed_version("no-such-framework") is None


def test_every_format_that_loads_has_a_runtime() -> None:
    from gitreg.formats import FORMATS

    assert set(FORMATS) <= {*origin.RUNTIMES, "mlflow", "python"}
