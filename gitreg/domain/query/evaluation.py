"""Which documents a query finds, in which order.

This is the plain evaluation, one document after the other; whatever finds them faster must find
the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gitreg.domain.query.document import Document
from gitreg.domain.query.fields import Field, Kind, find_field
from gitreg.domain.query.literals import Test, make_test, sort_key
from gitreg.domain.query.ranking import Texts
from gitreg.domain.query.tree import (
    And,
    Comparison,
    Expression,
    Membership,
    Not,
    Or,
    Order,
    Query,
    Words,
    leaves_of,
)

Place = tuple[str, str]  # a registry, and a version or thing from outside
Holds = Callable[[int], bool]  # of the document of that number


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found, and how well its text fits the words; 0 where there are none."""

    document: Document
    score: float


class Corpus:
    """The documents that a query is put to."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents

    @cached_property
    def texts(self) -> Texts:
        """Their texts, ready to look for words in."""
        return Texts([document.texts for document in self.documents])

    @cached_property
    def children(self) -> Mapping[Place, Sequence[Place]]:
        """What names each version, or thing from outside, as its parent, within one registry."""
        found: dict[Place, list[Place]] = defaultdict(list)
        for document in self.documents:
            for parent in document.values.get("parent", ()):
                found[document.registry, str(parent)].append(document.place)
        return found

    def descend(self, is_ancestor: Test) -> set[Place]:
        """Return the versions of which one of those is a parent, or a parent's parent and so on."""
        waiting = [place for place in self.children if is_ancestor(place[1])]
        found: set[Place] = set()
        while waiting:
            for child in self.children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found


def find(corpus: Corpus, query: Query) -> list[Hit]:
    """Return all that a query finds, whatever its page.

    Best first: by what the query orders by, where those without a value come last; then by score,
    name, version from high to low, and registry.
    """
    where = query.where
    holds = (lambda _: True) if where is None else _compile(corpus, where)
    words = [] if where is None else leaves_of(where, affirmed=True)
    looked_for = dict.fromkeys(leaf for leaf in words if isinstance(leaf, Words))
    scores = (
        corpus.texts.score([corpus.texts.find(leaf) for leaf in looked_for]) if looked_for else {}
    )
    hits = [
        Hit(document, scores.get(number, 0.0))
        for number, document in enumerate(corpus.documents)
        if holds(number)
    ]
    hits.sort(key=lambda hit: hit.document.registry)
    hits.sort(key=lambda hit: hit.document.version, reverse=True)
    hits.sort(key=lambda hit: (-hit.score, hit.document.model))
    for key in reversed(query.order):
        hits = _sort(hits, key)
    return hits


def _sort(hits: list[Hit], order: Order) -> list[Hit]:
    """Order by a field, by the best of its values; equal ones stay as they are."""
    field = field_of(order.field)
    best = max if order.descending else min
    keyed: list[tuple[Any, Hit]] = []
    without: list[Hit] = []
    for hit in hits:
        keys = [sort_key(field.kind, value) for value in values_of(hit.document, field)]
        if keys:
            keyed.append((best(keys), hit))
        else:
            without.append(hit)
    keyed.sort(key=lambda pair: pair[0], reverse=order.descending)
    return [*(hit for _, hit in keyed), *without]


def field_of(name: str) -> Field:
    """Return a field that a parsed query names."""
    return find_field(name) or Field(name, Kind.ANY)


def values_of(document: Document, field: Field) -> Sequence[Any]:
    """Return what a document has in a field; its lineage is shown by its parents."""
    return document.values.get("parent" if field.name == "lineage" else field.name, ())


def _compile(corpus: Corpus, expression: Expression) -> Holds:
    match expression:
        case Words():
            found = corpus.texts.find(expression)
            return lambda number: number in found
        case Comparison(name, operator, value, regex):
            test = make_test(field_of(name).kind, operator, value, regex=regex)
            negated = operator in {"!=", "!~"}
            return _compile_tests(corpus, field_of(name), [test], negated=negated)
        case Membership(name, values):
            tests = [make_test(field_of(name).kind, "=", value) for value in values]
            return _compile_tests(corpus, field_of(name), tests)
        case Not(part):
            inner = _compile(corpus, part)
            return lambda number: not inner(number)
        case And(parts):
            all_of = [_compile(corpus, part) for part in parts]
            return lambda number: all(holds(number) for holds in all_of)
        case Or(parts):
            any_of = [_compile(corpus, part) for part in parts]
            return lambda number: any(holds(number) for holds in any_of)


def _compile_tests(
    corpus: Corpus, field: Field, tests: Sequence[Test], *, negated: bool = False
) -> Holds:
    def fits(value: Any) -> bool:
        return any(test(value) for test in tests)

    documents = corpus.documents
    if field.name == "lineage":
        below = corpus.descend(fits)
        return lambda number: (documents[number].place in below) is not negated
    name = field.name
    return lambda number: any(map(fits, documents[number].values.get(name, ()))) is not negated
