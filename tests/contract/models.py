"""One real model of each format: it tells large flowers from small ones by two measurements."""

from __future__ import annotations

import importlib
import os
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from gitreg.formats import ModelFile
from tests.fixtures import write

COLUMNS = {
    "length": np.array([0.0, 1.0, 4.0, 5.0] * 8),
    "width": np.array([0.0, 1.0, 4.0, 5.0] * 8),
}
MATRIX = np.column_stack(list(COLUMNS.values()))
LARGE = np.array([0, 0, 1, 1] * 8)
CODE = """\
import numpy as np


def score(columns):
    large = (columns["length"] + columns["width"] > 5).astype(int)
    return {"prediction": large, "score": np.eye(2)[large], "classes": np.array([0, 1])}
"""
FLOW = """\
class Scorer:
    def predict(self, frame):
        from limits import LEAST

        return (frame["length"] + frame["width"] > LEAST).astype(int)


def _load_pyfunc(path):
    return Scorer()
"""
NET = """\
import torch


def build():
    return torch.nn.Linear(2, 2)
"""


def fitted() -> LogisticRegression:
    return LogisticRegression().fit(MATRIX, LARGE)


def make_skops(folder: Path) -> ModelFile:
    import skops.io

    skops.io.dump(fitted(), folder / "model.skops")
    return ModelFile(path=folder / "model.skops", format="skops")


def make_onnx(folder: Path) -> ModelFile:
    from skl2onnx import to_onnx

    graph = to_onnx(fitted(), MATRIX[:1].astype(np.float32))
    path = write(folder / "model.onnx", graph.SerializeToString())
    return ModelFile(path=path, format="onnx")


def make_xgboost(folder: Path) -> ModelFile:
    import xgboost

    xgboost.XGBClassifier(n_estimators=5).fit(MATRIX, LARGE).save_model(folder / "model.ubj")
    return ModelFile(path=folder / "model.ubj", format="xgboost")


def make_lightgbm(folder: Path) -> ModelFile:
    import lightgbm

    settings = {"objective": "binary", "min_data_in_leaf": 1, "verbosity": -1}
    booster = lightgbm.train(settings, lightgbm.Dataset(MATRIX, LARGE), 5)
    booster.save_model(folder / "model.txt")
    return ModelFile(path=folder / "model.txt", format="lightgbm")


def linear() -> Any:
    """A module whose second output is the larger one for large flowers."""
    torch = pytest.importorskip("torch", reason="PyTorch is too heavy for every run of the tests")
    module = torch.nn.Linear(2, 2)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[-1.0, -1.0], [1.0, 1.0]]))
        module.bias.copy_(torch.tensor([5.0, -5.0]))
    return module


def make_torchscript(folder: Path) -> ModelFile:
    torch = pytest.importorskip("torch", reason="PyTorch is too heavy for every run of the tests")
    with warnings.catch_warnings(action="ignore"):  # PyTorch advises on another format by now
        torch.jit.script(linear()).save(str(folder / "model.pt"))
    return ModelFile(path=folder / "model.pt", format="torchscript")


def make_safetensors(folder: Path) -> ModelFile:
    module = linear()
    from safetensors.torch import save_model

    write(folder / "model/net.py", NET)
    save_model(module, str(folder / "model/weights.safetensors"))
    return ModelFile(path=folder / "model", format="safetensors", entrypoint="net:build")


def graph() -> Any:
    """A module of TensorFlow with one function to serve."""
    why = "TensorFlow is too heavy for every run of the tests"
    tf = pytest.importorskip("tensorflow", reason=why)
    model = tf.Module()
    model.weights = tf.Variable([[-1.0, 1.0], [-1.0, 1.0]])
    spec = tf.TensorSpec([None, 2], tf.float32, name="x")
    model.serve = tf.function(
        lambda x: {"scores": tf.nn.softmax(x @ model.weights + [5.0, -5.0])}, input_signature=[spec]
    )
    return model


def make_tensorflow(folder: Path) -> ModelFile:
    model = graph()
    import tensorflow as tf

    tf.saved_model.save(model, str(folder / "model"), signatures=model.serve)
    return ModelFile(path=folder / "model", format="tensorflow")


def import_mlflow(flavor: str) -> Any:
    """Import a module of MLflow, whose warnings as it is imported are about itself."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    with warnings.catch_warnings(action="ignore"):
        return importlib.import_module(f"mlflow.{flavor}")


def make_mlflow(folder: Path) -> ModelFile:
    sources = {"scorer.py": FLOW, "limits.py": "LEAST = 5\n"}
    code = [str(write(folder / name, text)) for name, text in sources.items()]
    import_mlflow("pyfunc").save_model(folder / "model", loader_module="scorer", code_paths=code)
    return ModelFile(path=folder / "model", format="mlflow")


def make_joblib(folder: Path) -> ModelFile:
    import joblib

    joblib.dump(fitted(), folder / "model.joblib")
    return ModelFile(path=folder / "model.joblib", format="joblib")


def make_pickle(folder: Path) -> ModelFile:
    path = write(folder / "model.pkl", pickle.dumps(fitted()))
    return ModelFile(path=path, format="pickle")


def make_python(folder: Path) -> ModelFile:
    path = write(folder / "scorer.py", CODE)
    return ModelFile(path=path, format="python", entrypoint="scorer:score")


MAKERS: dict[str, Callable[[Path], ModelFile]] = {
    "skops": make_skops,
    "onnx": make_onnx,
    "xgboost": make_xgboost,
    "lightgbm": make_lightgbm,
    "torchscript": make_torchscript,
    "safetensors": make_safetensors,
    "tensorflow": make_tensorflow,
    "mlflow": make_mlflow,
    "joblib": make_joblib,
    "pickle": make_pickle,
    "python": make_python,
}
