"""The space in which versions lie: a vector each, how near two of them are, and what made them so.

A vector is its blocks one after another, each multiplied by the root of its weight; the weights sum
to 1. What a version does not state is 0 in its vector, which makes it neither near nor far: it adds
nothing to a cosine, and to a distance what lies half-way between the same text, architecture or
signature and one that shares nothing, or what the average figure would add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, Protocol, get_args

import numpy as np

from gitreg.errors import UsageError
from gitreg.similarity import features, scaling
from gitreg.similarity.features import Features, Profile
from gitreg.similarity.matrix import Floats, Matrix, MatrixBuilder, Places
from gitreg.value import Value, replace

Metric = Literal["cosine", "euclidean"]
METRICS: tuple[Metric, ...] = get_args(Metric)
Order = Callable[[list[int]], list[int]]

_DIGITS = 9  # after the point; what differs beyond is rounding, and ties
_TERMS = 3  # of each block, the heaviest


class Block(Value):
    """A part of the vector: how it is read and scaled, and how much of the whole it weighs."""

    name: str
    weight: float
    read: Callable[[Profile], Features]
    scale: Callable[[Matrix], Matrix]


TEXT = Block(name="text", weight=0.4, read=features.read_words, scale=scaling.scale_words)
FIGURES = Block(name="metrics", weight=0.15, read=features.read_metrics, scale=scaling.standardise)
BLOCKS = (
    TEXT,
    Block(
        name="architecture",
        weight=0.15,
        read=features.read_architecture,
        scale=scaling.scale_rows,
    ),
    Block(
        name="hyperparameters",
        weight=0.15,
        read=features.read_hyperparameters,
        scale=scaling.standardise,
    ),
    Block(name="signature", weight=0.15, read=features.read_signature, scale=scaling.scale_rows),
    FIGURES,
)


class Rows(Protocol):
    """A block of the vectors of some versions, scaled: a row a version."""

    def is_stated(self, place: int) -> bool:
        """Whether one version states anything."""

    def dense_row(self, place: int) -> Floats:
        """Return one row, zeros included."""

    def square_lengths(self) -> Floats:
        """Return the square of each row's length."""

    def multiply(self, row: Floats) -> Floats:
        """Return the inner product of each row with `row`."""

    def square_distances(self, row: Floats) -> Floats:
        """Return the square of each row's distance from `row`."""

    def find_shares(self, place: int, row: Floats) -> tuple[Sequence[str | None], Floats]:
        """Return what adds to one row's product with `row`, by name where it has one."""


class Term(Value):
    """What two versions share, or differ in, and what that adds to their cosine."""

    block: str
    name: str
    contribution: float


class Neighbour(Value):
    """The version at `place`, and how near it is.

    `score` is the cosine, the sum of `blocks`, in -1 to 1; or the distance, the root of the sum of
    `blocks`. `terms` are the heaviest of each block's contributions to a cosine, `others` is the
    sum of the rest. `missing` are the blocks of which one of the two states nothing.
    """

    place: int
    score: float
    blocks: Mapping[str, float]
    missing: tuple[str, ...]
    terms: tuple[Term, ...] = ()
    others: float = 0.0


def name_words(found: Neighbour, words: Sequence[tuple[str, float]], *, cosine: float) -> Neighbour:
    """Return a neighbour with the words that are heaviest in what its text adds to the cosine.

    `words` have what each adds to the `cosine` of the two texts alone.
    """
    factor = found.blocks[TEXT.name] / cosine if abs(cosine) > 10**-_DIGITS else 0.0
    heaviest = sorted(words, key=lambda word: -abs(word[1]))[:_TERMS]
    terms = [
        Term(block=TEXT.name, name=word, contribution=_round(factor * share))
        for word, share in heaviest
    ]
    terms = [term for term in terms if term.contribution]
    return replace(
        found,
        terms=tuple(sorted([*found.terms, *terms], key=lambda term: -abs(term.contribution))),
        others=_round(found.others - sum(term.contribution for term in terms)),
    )


def read_blocks(profiles: Iterable[Profile]) -> dict[str, Matrix]:
    """Return what versions state, by block, each a row of its matrix; nothing is scaled yet."""
    builders = {block.name: MatrixBuilder() for block in BLOCKS}
    for profile in profiles:
        for block in BLOCKS:
            builders[block.name].add(block.read(profile))
    return {name: builder.build() for name, builder in builders.items()}


