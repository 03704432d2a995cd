"""What every format does alike, each with a real model in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gitreg
from gitreg.errors import InvalidError, RefusedError, SetupError
from gitreg.formats import FORMATS, ModelFile, guess
from gitreg.formats.isolated import IsolatedModel
from gitreg.registry.init import init
from gitreg.signing import read_public_key
from gitreg.validation.layout import LAYOUTS, identify
from tests.contract.models import COLUMNS, LARGE, MAKERS
from tests.fixtures import freeze, write

# What each is loaded with, and the extra that brings it.
FRAMEWORKS = {
    "skops": ("skops.io", "sklearn"),
    "onnx": ("onnxruntime", "onnx"),
    "xgboost": ("xgboost", "xgboost"),
    "lightgbm": ("lightgbm", "lightgbm"),
    "torchscript": ("torch", "torch"),
    "safetensors": ("torch", "torch"),
    "tensorflow": ("tensorflow", "tensorflow"),
    "mlflow": ("mlflow.pyfunc", "mlflow"),
    "joblib": ("joblib", "sklearn"),
}
pytestmark = [
    pytest.mark.parametrize("form", FORMATS),
    pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated:DeprecationWarning"),
]


@pytest.fixture
def made(form: str, tmp_path: Path) -> ModelFile:
    return MAKERS[form](tmp_path)


def ask(file: ModelFile, columns: Mapping[str, Any]) -> dict[str, Any]:
    with IsolatedModel(file) as model:
        return model.predict(columns)


def check(answer: Mapping[str, Any]) -> None:
    """Check that an answer is right, by its labels and by its scores."""
    if "prediction" in answer:
        assert answer["prediction"].tolist() == LARGE.tolist()
    if "score" in answer:
        assert answer["score"].shape == (len(LARGE), 2)
        assert answer["score"].argmax(axis=1).tolist() == LARGE.tolist()
    assert answer.get("classes", np.arange(2)).tolist() == [0, 1]
    assert answer.keys() & {"prediction", "score"}


def test_a_model_answers_and_nothing_is_written_beside_it(form: str, made: ModelFile) -> None:
    before = freeze(made.path.parent)
    check(ask(made, COLUMNS))
    assert freeze(made.path.parent) == before


def test_its_layout_is_that_of_the_format(form: str, made: ModelFile) -> None:
    assert identify(made.path) in LAYOUTS.get(form, [identify(made.path)])


def test_wrong_columns_are_told(form: str, made: ModelFile) -> None:
    with pytest.raises(InvalidError, match="failed: its prediction: ") as caught:
        ask(made, {"length": COLUMNS["length"]})
    assert "--feature" in str(caught.value.next_step)


def test_a_damaged_file_is_told(form: str, made: ModelFile) -> None:
    files = [made.path] if made.path.is_file() else [*made.path.rglob("*")]
    for file in files:
        if file.is_file():
            data = file.read_bytes()
            file.write_bytes(data[: len(data) // 2])
    with pytest.raises(InvalidError, match="failed: loading it") as caught:
        ask(made, COLUMNS)
    assert "whole" in str(caught.value.next_step)


def test_a_framework_that_is_missing_is_told_with_its_extra(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if form not in FRAMEWORKS:
        return
    framework, extra = FRAMEWORKS[form]
    monkeypatch.setitem(sys.modules, framework, None)
    with pytest.raises(SetupError, match=f"needs {framework}") as caught:
        FORMATS[form].load(ModelFile(path=tmp_path, format=form))
    assert caught.value.next_step == f"pip install 'gitreg[{extra}]'"


@pytest.mark.parametrize("allowed", [True, False])
def test_a_registry_loads_it_where_its_code_is_allowed(
    form: str, repo: Path, alice_key: Path, monkeypatch: pytest.MonkeyPatch, *, allowed: bool
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (repo / "models/flowers").mkdir(parents=True)
    made = MAKERS[form](repo / "models/flowers")
    policy = f"""\
gitreg: 1
people: {{alice: {{keys: ["{read_public_key(alice_key)}"]}}}}
root: {{by: [alice], threshold: 1}}
models: {{"*": {{register: [alice], allow_pickle: {str(allowed).lower()}, stages: {{}}}}}}
"""
    write(repo / "gitreg.yaml", policy)
    init(gitreg.open(repo))
    said = f"path: {made.path.name}, role: model"
    if guess(made.path) is None:
        said += f", format: {form}"
    if made.entrypoint:
        said += f", entrypoint: {made.entrypoint}"
    text = f"schema: gitreg/model/v1\nname: flowers\nversion: 1.0.0\nartifacts: [{{{said}}}]\n"
    write(repo / "models/flowers/model.yaml", text)
    version = gitreg.open(repo).register(repo / "models/flowers")
    (artifact,) = version.artifacts
    assert artifact.format == form
    if FORMATS[form].RUNS_CODE and not allowed:
        with pytest.raises(RefusedError, match="would run code") as caught:
            version.load()
        assert caught.value.rule == "allow-pickle"
        return
    for _ in range(2):  # the second pull finds nothing that is not of the version
        check(FORMATS[form].predict(version.load(), COLUMNS))


def test_its_file_is_known_by_its_bytes(form: str, made: ModelFile) -> None:
    assert identify(made.path) in LAYOUTS[form]
