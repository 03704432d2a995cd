"""Which versions fit what somebody needs, best first: decided for all versions at once.

The order is that of the parts that `similarity/merit.py` gives each version on its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice

import numpy as np

from gitreg.domain.version import Version
from gitreg.index.columns import (
    Rows,
    bring_up_to_date,
    read_column,
    read_family,
)
from gitreg.index.embeddings import read_embeddings
from gitreg.index.features import read_measured, read_texts
from gitreg.index.rows import Place, count_versions, read_flagged, read_place
from gitreg.index.values import Mask
from gitreg.similarity.embeddings import Meaning
from gitreg.similarity.likeness import Likeness, Texts
from gitreg.similarity.matrix import Floats
from gitreg.similarity.merit import EVIDENCE, FIT, STAGE, SURE, weigh
from gitreg.similarity.needs import Need
from gitreg.similarity.sentences import SentenceModel
from gitreg.value import Value

_MODELS = "SELECT row, model FROM versions ORDER BY model"


class Wanted(Value):
    """What is asked for; `rate` gives what each stage of a model is worth, in 0 to 1.

    `like` is compared by what words are said, or by what a sentence `model` makes of them.
    """

    task: str | None
    needs: Sequence[Need]
    like: str | None
    model: SentenceModel | None
    top: int
    all_versions: bool
    rate: Callable[[str], Mapping[str, float]]


class Chosen(Value):
    """A version that fits; `fit` is its cosine, and the words that it shares with what is asked.

    A sentence model compares no words, so that there are none of them.
    """

    place: Place
    fit: tuple[float, Sequence[str]] | None


class Choice(Value):
    """What fits, best first. `passed` has each filter, and how many versions it let through."""

    compared: int
    passed: Mapping[str, int]
    words_known: bool
    versions: Sequence[Chosen]


def choose(connection: sqlite3.Connection, wanted: Wanted) -> Choice:
    """Return the best versions, of each model one alone unless all are wanted.

    Equally good ones go by model, and then from the newest down.

    Raises: DamagedError; sqlite3.DatabaseError.
    """
    bring_up_to_date(connection)
    size = count_versions(connection)
    alive = ~_mark(connection, "yanked", size)
    evidence = _Evidence(connection, size)
    found, passed = alive, {}
    if wanted.task is not None:
        found = found & evidence.find_task(wanted.task)
        passed[f"task = {wanted.task}"] = int(found.sum())
    for need in wanted.needs:
        found = found & evidence.meet(need)
        passed[str(need)] = int(found.sum())
    rows, texts = np.flatnonzero(found), None
    places = np.cumsum(alive) - 1  # of rows in the matrix of texts, which has those alive
    if wanted.like is not None:
        texts = _compare(connection, wanted.like, wanted.model, alive)
    fits = None if texts is None else texts.cosines[places[rows]]
    stages = _rate_stages(connection, wanted.rate, size)[rows]
    scores = _sum_up(fits, evidence.rate(len(wanted.needs))[rows], stages)
    ranking = _Ranking(connection, rows, scores)
    best = islice(ranking.walk(each=wanted.all_versions), wanted.top)
    return Choice(
        compared=int(alive.sum()),
        passed=passed,
        words_known=texts is None or texts.is_known,
        versions=[
            Chosen(place=place, fit=_explain(texts, int(places[row]))) for row, place in best
        ],
    )


def _compare(
    connection: sqlite3.Connection, like: str, model: SentenceModel | None, alive: Mask
) -> Likeness | Meaning:
    if model is None:
        return Texts(read_texts(connection).keep_rows(alive)).compare(like)
    return read_embeddings(connection, model).keep_rows(alive).compare(model.embed([like]))


def _explain(texts: Likeness | Meaning | None, place: int) -> tuple[float, Sequence[str]] | None:
    return None if texts is None else (float(texts.cosines[place]), texts.words(place))


def _mark(connection: sqlite3.Connection, flag: str, size: int) -> Mask:
    mask = np.zeros(size, np.bool_)
    mask[read_flagged(connection, flag)] = True
    return mask


class _Evidence:
    """The figures of versions, as `evidence.Evidence` has those of one."""

    def __init__(self, connection: sqlite3.Connection, size: int) -> None:
        self._connection, self._size = connection, size
        self._sure = np.zeros(size)

    def find_task(self, task: str) -> Mask:
        """Return which versions are of a task."""
        rows, tasks = read_column(self._connection, "task")
        mask = np.zeros(self._size, np.bool_)
        mask[rows[np.array([item == task for item in tasks], np.bool_)]] = True
        return mask

    def meet(self, need: Need) -> Mask:
        """Return which versions meet a need, and take in how sure their figures are."""
        figures: dict[int, Decimal] = {}
        sure = np.zeros(self._size)
        if need.kind != "measured":
            rows, values = read_column(self._connection, f"claimed.{need.metric}")
            sure[rows] = SURE["claimed"]
            figures.update(
                (row, Decimal(str(value))) for row, value in zip(rows.tolist(), values, strict=True)
            )
        if need.kind != "claimed":
            found = read_measured(self._connection, need.metric)
            sure[[row for row, _, _ in found]] = SURE["measured"]
            figures.update((row, value) for row, _, value in found)
        meets = {value: need.admits(value) for value in set(figures.values())}
        mask = np.zeros(self._size, np.bool_)
        mask[[row for row, value in figures.items() if meets[value]]] = True
        self._sure += sure
        return mask

    def rate(self, needs: int) -> Floats:
        """Return how sure the figures are that meet the `needs`; where none is, any figures."""
        if needs:
            return self._sure / needs
        sure = np.zeros(self._size)
        sure[read_family(self._connection, "claimed")] = SURE["claimed"]
        sure[[row for row, _, _ in read_measured(self._connection)]] = SURE["measured"]
        return sure


def _rate_stages(
    connection: sqlite3.Connection, rate: Callable[[str], Mapping[str, float]], size: int
) -> Floats:
    """Return what the furthest stage that each version holds is worth."""
    worth = np.zeros(size)
    for model, stage, row in connection.execute("SELECT model, stage, row FROM holders"):
        worth[row] = max(worth[row], rate(model).get(stage, 0.0))
    return worth


def _sum_up(fits: Floats | None, evidence: Floats, stages: Floats) -> list[float]:
    """Return the score of each version, to the last digit what `merit.sum_up` makes of it."""
    weights = (EVIDENCE, STAGE) if fits is None else (FIT, EVIDENCE, STAGE)
    parts = (evidence, stages) if fits is None else (fits, evidence, stages)
    values = list(zip(*(part.tolist() for part in parts), strict=True))
    known = {found: weigh(list(zip(weights, found, strict=True))) for found in set(values)}
    return [known[found] for found in values]


class _Ranking:
    """Rows from the best down; deprecated ones after all others."""

    def __init__(self, connection: sqlite3.Connection, rows: Rows, scores: Sequence[float]) -> None:
        self._connection = connection
        size = count_versions(connection)
        models, deprecated = _number_models(connection, size), _mark(connection, "deprecated", size)
        keys = (models[rows], -np.array(scores, np.float64), deprecated[rows])
        order = np.lexsort(keys)
        self._rows, self._models = rows[order], models[rows[order]]
        is_other = np.zeros(max(len(rows) - 1, 0), np.bool_)
        for key in keys:
            is_other |= key[order][1:] != key[order][:-1]
        edges = (np.flatnonzero(is_other) + 1).tolist()
        self._groups = list(zip([0, *edges], [*edges, len(rows)], strict=True)) if len(rows) else []

    def walk(self, *, each: bool) -> Iterator[tuple[int, Place]]:
        """Yield rows and what they are: `each` of them, or the best of each model."""
        seen: set[int] = set()
        for first, last in self._groups:
            model = int(self._models[first])
            if not each and model in seen:
                continue
            seen.add(model)
            named = [
                (row, read_place(self._connection, row)) for row in self._rows[first:last].tolist()
            ]
            named.sort(key=lambda item: Version.parse(item[1][1]).newness, reverse=True)
            yield from named if each else named[:1]


def _number_models(connection: sqlite3.Connection, size: int) -> Rows:
    """Return the place of each row's model among all models, by name."""
    numbers = np.zeros(size, np.int64)
    found = connection.execute(_MODELS).fetchall()
    known = {model: number for number, model in enumerate(dict.fromkeys(m for _, m in found))}
    numbers[[row for row, _ in found]] = [known[model] for _, model in found]
    return numbers
