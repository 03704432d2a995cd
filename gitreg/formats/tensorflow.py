"""TensorFlow's SavedModel folders, by their serving signature: the graph runs as code.

TensorFlow's security notes: a graph can read and write files and use the network, so that whoever
runs one effectively runs arbitrary code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitreg.errors import InvalidError
from gitreg.formats.answer import read_answer
from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require
from gitreg.formats.matrix import select, to_matrix

NAME = "tensorflow"
SUFFIXES = ()  # a folder with saved_model.pb
RUNS_CODE = True

_SIGNATURE = "serving_default"


def load(file: ModelFile) -> Any:
    """Load a SavedModel that can be served.

    Raises: InvalidError where it has no serving signature.
    """
    model = require("tensorflow", "tensorflow").saved_model.load(str(file.path))
    if _SIGNATURE not in model.signatures:
        raise InvalidError(
            f"{file.path.name} has no signature {_SIGNATURE}, by which TensorFlow serves a model",
            next_step="save it with signatures=, or by the export() of a Keras model",
        )
    return model


def predict(model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the serving signature says.

    A signature with one input is given all columns as its matrix, one with several the columns of
    their names.

    Raises: ValueError where columns are missing, or for no answer.
    """
    serve = model.signatures[_SIGNATURE]
    _, wanted = serve.structured_input_signature
    if len(wanted) == 1:
        ((name, spec),) = wanted.items()
        given = {name: _to_tensor(to_matrix(columns), spec)}
    else:
        chosen = select(columns, list(wanted))
        given = {name: _to_tensor(chosen[name], spec) for name, spec in wanted.items()}
    return read_answer({name: _to_array(part) for name, part in serve(**given).items()})


def _to_tensor(values: Any, spec: Any) -> Any:
    """Return values as the input wants them; a column may be a vector or a matrix of one column."""
    import numpy as np
    import tensorflow as tf

    found = np.asarray(values)
    if spec.shape.rank == 1 or (found.ndim == 1 and spec.shape.rank == 2):
        found = found.reshape((-1, 1)[: spec.shape.rank])
    found = found.astype(str if spec.dtype == tf.string else spec.dtype.as_numpy_dtype)
    return tf.constant(found)


def _to_array(tensor: Any) -> Any:
    """Return what a tensor holds, its texts decoded."""
    import numpy as np

    found = tensor.numpy()
    return np.char.decode(found.astype(bytes), "utf-8") if found.dtype == object else found
