from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.index import matrices
from gitreg.index.codec import DamagedError
from gitreg.similarity.features import Features
from gitreg.similarity.matrix import Matrix, MatrixBuilder

_names = st.text(max_size=3) | st.sampled_from(["a", "b"])
_numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 70_000).map(float)
_rows = st.builds(
    Features,
    marks=st.dictionaries(_names, _numbers, max_size=4),
    figures=st.dictionaries(_names, _numbers, max_size=4),
)


def matrix_of(rows: list[Features]) -> Matrix:
    builder = MatrixBuilder()
    for row in rows:
        builder.add(row)
    return builder.build()


@given(st.dictionaries(_names, st.lists(_rows, max_size=4).map(matrix_of), max_size=3))
def test_what_is_written_is_read_the_same(written: dict[str, Matrix]) -> None:
    found = matrices.read(matrices.write(written))
    assert list(found) == list(written)
    for name, matrix in written.items():
        assert found[name].names == matrix.names
        for part in ("rows", "columns", "values", "starts", "figures"):
            one, other = getattr(found[name], part), getattr(matrix, part)
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)


def test_damage_is_seen_whichever_byte_it_is() -> None:
    data = matrices.write({"text": matrix_of([Features(marks={"a": 1.0}, figures={"b": 0.5})])})
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1
        with pytest.raises(DamagedError):
            matrices.read(bytes(damaged))
    with pytest.raises(DamagedError):
        matrices.read(b"")
