"""MLflow's folders: which format each leads to, and where none may lead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gitreg.errors import InvalidError, SetupError
from gitreg.formats import FORMATS, ModelFile, guess, resolve
from tests.contract import models
from tests.contract.models import COLUMNS, LARGE, MATRIX, import_mlflow
from tests.fixtures import write


def save(folder: Path, flavor: str, model: Any, **options: Any) -> ModelFile:
    """Save a model as MLflow does; it would look for requirements by running the model."""
    path = folder / "model"
    import_mlflow(flavor).save_model(model, path, pip_requirements=["numpy"], **options)
    assert guess(path) == "mlflow"
    return ModelFile(path=path, format="mlflow")


def answers(file: ModelFile, form: str) -> None:
    """Check which format a folder leads to, and that the model in it answers."""
    found = resolve(file)
    assert found.format == form
    answer = FORMATS[form].predict(FORMATS[form].load(found), COLUMNS)
    told = answer["prediction"] if "prediction" in answer else answer["score"].argmax(axis=1)
    assert np.asarray(told).tolist() == LARGE.tolist()


@pytest.mark.parametrize(
    ("stored", "form"), [("skops", "skops"), ("pickle", "pickle"), ("cloudpickle", "pickle")]
)
@pytest.mark.filterwarnings("ignore")  # MLflow's own, on the formats that it would rather write
def test_an_estimator_is_what_it_is_stored_as(tmp_path: Path, stored: str, form: str) -> None:
    answers(save(tmp_path, "sklearn", models.fitted(), serialization_format=stored), form)


@pytest.mark.filterwarnings("ignore")
def test_boosters_and_graphs_need_no_code(tmp_path: Path) -> None:
    import lightgbm
    import xgboost
    from skl2onnx import to_onnx

    trees = xgboost.XGBClassifier(n_estimators=5).fit(MATRIX, LARGE)
    answers(save(tmp_path / "xgboost", "xgboost", trees), "xgboost")
    light = lightgbm.Booster(model_file=str(models.make_lightgbm(tmp_path).path))
    answers(save(tmp_path / "lightgbm", "lightgbm", light), "lightgbm")
    graph = to_onnx(models.fitted(), MATRIX[:1].astype(np.float32))
    answers(save(tmp_path / "onnx", "onnx", graph), "onnx")


@pytest.mark.filterwarnings("ignore")
def test_an_estimator_of_lightgbm_is_left_to_mlflow(tmp_path: Path) -> None:
    import lightgbm

    model = lightgbm.LGBMClassifier(n_estimators=5, min_child_samples=1, verbosity=-1)
    answers(save(tmp_path, "lightgbm", model.fit(MATRIX, LARGE)), "mlflow")


@pytest.mark.filterwarnings("ignore")
def test_modules_of_pytorch_are_programs_or_left_to_mlflow(tmp_path: Path) -> None:
    module = models.linear()
    import torch

    program = torch.jit.script(module)
    answers(save(tmp_path / "1", "pytorch", program, serialization_format="pickle"), "torchscript")
    saved = save(tmp_path / "2", "pytorch", module, serialization_format="pickle")
    assert resolve(saved) == saved


@pytest.mark.filterwarnings("ignore")
def test_saved_models_of_tensorflow_are_loaded_as_such(tmp_path: Path) -> None:
    module = models.graph()
    options = {"signatures": module.serve}
    answers(save(tmp_path, "tensorflow", module, saved_model_kwargs=options), "tensorflow")


def folder(path: Path, text: str, **files: bytes) -> ModelFile:
    for name, data in {"model.pkl": b"", **files}.items():
        write(path / name, data)
    write(path / "MLmodel", text)
    return ModelFile(path=path, format="mlflow")


def test_a_pickle_that_needs_code_beside_it_is_left_to_mlflow(tmp_path: Path) -> None:
    text = "flavors:\n  sklearn: {pickled_model: model.pkl, code: code}\n  python_function: {}\n"
    file = folder(tmp_path, text)
    assert resolve(file) == file


def test_the_flavor_that_needs_no_code_comes_first(tmp_path: Path) -> None:
    text = "flavors:\n  sklearn: {pickled_model: model.pkl}\n  onnx: {data: model.pkl}\n"
    assert resolve(folder(tmp_path, text)).format == "onnx"


def test_a_folder_of_flavors_that_nobody_loads_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="does not load: spark, h2o"):
        resolve(folder(tmp_path, "flavors: {spark: {}, h2o: {}}\n"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "flavors: [sklearn]\n",
        "flavors: {sklearn: {}}\n",
        "flavors: {onnx: {data: [model.pkl]}}\n",
        "flavors: {onnx: {data: other.onnx}}\n",
        "flavors: {onnx: {data: ../outside.onnx}}\n",
        "flavors: {onnx: {data: /etc/passwd}}\n",
        "flavors: {onnx: {data: link.onnx}}\n",
        "flavors: {onnx: {data: round.onnx}}\n",
        f"flavors: {{onnx: {{data: {'a' * 300}.onnx}}}}\n",
        "flavors: {pytorch: {model_data: ..}}\n",
        "flavors: {tensorflow: {saved_model_dir: ../..}}\n",
        "flavors: !!python/object:os.system {}\n",
        "flavors: &a {onnx: *a}\n",
    ],
)
def test_a_hostile_folder_leads_nowhere(tmp_path: Path, text: str) -> None:
    write(tmp_path / "outside.onnx", b"")
    file = folder(tmp_path / "inner", text)
    (tmp_path / "inner/link.onnx").symlink_to(tmp_path / "outside.onnx")
    (tmp_path / "inner/round.onnx").symlink_to("round.onnx")
    with pytest.raises(InvalidError):
        resolve(file)


def test_a_damaged_program_of_pytorch_is_left_to_mlflow(tmp_path: Path) -> None:
    text = "flavors: {pytorch: {model_data: data}, python_function: {}}\n"
    end = b"PK\x05\x06" + b"\xff" * 18  # of a zip that has nothing else
    file = folder(tmp_path, text, **{"data/model.pth": end})
    assert resolve(file) == file


def test_a_folder_without_its_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="MLmodel cannot be read: No such file"):
        resolve(ModelFile(path=tmp_path, format="mlflow"))