class Space:
    """The vectors of some versions, which are told apart by their places in it."""

    def __init__(self, stated: Mapping[str, Matrix], texts: Rows | None = None) -> None:
        """Scale what the versions state, by block; `texts` stand for the block of that name."""
        self._rows: list[tuple[Block, Rows]] = [
            (block, texts if texts and block is TEXT else block.scale(stated[block.name]))
            for block in BLOCKS
        ]
        squares = [block.weight * rows.square_lengths() for block, rows in self._rows]
        self._lengths = np.sqrt(np.sum(squares, axis=0))

    def has_direction(self, place: int) -> bool:
        """Whether there is anything by which the version could be told apart."""
        return bool(self._lengths[place] > 0)

    def find_nearest(
        self, place: int, candidates: Places, *, metric: Metric, top: int, order: Order
    ) -> list[Neighbour]:
        """Return the `top` candidates that are nearest to the version at `place`, nearest first.

        `order` puts candidates in the order in which those are that are equally near, to nine
        digits after the point.
        """
        parts = self._measure(place, metric)
        scores = parts.sum(axis=0)
        farness = np.round(-scores if metric == "cosine" else np.sqrt(scores), _DIGITS)
        if top < len(candidates):
            # Only these are put in order: versions are many, and their order is dear to find.
            limit = np.partition(farness[candidates], top - 1)[top - 1]
            candidates = candidates[farness[candidates] <= limit]
        nearest = sorted(order(candidates.tolist()), key=farness.__getitem__)
        return [self._explain(place, found, parts[:, found], metric) for found in nearest[:top]]

    def _explain(self, place: int, found: int, parts: Floats, metric: Metric) -> Neighbour:
        total = float(parts.sum())
        score = total if metric == "cosine" else float(np.sqrt(total))
        terms, others = self._find_terms(place, found) if metric == "cosine" else ([], 0.0)
        return Neighbour(
            place=found,
            score=_round(score),
            blocks={
                block.name: _round(part) for (block, _), part in zip(self._rows, parts, strict=True)
            },
            missing=tuple(
                block.name
                for block, rows in self._rows
                if not (rows.is_stated(place) and rows.is_stated(found))
            ),
            terms=tuple(terms),
            others=_round(others),
        )

    def _measure(self, place: int, metric: Metric) -> Floats:
        """Return what each block adds, (blocks, versions).

        That is to the cosine x . y / (|x| |y|), which is 0 where one of them is 0, or to the square
        of the distance, |x - y|^2.
        """
        parts = []
        for block, rows in self._rows:
            row = rows.dense_row(place)
            if metric == "cosine":
                products = self._lengths * self._lengths[place]
                products[products == 0] = 1.0
                parts.append(block.weight * rows.multiply(row) / products)
            else:
                parts.append(block.weight * rows.square_distances(row))
        return np.stack(parts)

    def _find_terms(self, place: int, found: int) -> tuple[list[Term], float]:
        """Return what adds most to the cosine of two versions, and the sum of all the rest."""
        lengths = self._lengths[place] * self._lengths[found] or 1.0
        terms, others = [], 0.0
        for block, rows in self._rows:
            names, products = rows.find_shares(found, rows.dense_row(place))
            shares = block.weight * products / lengths
            order = np.argsort(-np.abs(np.round(shares, _DIGITS)), kind="stable")
            others += float(shares[order[_TERMS:]].sum())
            for entry in order[:_TERMS]:
                name, share = names[entry], float(shares[entry])
                if name is None:
                    others += share
                else:
                    terms.append(Term(block=block.name, name=name, contribution=_round(share)))
        terms = [term for term in terms if term.contribution]
        return sorted(terms, key=lambda term: -abs(term.contribution)), others


def parse_metric(text: str) -> Metric:
    """Return how nearness is measured.

    Raises: UsageError.
    """
    for metric in METRICS:
        if metric == text:
            return metric
    raise UsageError(f"nothing is measured by {text!r}", next_step=f"use {' or '.join(METRICS)}")


def _round(value: float) -> float:
    return round(float(value), _DIGITS) + 0.0  # no -0.0
