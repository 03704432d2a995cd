"""Parquet, by pyarrow: one batch of a row group in memory at a time."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gitreg.errors import InvalidError, SetupError
from gitreg.evaluation.data.columns import Columns, choose_columns, make_texts

NAME = "parquet"
SUFFIXES = (".parquet", ".pq")


def read(path: Path, wanted: Sequence[str] | None, rows: int) -> Iterator[Columns]:
    """Yield the wanted columns, or all, in chunks of at most `rows`.

    Raises: InvalidError; SetupError where pyarrow is missing.
    """
    try:
        pyarrow, parquet = (importlib.import_module(n) for n in ("pyarrow", "pyarrow.parquet"))
    except ImportError as error:
        raise SetupError(
            f"reading {path} needs pyarrow", next_step="pip install 'gitreg[parquet]'"
        ) from error
    try:
        with parquet.ParquetFile(path) as file:
            names = choose_columns(path, file.schema_arrow.names, wanted)
            for batch in file.iter_batches(batch_size=rows, columns=names):
                if batch.num_rows:
                    yield {name: _make_array(path, name, batch.column(name)) for name in names}
    except (pyarrow.ArrowException, OSError) as error:
        raise InvalidError(
            f"{path} is not Parquet that can be read: {error}", next_step="write it again"
        ) from error


def _make_array(path: Path, name: str, column: Any) -> npt.NDArray[np.generic]:
    array: npt.NDArray[Any] = column.to_numpy(zero_copy_only=False)
    if array.dtype != object:
        return array
    values = array.tolist()
    if values and all(isinstance(value, np.ndarray) for value in values):
        if len({value.shape for value in values}) > 1:
            raise InvalidError(
                f"{path}: the lists of {name} are not of one length",
                next_step="write one value, or lists of one length",
            )
        return np.stack(values)
    return make_texts(values) if all(isinstance(value, str) for value in values) else array
