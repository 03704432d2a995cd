"""SavedModels with signatures of several kinds; the plainest one is in the contract tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gitreg.errors import InvalidError
from gitreg.formats import ModelFile, tensorflow

COLUMNS = {"site": np.array(["a", "b", "a"]), "size": np.array([1.0, 2.0, 3.0])}


@pytest.fixture
def tf() -> Any:
    why = "TensorFlow is too heavy for every run of the tests"
    return pytest.importorskip("tensorflow", reason=why)


def save(tf: Any, folder: Path) -> ModelFile:
    """A model of two inputs: a column of text, and a vector of numbers."""
    model = tf.Module()
    specs = [tf.TensorSpec([None, 1], tf.string), tf.TensorSpec([None], tf.float32)]
    model.serve = tf.function(
        lambda site, size: {"label": tf.strings.join([site[:, 0], tf.strings.as_string(size > 2)])},
        input_signature=specs,
    )
    tf.saved_model.save(model, str(folder), signatures=model.serve)
    return ModelFile(path=folder, format="tensorflow")


def test_several_inputs_are_columns_by_name_and_texts_come_back(tf: Any, tmp_path: Path) -> None:
    model = tensorflow.load(save(tf, tmp_path))
    answer = tensorflow.predict(model, {**COLUMNS, "other": COLUMNS["size"]})
    assert answer["prediction"].tolist() == ["afalse", "bfalse", "atrue"]
    with pytest.raises(ValueError, match="columns that are missing: size"):
        tensorflow.predict(model, {"site": COLUMNS["site"]})


def test_a_model_that_cannot_be_served_is_told(tf: Any, tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(InvalidError, match="has no signature serving_default"):
        tensorflow.load(ModelFile(path=tmp_path, format="tensorflow"))


def test_an_exported_model_of_keras_answers(tf: Any, tmp_path: Path) -> None:
    layers = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Input((2,)), layers.Dense(3, activation="softmax")])
    model.export(str(tmp_path / "model"), verbose=False)
    found = ModelFile(path=tmp_path / "model", format="tensorflow")
    columns = {"a": COLUMNS["size"], "b": COLUMNS["size"]}
    answer = tensorflow.predict(tensorflow.load(found), columns)
    matrix = np.column_stack(list(columns.values())).astype(np.float32)
    np.testing.assert_allclose(answer["score"], np.asarray(model(matrix)), rtol=1e-5)
