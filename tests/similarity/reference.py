"""The same answers by plain arithmetic over dictionaries, one pair of versions at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gitreg.similarity.features import Features, Profile
from gitreg.similarity.space import BLOCKS

Vector = dict[tuple[str, str], float]


def vectors_of(profiles: Sequence[Profile]) -> list[Vector]:
    """Each version's whole vector, by block and name."""
    vectors: list[Vector] = [{} for _ in profiles]
    for block in BLOCKS:
        rows = [block.read(profile) for profile in profiles]
        if block.name == "text":
            scaled = [_unit(_tf_idf(row.marks, rows)) for row in rows]
        elif block.name in ("hyperparameters", "metrics"):
            scaled = _level([_standard(row, rows) for row in rows])
        else:
            scaled = [_unit(row.marks) for row in rows]
        for vector, row in zip(vectors, scaled, strict=True):
            weight = math.sqrt(block.weight)
            vector.update({(block.name, name): weight * value for name, value in row.items()})
    return vectors


def _tf_idf(words: Mapping[str, float], rows: Sequence[Features]) -> dict[str, float]:
    found = {word: sum(word in row.marks for row in rows) for word in words}
    return {
        word: count * (math.log((1 + len(rows)) / (1 + found[word])) + 1)
        for word, count in words.items()
    }


def _unit(row: Mapping[str, float]) -> dict[str, float]:
    length = math.hypot(*row.values())
    return {name: value / length for name, value in row.items()}


def _standard(row: Features, rows: Sequence[Features]) -> dict[str, float]:
    scores = {}
    for name, value in row.figures.items():
        known = [other.figures[name] for other in rows if name in other.figures]
        unit = max(map(abs, known)) or 1.0
        mean = math.fsum(number / unit for number in known) / len(known)
        squares = [(number / unit - mean) ** 2 for number in known]
        spread = math.sqrt(math.fsum(squares) / len(known))
        scores[name] = (value / unit - mean) / spread if len(set(known)) > 1 else 0.0
    return {**row.marks, **scores}


def _level(rows: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    stating = [row for row in rows if row]
    total = math.fsum(value**2 for row in stating for value in row.values())
    scale = math.sqrt(total / len(stating)) if total else 1.0
    return [{name: value / scale for name, value in row.items()} for row in rows]


def cosine(one: Vector, other: Vector) -> float:
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    products = [value * other[key] for key, value in one.items() if key in other]
    return math.fsum(products) / lengths if lengths else 0.0


def distance(one: Vector, other: Vector) -> float:
    keys = {**one, **other}
    return math.hypot(*(one.get(key, 0.0) - other.get(key, 0.0) for key in keys))
