"""ONNX graphs: run by ONNX Runtime on the processor, with its own operators alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitreg.formats.answer import read_array
from gitreg.formats.file import ModelFile
from gitreg.formats.framework import require

NAME = "onnx"
SUFFIXES = (".onnx",)
RUNS_CODE = False

_TYPES = {
    "tensor(float16)": "float16",
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}


def load(file: ModelFile) -> Any:
    """Load a graph as an `onnxruntime.InferenceSession`."""
    runtime = require("onnxruntime", "onnx")
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # errors; warnings about what it optimises help nobody here
    return runtime.InferenceSession(str(file.path), options, providers=["CPUExecutionProvider"])


def predict(model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return `prediction`, and `score` by class where the graph has it.

    A graph with one input is given all columns as its matrix, one with several the columns of
    their names. Labels are its output of one dimension, scores the one of two dimensions, or the
    mappings from class to probability that converters write.

    Raises: ValueError where columns are missing, or outputs are of another kind.
    """
    import numpy as np

    wanted = model.get_inputs()
    if len(wanted) == 1:
        matrix = np.column_stack(list(columns.values()))
        given = {wanted[0].name: matrix.astype(_TYPES[wanted[0].type])}
    else:
        missing = [item.name for item in wanted if item.name not in columns]
        if missing:
            raise ValueError(f"the graph has inputs that no column is for: {', '.join(missing)}")
        given = {
            item.name: np.asarray(columns[item.name]).astype(_TYPES[item.type]).reshape(-1, 1)
            for item in wanted
        }
    answer: dict[str, Any] = {}
    for output in model.run(None, given):
        answer |= _read_output(output)
    if not answer:
        raise ValueError("the graph has no output that could be a prediction")
    return answer


def _read_output(output: Any) -> dict[str, Any]:
    import numpy as np

    if isinstance(output, list):
        classes = sorted(output[0])
        score = np.array([[row[name] for name in classes] for row in output])
        return {"score": score, "classes": np.array(classes)}
    return read_array(np.asarray(output))
