"""How like somebody's words are to what versions say of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from gitreg.similarity.features import split_words
from gitreg.similarity.matrix import Floats, Matrix
from gitreg.similarity.scaling import scale_words, weigh_words


class Texts:
    """The texts of some versions, as rows of TF-IDF."""

    def __init__(self, counts: Matrix) -> None:
        """Take how often each version says each word."""
        self._weights = weigh_words(counts)
        self._rows = scale_words(counts)

    def compare(self, text: str) -> Likeness:
        """Return how like `text` each version is; words that none of them says are passed over."""
        counts = Counter(split_words(text))
        row = np.array([counts[name] for name in self._rows.names]) * self._weights
        length = np.sqrt((row**2).sum())
        return Likeness(self, row / length if length else row)

    def multiply(self, row: Floats) -> Floats:
        """Return the product of each version's row with `row` (columns,)."""
        return self._rows.multiply(row)

    def find_heaviest(self, place: int, row: Floats, most: int) -> Sequence[str]:
        """Return the words that add most to the product of one version's row with `row`."""
        columns, values = self._rows.row(place)
        shares = values * row[columns]
        order = np.argsort(-shares, kind="stable")[:most]
        return tuple(self._rows.names[columns[i]] for i in order if shares[i] > 0)


class Likeness:
    """Somebody's words beside the texts of all versions: `cosines` (versions,), in 0 to 1."""

    def __init__(self, texts: Texts, row: Floats) -> None:
        self._texts, self._row = texts, row
        self.cosines = texts.multiply(row)

    @property
    def is_known(self) -> bool:
        """Whether any version says any of the words."""
        return bool(self._row.any())

    def words(self, place: int, *, most: int = 3) -> Sequence[str]:
        """Return the shared words that make the version like it, heaviest first."""
        return self._texts.find_heaviest(place, self._row, most)
