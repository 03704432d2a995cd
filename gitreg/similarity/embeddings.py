"""Texts as vectors of a sentence model: a row a version, each of length 1, or 0 without a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from gitreg.similarity.matrix import Flags, Floats, Places

Singles = npt.NDArray[np.float32]

_AT_ONCE = 4096  # vectors, so that little of them is held as doubles


class Embeddings:
    """The texts of versions: `vectors` (texts, dimensions), and `places` (height,) in them.

    Versions that say the same share a vector. Each is gone through in the same order, so that
    equal ones give equal figures wherever they stand.
    """

    def __init__(self, vectors: Singles, places: Places) -> None:
        """Take vectors of any length."""
        self._vectors, self._places = vectors, places
        lengths = np.sqrt(self._measure(lambda some: (some**2).sum(axis=1)))
        self._has_text = lengths > 0
        self._lengths = np.where(self._has_text, lengths, 1.0)

    @property
    def height(self) -> int:
        """How many versions there are."""
        return len(self._places)

    def keep_rows(self, kept: Flags) -> Embeddings:
        """Return the rows where `kept` (height,) holds."""
        return Embeddings(self._vectors, self._places[kept])

    def is_stated(self, place: int) -> bool:
        """Whether the version says anything."""
        return bool(self._has_text[self._places[place]])

    def dense_row(self, place: int) -> Floats:
        """Return one row, (dimensions,)."""
        text = self._places[place]
        row: Floats = self._vectors[text].astype(np.float64) / self._lengths[text]
        return row

    def square_lengths(self) -> Floats:
        """Return the square of each row's length: 1, or 0."""
        return self._has_text[self._places].astype(np.float64)

    def multiply(self, row: Floats) -> Floats:
        """Return the inner product of each row with `row` (dimensions,)."""
        products = self._measure(lambda some: (some * row).sum(axis=1))
        found: Floats = (products / self._lengths)[self._places]
        return found

    def square_distances(self, row: Floats) -> Floats:
        """Return the square of each row's distance from `row`: exactly 0 for equal ones."""
        lengths = iter(np.split(self._lengths, range(_AT_ONCE, len(self._lengths), _AT_ONCE)))
        squares = self._measure(
            lambda some: ((some / next(lengths)[:, None] - row) ** 2).sum(axis=1)
        )
        return squares[self._places]

    def find_shares(self, place: int, row: Floats) -> tuple[Sequence[str | None], Floats]:
        """Return the product of one row with `row`: no dimension has a name."""
        return (None,), np.array([(self.dense_row(place) * row).sum()])

    def compare(self, row: Floats) -> Meaning:
        """Return how like `row` (dimensions,), of length 1 or 0, each version is."""
        return Meaning(self.multiply(row))

    def _measure(self, of: Callable[[Floats], Floats]) -> Floats:
        """Return a figure for each vector, some of them at once."""
        found = [
            of(self._vectors[start : start + _AT_ONCE].astype(np.float64))
            for start in range(0, len(self._vectors), _AT_ONCE)
        ]
        return np.concatenate([np.zeros(0), *found])


class Meaning:
    """What somebody means beside the texts of all versions: `cosines` (versions,), in 0 to 1.

    What means the opposite is as unlike it as what has nothing to do with it.
    """

    def __init__(self, cosines: Floats) -> None:
        self.cosines = np.clip(cosines, 0.0, 1.0)

    @property
    def is_known(self) -> bool:
        """Whether any version means anything like it."""
        return bool(self.cosines.any())

    def words(self, place: int) -> Sequence[str]:
        """Return no words: a vector does not have those that it was made of."""
        del place
        return ()
