"""What a version states of itself, block by block, as named figures.

A `model.json` was signed, which proves who wrote it and not that it follows the schema: what is
of another type than it should be is passed over.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from gitreg.value import Value

# scikit-learn's `token_pattern`: two letters, digits or underscores at least.
_WORD = re.compile(r"\w\w+")
_LONGEST = 200  # characters of a value that is taken as it is, such as `kernel = rbf`


class Profile(Value):
    """A version as others are compared with it: its `model.json`, and a figure for each metric."""

    metadata: Mapping[str, Any]
    metrics: Mapping[str, Decimal]


class Features(Value):
    """One block of one version: `marks` weigh as they are, `figures` are to be standardised."""

    marks: Mapping[str, float] = {}
    figures: Mapping[str, float] = {}


def split_words(text: str) -> list[str]:
    """Return the words of a text, in lower case, as scikit-learn's TfidfVectorizer finds them."""
    return _WORD.findall(text.lower())


def locate_words(text: str) -> list[tuple[int, int, str]]:
    """Return where each word of a text begins and ends, and the word in lower case."""
    return [(*found.span(), found[0].lower()) for found in _WORD.finditer(text)]


def read_texts(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return what a version says in words, by field: its description, task, tags and card."""
    found = {name: metadata.get(name) for name in ("description", "task")}
    for tag, value in _items(metadata.get("tags")):
        found[f"tags.{tag}"] = f"{tag} {value}" if isinstance(value, str | int | float) else tag
    for part, value in _items(metadata.get("card")):
        found[f"card.{part}"] = value
    return {name: text for name, text in found.items() if isinstance(text, str)}


def find_fields(metadata: Mapping[str, Any], word: str) -> tuple[str, ...]:
    """Return the fields in which a version says `word`."""
    texts = read_texts(metadata).items()
    return tuple(name for name, text in texts if word in split_words(text))


def count_words(metadata: Mapping[str, Any]) -> dict[str, float]:
    """Return how often a version says each word."""
    words: Counter[str] = Counter()
    for text in read_texts(metadata).values():
        words.update(split_words(text))
    return {word: float(count) for word, count in words.items()}


def read_words(profile: Profile) -> Features:
    """Return the words of description, task, tags and card, each as often as it is said."""
    return Features(marks=count_words(profile.metadata))


def read_architecture(profile: Profile) -> Features:
    """Return the family of the architecture."""
    family = _within(profile.metadata, "architecture").get("family")
    return Features(marks={family.casefold(): 1.0} if isinstance(family, str) else {})


def read_hyperparameters(profile: Profile) -> Features:
    """Return each hyper-parameter's name, and its value: numbers as figures, others as marks."""
    marks, figures = {}, {}
    given = _within(profile.metadata, "architecture").get("hyperparameters")
    for name, value in _leaves(given, ""):
        marks[name] = 1.0
        if isinstance(value, int | float) and not isinstance(value, bool):
            figures[f"{name} (value)"] = float(value)
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            marks[f"{name} = {text[:_LONGEST]}"] = 1.0
    return Features(marks=marks, figures=figures)


def read_signature(profile: Profile) -> Features:
    """Return the name of each tensor that goes in or comes out, and its datatype and shape."""
    marks: Counter[str] = Counter()
    for way, tensors in _items(profile.metadata.get("signature")):
        for tensor in tensors if isinstance(tensors, list) else ():
            if isinstance(tensor, Mapping):
                marks[f"{way}: {tensor.get('name')}"] += 1
                marks[f"{way}: {tensor.get('datatype')} {tensor.get('shape')}"] += 1
    return Features(marks={name: float(count) for name, count in marks.items()})


def read_metrics(profile: Profile) -> Features:
    """Return the metrics, but for integers that are larger than any double."""
    figures = {name: float(value) for name, value in profile.metrics.items()}
    return Features(figures={name: x for name, x in figures.items() if math.isfinite(x)})


def _within(metadata: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = metadata.get(name)
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> list[tuple[str, Any]]:
    return sorted(value.items()) if isinstance(value, Mapping) else []


def _leaves(value: object, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the values of nested mappings, each by its dotted path."""
    for name, inner in _items(value):
        if isinstance(inner, Mapping):
            yield from _leaves(inner, f"{path}{name}.")
        else:
            yield f"{path}{name}", inner
