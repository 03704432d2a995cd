"""The space in which versions lie: a vector each, how near two of them are, and what made them so.

A vector is its blocks one after another, each multiplied by the root of its weight; the weights sum
to 1. What a version does not state is 0 in its vector, which makes it neither near nor far: it adds
nothing to a cosine, and to a distance what lies half-way between the same text, architecture or
signature and one that shares nothing, or what the average figure would add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, get_args

import numpy as np

from gitreg.errors import UsageError
from gitreg.similarity import features, scaling
from gitreg.similarity.features import Features, Profile
from gitreg.similarity.matrix import Floats, Matrix, MatrixBuilder, Places
from gitreg.value import Value

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


def read_blocks(profiles: Iterable[Profile]) -> dict[str, Matrix]:
    """Return what versions state, by block, each a row of its matrix; nothing is scaled yet."""
    builders = {block.name: MatrixBuilder() for block in BLOCKS}
    for profile in profiles:
        for block in BLOCKS:
            builders[block.name].add(block.read(profile))
    return {name: builder.build() for name, builder in builders.items()}


class Space:
    """The vectors of some versions, which are told apart by their places in it."""

    def __init__(self, stated: Mapping[str, Matrix]) -> None:
        """Scale what the versions state, by block."""
        self._matrices = [(block, block.scale(stated[block.name])) for block in BLOCKS]
        squares = [block.weight * m.sum_by_row(m.values**2) for block, m in self._matrices]
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
                block.name: _round(part)
                for (block, _), part in zip(self._matrices, parts, strict=True)
            },
            missing=tuple(
                block.name
                for block, matrix in self._matrices
                if not (len(matrix.row(place)[0]) and len(matrix.row(found)[0]))
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
        for block, matrix in self._matrices:
            row = matrix.dense_row(place)
            if metric == "cosine":
                products = self._lengths * self._lengths[place]
                products[products == 0] = 1.0
                parts.append(block.weight * matrix.multiply(row) / products)
            else:
                parts.append(block.weight * matrix.square_distances(row))
        return np.stack(parts)

    def _find_terms(self, place: int, found: int) -> tuple[list[Term], float]:
        """Return what adds most to the cosine of two versions, and the sum of all the rest."""
        lengths = self._lengths[place] * self._lengths[found] or 1.0
        terms, others = [], 0.0
        for block, matrix in self._matrices:
            columns, values = matrix.row(found)
            shares = block.weight * values * matrix.dense_row(place)[columns] / lengths
            order = np.argsort(-np.abs(np.round(shares, _DIGITS)), kind="stable")
            others += float(shares[order[_TERMS:]].sum())
            terms += [
                Term(
                    block=block.name,
                    name=matrix.names[columns[entry]],
                    contribution=_round(shares[entry]),
                )
                for entry in order[:_TERMS]
            ]
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
