"""Texts as vectors, as the index keeps them and as they are made without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitreg.index import chunks
from gitreg.index.codec import DamagedError
from gitreg.index.embeddings import read_embeddings
from gitreg.index.neighbours import Neighbours
from gitreg.similarity.embeddings import Embeddings
from gitreg.similarity.features import Profile, read_texts
from gitreg.similarity.matrix import Floats
from gitreg.similarity.sentences import SentenceModel, load_model
from gitreg.similarity.space import METRICS, Metric
from tests.index.test_neighbours import Place, Shelf
from tests.sentences import needs_model
from tests.similarity.profiles import profile, profiles

pytestmark = needs_model


class Counted(SentenceModel):
    """The model, with what it was asked to embed."""

    def __init__(self, name: str = "") -> None:
        self.__dict__.update(vars(load_model()))
        self.sha256 += name
        self.asked: list[tuple[str, ...]] = []

    def embed(self, texts: Iterable[str]) -> Floats:
        self.asked.append(tuple(texts))
        return super().embed(self.asked[-1])


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 3)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    found = Shelf(tmp_path / "x.sqlite")
    for text in ("roses", "lilies", "roses", "fraud", "lilies"):
        found.take(("register", profile(description=text)))
    yield found
    found.connection.close()


def rows_of(texts: Embeddings) -> list[list[float]]:
    return [texts.dense_row(place).tolist() for place in range(texts.height)]


def plainly(stated: Iterable[Profile]) -> list[list[float]]:
    """Each version's text, embedded alone."""
    vectors = [load_model().embed(read_texts(item.metadata).values()) for item in stated]
    singles = np.array(vectors, np.float32).reshape(-1, load_model().dimensions)
    return rows_of(Embeddings(singles, np.arange(len(vectors))))


@given(st.lists(st.tuples(profiles, st.booleans()), max_size=10))
def test_the_index_has_what_each_text_is_alone(steps: list[tuple[Profile, bool]]) -> None:
    """Built in steps, some of them by other processes, built at once, and kept."""
    with TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder) / "x.sqlite")
        for stated, is_read in steps:
            shelf.take(("register", stated))
            if is_read:
                with closing(shelf.connect()) as other:
                    read_embeddings(other, load_model())
        expected = plainly(stated for _, stated in shelf.versions)
        grown = rows_of(read_embeddings(shelf.connection, load_model()))
        kept = rows_of(read_embeddings(shelf.connection, load_model()))
        shelf.connection.execute("DELETE FROM chunks") if steps else None
        assert grown == kept == expected
        assert rows_of(read_embeddings(shelf.connection, load_model())) == expected
        shelf.connection.close()


def kept(shelf: Shelf) -> list[int]:
    found = shelf.connection.execute("SELECT height FROM chunks ORDER BY kind, chunk")
    return [height for (height,) in found]


def test_each_text_is_embedded_once(shelf: Shelf) -> None:
    model = Counted()
    before = rows_of(read_embeddings(shelf.connection, model))
    assert model.asked == [("roses",), ("lilies",), ("fraud",)]
    assert kept(shelf) == [3, 2]
    shelf.connection.execute("UPDATE documents SET data = ''")
    assert rows_of(read_embeddings(shelf.connection, model)) == before
    for text in ("fraud", "lilies", "tulips", "roses"):
        shelf.take(("register", profile(description=text)))
    assert rows_of(read_embeddings(shelf.connection, model))[:5] == before
    assert model.asked[3:] == [("tulips",)]
    assert kept(shelf) == [3, 3, 3]


def test_another_model_has_vectors_of_its_own(shelf: Shelf) -> None:
    read_embeddings(shelf.connection, load_model())
    other = Counted("another")
    read_embeddings(shelf.connection, other)
    assert len(other.asked) == 3
    assert kept(shelf) == [3, 2, 3, 2]


@pytest.mark.parametrize("metric", METRICS)
def test_neighbours_are_those_by_meaning(metric: Metric) -> None:
    shelf = Shelf()
    texts = ("names roses", "names banks", "flowers of a meadow", "credit", "names roses")
    for text in texts:
        shelf.take(("register", profile(description=text)))
    shelf.take(("yank", 4))

    def nearest(model: SentenceModel | None) -> list[Place]:
        known = Neighbours(shelf.connection, model)
        assert known.has_direction(shelf.connection, ("a", "1.0.0"))
        found = known.find(
            shelf.connection, ("a", "1.0.0"), metric=metric, top=3, all_versions=True
        )
        return [place for place, _ in found.versions]

    same_word, same_meaning, other = (shelf.versions[row][0] for row in (1, 2, 3))
    assert nearest(None)[0] == same_word
    assert nearest(load_model()) == [same_meaning, same_word, other]
    shelf.connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE chunks SET body = substr(body, 2)",
        "UPDATE chunks SET body = (SELECT body FROM chunks WHERE chunk = 1) WHERE chunk = 0",
        "DELETE FROM chunks WHERE chunk = 0",
        "DELETE FROM versions WHERE row = 4",
    ],
)
def test_damage_is_seen(shelf: Shelf, damage: str) -> None:
    read_embeddings(shelf.connection, load_model())
    shelf.connection.executescript(damage)
    with pytest.raises(DamagedError):
        read_embeddings(shelf.connection, load_model())
