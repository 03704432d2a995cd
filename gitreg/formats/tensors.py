"""How modules of PyTorch predict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitreg.formats.answer import read_answer
from gitreg.formats.matrix import to_matrix


def predict(model: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `forward` says of all columns as one matrix, `(rows, columns)`.

    The matrix has the type of the model's first parameter, float32 where there is none.

    Raises: ValueError where a column holds no numbers, or for no answer.
    """
    import torch

    first = next(iter(model.parameters()), None)
    dtype = torch.float32 if first is None else first.dtype
    with torch.inference_mode():
        return read_answer(_to_arrays(model(torch.from_numpy(to_matrix(columns)).to(dtype))))


def _to_arrays(output: Any) -> Any:
    import torch

    if isinstance(output, Mapping):
        return {name: _to_arrays(part) for name, part in output.items()}
    if isinstance(output, tuple):
        return tuple(_to_arrays(part) for part in output)
    if not isinstance(output, torch.Tensor):
        return output
    if output.dtype == torch.bfloat16:  # which numpy has not
        output = output.float()
    return output.cpu().numpy()
