"""The figures of this room are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler

from gitreg.similarity.features import Features, count_words
from gitreg.similarity.matrix import Floats, Matrix, MatrixBuilder
from gitreg.similarity.scaling import scale_rows, scale_words, standardise
from tests.candidates import texts_of
from tests.similarity.profiles import texts

_documents = st.lists(texts | st.text(max_size=40), min_size=1, max_size=8)


def matrix_of(*rows: Features) -> Matrix:
    builder = MatrixBuilder()
    for row in rows:
        builder.add(row)
    return builder.build()


def dense(matrix: Matrix) -> Floats:
    return np.array([matrix.dense_row(place) for place in range(matrix.height)])


def vectorizer_of(documents: list[str]) -> TfidfVectorizer:
    try:
        return TfidfVectorizer().fit(documents)
    except ValueError:  # it refuses documents without any word
        return None


@given(_documents)
def test_words_are_weighed_as_scikit_learn_does(documents: list[str]) -> None:
    counted = [Features(marks=count_words({"description": text})) for text in documents]
    ours = scale_words(matrix_of(*counted))
    vectorizer = vectorizer_of(documents)
    if vectorizer is None:
        assert ours.names == ()
    else:
        assert list(ours.names) == list(vectorizer.get_feature_names_out())
        theirs = vectorizer.transform(documents).toarray()
        np.testing.assert_allclose(dense(ours), theirs, atol=1e-12)


@given(_documents, texts)
def test_somebodys_words_are_compared_as_scikit_learn_does(documents: list[str], like: str) -> None:
    found = texts_of([{"description": text} for text in documents]).compare(like)
    vectorizer = vectorizer_of(documents)
    if vectorizer is not None:
        asked = vectorizer.transform([like])
        theirs = (vectorizer.transform(documents) @ asked.T).toarray().ravel()
        np.testing.assert_allclose(found.cosines, theirs, atol=1e-12)
        assert found.is_known == bool(asked.nnz)


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.integers(-99, 99)), min_size=1, max_size=8
    ).filter(any)
)
def test_figures_are_standardised_as_scikit_learn_does(rows: list[dict[str, float]]) -> None:
    ours = standardise(matrix_of(*(Features(figures=row) for row in rows)))
    table = np.array([[row.get(name, np.nan) for name in ours.names] for row in rows], dtype=float)
    theirs = np.nan_to_num(StandardScaler().fit_transform(table))
    total = (theirs**2).sum()
    scale = np.sqrt(total / sum(map(bool, rows))) if total else 1.0
    np.testing.assert_allclose(dense(ours), theirs / scale, atol=1e-9)


def test_marks_beside_figures_are_not_standardised() -> None:
    found = standardise(
        matrix_of(*(Features(marks={"C": 1}, figures={"C (value)": n}) for n in (1, 3)))
    )
    np.testing.assert_allclose(dense(found), np.array([[1, -1], [1, 1]]) / np.sqrt(2))


def test_columns_are_in_the_order_of_their_names_and_rows_may_be_empty() -> None:
    found = matrix_of(Features(marks={"b": 2, "a": 1}), Features(), Features(marks={"a": 3}))
    assert found.names == ("a", "b")
    assert dense(found).tolist() == [[1, 2], [0, 0], [3, 0]]
    assert dense(scale_rows(found))[1].tolist() == [0, 0]
    assert found.square_distances(np.array([1.0, 2.0])).tolist() == [0, 5, 8]
    assert found.multiply(np.array([1.0, 2.0])).tolist() == [5, 0, 3]


def test_figures_that_are_all_alike_tell_nothing_apart() -> None:
    found = standardise(matrix_of(*(Features(figures={"x": 0.1}) for _ in range(3))))
    assert dense(found).tolist() == [[0.0]] * 3
    assert dense(found) == pytest.approx(0)


def test_only_shared_words_are_said_to_make_a_version_like_it() -> None:
    found = texts_of([{"description": text} for text in ("a rose is red", "blue sky")]).compare(
        "rose"
    )
    assert [tuple(found.words(place)) for place in range(2)] == [("rose",), ()]
