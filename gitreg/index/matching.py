"""Which versions a query finds, and how well their texts fit its words: Okapi BM25.

S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", Foundations
and Trends in Information Retrieval 3(4), 2009, section 3.2: for each term that occurs `tf` times in
a text of `length` words,

    idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average))

with k1 = 1.2 and b = 0.75, and idf = ln(1 + (N - n + 0.5) / (n + 0.5)) where n of N texts have the
term; the 1 keeps it above zero, as in Lucene's BM25Similarity. A phrase counts as one term.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gitreg.domain.query.fields import Field, field_of
from gitreg.domain.query.tree import (
    And,
    Comparison,
    Expression,
    Membership,
    Not,
    Operator,
    Or,
    Words,
    leaves_of,
)
from gitreg.domain.query.words import mark_phrase, split_words
from gitreg.index.columns import Rows
from gitreg.index.corpus import Corpus
from gitreg.index.values import Mask

K1, B = 1.2, 0.75

Scores = npt.NDArray[np.float64]


def match(corpus: Corpus, where: Expression, among: Mask) -> Mask:
    """Return which rows an expression fits; those that are not `among` them need no answer."""
    match where:
        case Words():
            return _mask(corpus, count_words(corpus, where)[0])
        case Comparison(name, sign, value, regex):
            found = _find(corpus, field_of(name), sign, [value], among, regex=regex)
            return ~_mask(corpus, found) if sign in {"!=", "!~"} else _mask(corpus, found)
        case Membership(name, values):
            return _mask(corpus, _find(corpus, field_of(name), "=", values, among))
        case Not(part):
            return ~match(corpus, part, among)
        case And(parts):
            every: Mask = np.all([match(corpus, part, among) for part in parts], axis=0)
            return every
        case Or(parts):
            some: Mask = np.any([match(corpus, part, among) for part in parts], axis=0)
            return some


def score(corpus: Corpus, where: Expression, among: Mask) -> Scores | None:
    """Return the BM25 of each row for the words that are asked for and under no `not`.

    The texts are those of the rows `among`; others have 0. Without words, or texts, there is none.
    """
    words = leaves_of(where, affirmed=True)
    looked_for = dict.fromkeys(leaf for leaf in words if isinstance(leaf, Words))
    total = int(np.count_nonzero(among))
    if not looked_for or not total:
        return None
    scores = np.zeros(corpus.size)
    average = int(corpus.lengths[among].sum()) / total
    for leaf in looked_for:
        rows, counts = count_words(corpus, leaf)
        inside = among[rows]
        rows, tf = rows[inside], counts[inside]
        idf = math.log(1 + (total - len(rows) + 0.5) / (len(rows) + 0.5))
        norm = 1 - B + B * corpus.lengths[rows] / average if len(rows) else 0.0
        scores[rows] += idf * tf * (K1 + 1) / (tf + K1 * norm)
    return scores


def count_words(corpus: Corpus, words: Words) -> tuple[Rows, Rows]:
    """Return the rows that have the words next to each other, and how often; none overlap."""
    wanted = split_words(words.text)
    last = len(wanted) - 1
    found = [
        corpus.count_word(word, prefix=words.prefix and place == last)
        for place, word in enumerate(wanted)
    ]
    if len(found) == 1:
        return found[0]
    rows = np.flatnonzero(np.all([_mask(corpus, rows) for rows, _ in found], axis=0))
    phrase = mark_phrase(wanted, prefix=words.prefix)
    texts = corpus.texts
    counts = np.array([texts[row].count(phrase) for row in rows.tolist()], np.int64)
    return rows[counts > 0], counts[counts > 0]


def _find(
    corpus: Corpus,
    field: Field,
    sign: Operator,
    values: Sequence[str],
    among: Mask,
    *,
    regex: bool = False,
) -> Rows:
    """Return the rows of which any value fits one of `values`."""
    column = corpus.column(field)
    found = np.concatenate([column.find(sign, value, regex=regex) for value in values])
    return corpus.descend(found, among) if field.name == "lineage" else found


def _mask(corpus: Corpus, rows: Rows) -> Mask:
    mask = np.zeros(corpus.size, np.bool_)
    mask[rows] = True
    return mask
