"""ONNX graphs, as converters write them: the answers are those of the model they came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skl2onnx import to_onnx
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gitreg.errors import InvalidError
from gitreg.formats import ModelFile, guess, onnx
from gitreg.formats.isolated import IsolatedModel

X, Y = load_iris(return_X_y=True)
X = X.astype(np.float32)
COLUMNS = {name: X[:, place] for place, name in enumerate("abcd")}
MODEL = LogisticRegression(max_iter=1000).fit(X, Y)


def write(path: Path, model: Any, **options: Any) -> ModelFile:
    path.write_bytes(to_onnx(model, X[:1], **options).SerializeToString())
    return ModelFile(path=path, format="onnx")


def test_the_format_is_known_by_its_ending() -> None:
    assert guess(Path("models/iris/model.onnx")) == "onnx"


@pytest.mark.parametrize("zipmap", [False, True])
def test_a_classifier_answers_as_it_did(tmp_path: Path, zipmap: bool) -> None:  # noqa: FBT001
    options = {"options": {id(MODEL): {"zipmap": zipmap}}}
    with IsolatedModel(write(tmp_path / "m.onnx", MODEL, **options)) as model:
        answer = model.predict(COLUMNS)
    assert answer["prediction"].tolist() == MODEL.predict(X).tolist()
    np.testing.assert_allclose(answer["score"], MODEL.predict_proba(X), atol=1e-5)
    assert ("classes" in answer) == zipmap


def test_a_regression_answers_as_it_did(tmp_path: Path) -> None:
    fitted = LinearRegression().fit(X, Y)
    answer = onnx.predict(onnx.load(write(tmp_path / "m.onnx", fitted)), COLUMNS)
    np.testing.assert_allclose(answer["prediction"], fitted.predict(X), atol=1e-5)
    assert set(answer) == {"prediction"}


def test_several_inputs_are_columns_by_name(tmp_path: Path) -> None:
    from skl2onnx.common.data_types import FloatTensorType

    pd = pytest.importorskip("pandas")
    scale = ColumnTransformer([("scale", StandardScaler(), list("abcd"))])
    fitted = make_pipeline(scale, LinearRegression()).fit(pd.DataFrame(COLUMNS), Y)
    inputs = [(name, FloatTensorType([None, 1])) for name in "abcd"]
    path = tmp_path / "m.onnx"
    path.write_bytes(to_onnx(fitted, initial_types=inputs).SerializeToString())
    session = onnx.load(ModelFile(path=path, format="onnx"))
    answer = onnx.predict(session, {**COLUMNS, "e": X[:, 0]})
    np.testing.assert_allclose(answer["prediction"], fitted.predict(pd.DataFrame(COLUMNS)), 1e-4)
    with pytest.raises(ValueError, match="inputs that no column is for: d"):
        onnx.predict(session, {name: COLUMNS[name] for name in "abc"})


def test_what_is_no_graph_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"no graph")
    with (
        IsolatedModel(ModelFile(path=tmp_path / "m.onnx", format="onnx")) as model,
        pytest.raises(InvalidError, match="loading it"),
    ):
        model.predict(COLUMNS)
