from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.similarity import embeddings
from gitreg.similarity.embeddings import Embeddings
from gitreg.similarity.matrix import Floats
from gitreg.similarity.space import METRICS, Metric, Neighbour, Space, name_words, read_blocks
from tests.similarity.profiles import profile

_figures = st.integers(-3, 3).map(float)
_vectors = st.lists(st.lists(_figures, min_size=3, max_size=3), min_size=1, max_size=7)


@pytest.fixture(autouse=True)
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_AT_ONCE", 2)


def unit(vector: list[float]) -> Floats:
    array = np.array(vector, np.float64)
    return array / (np.linalg.norm(array) or 1.0)


def texts_of(vectors: list[list[float]], places: list[int] | None = None) -> Embeddings:
    chosen = range(len(vectors)) if places is None else places
    return Embeddings(np.array(vectors, np.float32), np.array(chosen, np.int64))


@given(_vectors, st.data())
def test_it_is_what_vectors_of_length_1_are(
    vectors: list[list[float]], data: st.DataObject
) -> None:
    count = len(vectors)
    places = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=9))
    texts, rows = texts_of(vectors, places), np.array([unit(vectors[place]) for place in places])
    chosen = data.draw(st.integers(0, len(places) - 1))
    row = texts.dense_row(chosen)
    np.testing.assert_allclose(row, rows[chosen])
    np.testing.assert_allclose(texts.multiply(row), rows @ rows[chosen], atol=1e-12)
    squares = ((rows - rows[chosen]) ** 2).sum(axis=1)
    np.testing.assert_allclose(texts.square_distances(row), squares, atol=1e-12)
    same = np.array([place == places[chosen] for place in places])
    assert not texts.square_distances(row)[same].any()
    assert texts.square_lengths().tolist() == [float(any(vectors[place])) for place in places]
    kept = np.array([number % 2 == 0 for number in range(len(places))])
    assert texts.keep_rows(kept).height == np.count_nonzero(kept)
    np.testing.assert_array_equal(texts.keep_rows(kept).multiply(row), texts.multiply(row)[kept])


@given(_vectors)
def test_equal_ones_give_equal_figures_wherever_they_stand(vectors: list[list[float]]) -> None:
    texts = texts_of([*vectors, [0.1, 0.2, 0.3], *vectors])
    row = unit([0.3, -0.7, 0.11])
    for measured in (texts.multiply(row), texts.square_distances(row)):
        assert measured[: len(vectors)].tolist() == measured[len(vectors) + 1 :].tolist()


def test_the_opposite_is_as_unlike_as_what_has_nothing_to_do_with_it() -> None:
    found = texts_of([[2, 0, 0], [0, 1, 0], [-1, 0, 0], [0, 0, 0]]).compare(unit([1, 0, 0]))
    assert found.cosines.tolist() == [1, 0, 0, 0]
    assert found.is_known
    assert list(found.words(0)) == []
    assert not texts_of([[0, 0, 0]]).compare(unit([1, 0, 0])).is_known


def nearest(metric: Metric) -> list[Neighbour]:
    versions = [
        profile(description="one", architecture={"family": "SVC"}),
        profile(description="two", architecture={"family": "SVC"}),
        profile(description="three"),
        profile(architecture={"family": "SVC"}),
    ]
    texts = texts_of([[1, 0, 0], [1, 0, 0], [3, 4, 0], [0, 0, 0]])
    space = Space(read_blocks(versions), texts)
    return space.find_nearest(0, np.array([1, 2, 3]), metric=metric, top=3, order=sorted)


def test_they_stand_for_the_block_of_text() -> None:
    same, silent, other = nearest("cosine")
    assert (same.place, same.score, same.missing) == (
        1,
        1.0,
        ("hyperparameters", "signature", "metrics"),
    )
    assert same.blocks["text"] == pytest.approx(0.4 / 0.55)
    assert [(term.block, term.name) for term in same.terms] == [("architecture", "svc")]
    assert same.others == same.blocks["text"]
    assert (silent.place, silent.blocks["text"], "text" in silent.missing) == (3, 0, True)
    assert other.blocks["text"] == pytest.approx(0.4 * 0.6 / (0.4 * 0.55) ** 0.5)
    same, silent, other = sorted(nearest("euclidean"), key=lambda found: found.place != 1)
    assert (same.score, same.terms, same.others) == (0.0, (), 0.0)


@pytest.mark.parametrize("metric", METRICS)
def test_a_text_more_or_less_is_half_of_another_one(metric: Metric) -> None:
    found = {item.place: item.blocks["text"] for item in nearest(metric)}
    assert found[3] == (0.0 if metric == "cosine" else 0.4)


def test_words_are_named_with_what_they_add() -> None:
    _, _, other = nearest("cosine")
    words = [("two", 0.5), ("of", 0.01), ("three", 0.2), ("not", -0.3)]
    named = name_words(other, words, cosine=0.6)
    assert [term.name for term in named.terms] == ["two", "not", "three"]
    assert {term.block for term in named.terms} == {"text"}
    assert named.terms[0].contribution == pytest.approx(other.blocks["text"] * 0.5 / 0.6)
    said = sum(term.contribution for term in named.terms)
    assert said + named.others == pytest.approx(named.score)
    assert named.score == other.score
    assert name_words(other, words, cosine=0.0) == other
