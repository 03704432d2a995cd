"""Words in texts, and how well a text fits them: Okapi BM25.

S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", Foundations
and Trends in Information Retrieval 3(4), 2009, section 3.2: for each term that occurs `tf` times in
a text of `length` words,

    idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average))

with k1 = 1.2 and b = 0.75, and idf = ln(1 + (N - n + 0.5) / (n + 0.5)) where n of N texts have the
term; the 1 keeps it above zero, as in Lucene's BM25Similarity. A phrase counts as one term.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

from gitreg.domain.query.tree import Words

K1, B = 1.2, 0.75

_WORD = re.compile(r"[^\W_]+")
_EDGE, _GAP = "\0", "\1"  # of a word; between texts, so that no phrase reaches over


def split_words(text: str) -> list[str]:
    """Return the words of a text: runs of letters and digits, without case and accents."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _WORD.findall(text.casefold())


class Texts:
    """The texts of many documents, ready to look for words in."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        """Take the texts of each document."""
        words = [[split_words(text) for text in texts] for texts in documents]
        self._lengths = [sum(map(len, found)) for found in words]
        self._written = [_GAP.join(map(_write, found)) for found in words]

    def find(self, words: Words) -> dict[int, int]:
        """Return which documents have the words, and how often; occurrences do not overlap."""
        wanted = _write(split_words(words.text))
        if words.prefix:
            wanted = wanted.removesuffix(_EDGE)
        counts = ((number, text.count(wanted)) for number, text in enumerate(self._written))
        return {number: count for number, count in counts if count}

    def score(self, found: Sequence[Mapping[int, int]]) -> dict[int, float]:
        """Return the BM25 of each document that has any of some terms, as `find` has them."""
        total = len(self._lengths)
        average = sum(self._lengths) / total if total else 0
        scores: dict[int, float] = {}
        for counts in found:
            idf = math.log(1 + (total - len(counts) + 0.5) / (len(counts) + 0.5))
            for number, tf in counts.items():
                norm = 1 - B + B * self._lengths[number] / average
                gained = idf * tf * (K1 + 1) / (tf + K1 * norm)
                scores[number] = scores.get(number, 0.0) + gained
        return scores


def _write(words: Sequence[str]) -> str:
    return "".join(f"{_EDGE}{word}{_EDGE}" for word in words)
