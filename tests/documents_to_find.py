"""Documents to put queries to, and the plainest reading of a query that there is."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from gitreg.domain.query import tree
from gitreg.domain.query.document import Document
from gitreg.domain.version import Version
from gitreg.value import replace

DAY = 24 * 60 * 60
NAMES = ("iris", "iris-small", "fraud/scorer")
VERSIONS = ("1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1", "2.0.0")
TEXTS = ("Flower", "flower species", "the Species of a flower", "fraud", "", "a a a")
NUMBERS = ("0.9", "0.95", "1", "1e3", "-2")
ANY = ("botany", "Botany", "0.95", "true", "x")


def document(
    name: str = "iris", version: str = "1.0.0", registry: str = "", **values: Sequence[Any]
) -> Document:
    """Return a document; `metrics__f1=…` is the field metrics.f1, which is claimed.

    Its texts are its name, those in `texts`, and its tags.
    """
    named = {key.replace("__", "."): tuple(found) for key, found in values.items()}
    texts = [name, *map(str, named.pop("texts", ()))]
    for field, found in list(named.items()):
        family, _, member = field.partition(".")
        if family == "tag" and found:
            texts.append(" ".join([member, *(item for item in found if isinstance(item, str))]))
        if family == "metrics":
            named[f"claimed.{member}"] = found
        if family == "measured":
            named[f"metrics.{member}"] = found or named.get(f"claimed.{member}", ())
    parsed = Version.parse(version)
    own = {"name": (name,), "version": (parsed,), "registry": (registry,) if registry else ()}
    for flag in ("newest", "deprecated", "yanked"):
        named[flag] = named.get(flag) or (False,)
    present = {key: found for key, found in {**own, **named}.items() if found}
    return Document(model=name, version=parsed, values=present, texts=texts, registry=registry)


def place_of(item: Document) -> tuple[str, str]:
    """A document's registry and reference: what tells it from all others."""
    return item.registry, item.reference


_scalars = st.sampled_from(["botany", "Botany", "x", True, False, Decimal("0.95"), Decimal(1)])
_references = st.builds("{}@{}".format, st.sampled_from(NAMES), st.sampled_from(VERSIONS))
_figures = st.sampled_from(["0.9", "0.95", "1", "1000", "-2"]).map(Decimal)
_stages = st.sampled_from(["staging", "production"])


@st.composite
def _documents(draw: st.DrawFn, name: str, version: str, registry: str) -> Document:
    def some(values: st.SearchStrategy[Any], most: int = 1) -> Sequence[Any]:
        return draw(st.lists(values, max_size=most, unique=True))

    return document(
        name,
        version,
        registry,
        stage=sorted(some(_stages, 2)),
        held=sorted(some(_stages, 2)),
        registered=[draw(st.integers(0, 4)) * DAY // 2],
        claimed__accuracy=some(_figures),
        measured__accuracy=some(_figures | st.just(Decimal("0.950"))),
        tag__domain=some(_scalars, 2),
        parent=some(_references, 2),
        deprecated=[draw(st.booleans())],
        yanked=[draw(st.booleans())],
        texts=draw(st.lists(st.sampled_from(TEXTS), max_size=2)),
    )


@st.composite
def collections(draw: st.DrawFn, registries: Sequence[str] = ("",)) -> list[Document]:
    """Documents of different versions, one of each model being its newest."""
    all_three = st.tuples(
        st.sampled_from(NAMES), st.sampled_from(VERSIONS), st.sampled_from(registries)
    )
    places = draw(st.lists(all_three, max_size=10, unique=True))
    found = [draw(_documents(*place)) for place in places]
    newest = {(item.registry, item.model): item for item in found}
    return [
        replace(item, values={**item.values, "newest": (item in newest.values(),)})
        for item in found
    ]


_equal = st.sampled_from(["=", "!="])
_ordered = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_fits = st.sampled_from(["~", "!~"])
_days = st.integers(1, 3).map("1970-01-{:02}".format)
_patterns = st.sampled_from(["iris", "*s*", "i?is", "FRAUD*", "r", "1"])
_regexes = st.sampled_from(["^iris$", "i.*s|fraud", "[A-R]{2,}", "(s|l)+$", "1"])
_text_fields = st.sampled_from(["name", "stage", "held", "tag.domain", "lineage", "parent"])
_metrics = st.sampled_from(["metrics.accuracy", "measured.accuracy", "claimed.accuracy"])
_flags = st.sampled_from(["newest", "deprecated", "yanked"])
_leaves = (
    st.builds(
        tree.Words,
        st.sampled_from(["flower", "Species of", "spec", "a", "a a", "iris"]),
        st.booleans(),
    )
    | st.builds(tree.Comparison, st.just("name"), _ordered, st.sampled_from([*NAMES, "IRIS"]))
    | st.builds(tree.Comparison, st.just("stage"), _equal, st.sampled_from(["staging", "none"]))
    | st.builds(tree.Comparison, st.just("version"), _ordered, st.sampled_from(VERSIONS))
    | st.builds(tree.Comparison, _metrics, _ordered, st.sampled_from(NUMBERS))
    | st.builds(tree.Comparison, st.just("tag.domain"), _ordered, st.sampled_from(ANY))
    | st.builds(tree.Comparison, st.just("registered"), _ordered, _days)
    | st.builds(tree.Comparison, st.just("lineage"), _equal, _references)
    | st.builds(tree.Comparison, _flags, _equal, st.sampled_from(["true", "false"]))
    | st.builds(tree.Comparison, st.just("registry"), _equal, st.sampled_from(["a", "b"]))
    | st.builds(tree.Comparison, _text_fields, _fits, _patterns)
    | st.builds(tree.Comparison, _text_fields, _fits, _regexes, st.just(True))
    | st.builds(
        tree.Membership,
        st.sampled_from(["name", "tag.domain"]),
        st.lists(st.sampled_from([*NAMES, *ANY]), min_size=1, max_size=3).map(tuple),
    )
)


def _combine(parts: st.SearchStrategy[tree.Expression]) -> st.SearchStrategy[tree.Expression]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(tree.Not, parts) | st.builds(tree.And, several) | st.builds(tree.Or, several)


expressions = st.recursive(_leaves, _combine, max_leaves=6)
_order_fields = st.sampled_from(
    ["name", "version", "registered", "metrics.accuracy", "stage", "newest", "yanked"]
)
queries = st.builds(
    tree.Query,
    where=st.none() | expressions,
    order=st.lists(st.builds(tree.Order, _order_fields, st.booleans()), max_size=2).map(tuple),
    limit=st.none() | st.integers(0, 10),
    offset=st.none() | st.integers(0, 3),
)


class Reading:
    """Each question answered on its own, one document at a time, without anything prepared."""

    def __init__(self, documents: Sequence[Document], query: tree.Query) -> None:
        self.documents = [
            item
            for item in documents
            if "yanked" in query.fields() or item.values["yanked"] == (False,)
        ]

    def holds(self, item: Document, part: tree.Expression) -> bool:
        match part:
            case tree.Not(inner):
                return not self.holds(item, inner)
            case tree.And(parts):
                return all(self.holds(item, inner) for inner in parts)
            case tree.Or(parts):
                return any(self.holds(item, inner) for inner in parts)
            case tree.Words():
                return occurrences(item, part) > 0
            case tree.Membership(field, values):
                return any(self.holds(item, tree.Comparison(field, "=", v)) for v in values)
            case tree.Comparison(field, sign, value, regex):
                if sign.startswith("!"):
                    positive: Any = "=" if sign == "!=" else "~"
                    return not self.holds(item, tree.Comparison(field, positive, value, regex))
                found = self.ancestors(item) if field == "lineage" else item.values.get(field, ())
                return any(fits(field, own, sign, value, regex=regex) for own in found)

    def ancestors(self, item: Document) -> set[str]:
        found: set[str] = set()
        waiting = [item]
        while waiting:
            for parent in map(str, waiting.pop().values.get("parent", ())):
                if parent not in found:
                    found.add(parent)
                    waiting += [
                        other
                        for other in self.documents
                        if place_of(other) == (item.registry, parent)
                    ]
        return found

    def score(self, item: Document, part: tree.Expression | None) -> float:
        return sum(self._bm25(item, leaf) for leaf in words_under(part))

    def _bm25(self, item: Document, leaf: tree.Words) -> float:
        lengths = [sum(len(words_of(text)) for text in other.texts) for other in self.documents]
        n = sum(occurrences(other, leaf) > 0 for other in self.documents)
        tf = occurrences(item, leaf)
        length = sum(len(words_of(text)) for text in item.texts)
        relative = length / (sum(lengths) / len(lengths))
        idf = math.log(1 + (len(lengths) - n + 0.5) / (n + 0.5))
        return idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * relative)) if tf else 0.0


def words_under(part: tree.Expression | None) -> set[tree.Words]:
    match part:
        case tree.Words():
            return {part}
        case tree.And(parts) | tree.Or(parts):
            return {leaf for inner in parts for leaf in words_under(inner)}
        case _:
            return set()


def words_of(text: str) -> list[str]:
    return re.findall("[a-z0-9]+", text.lower())


def occurrences(item: Document, words: tree.Words) -> int:
    wanted, found = words_of(words.text), 0
    for words_here in map(words_of, item.texts):
        at = 0
        while at + len(wanted) <= len(words_here):
            here = words_here[at : at + len(wanted)]
            last = here[-1].startswith(wanted[-1]) if words.prefix else here[-1] == wanted[-1]
            fitting = here[:-1] == wanted[:-1] and last
            found += fitting
            at += len(wanted) if fitting else 1
    return found


def fits(field: str, own: Any, sign: str, value: str, *, regex: bool) -> bool:
    text = str(own).lower()
    if sign == "~" and regex:
        return re.search(value, text, re.IGNORECASE) is not None
    if sign == "~":
        pattern = value.lower() if set("*?") & set(value) else f"*{value.lower()}*"
        return fnmatch.fnmatchcase(text, pattern)
    if field == "registered":
        day = datetime.fromtimestamp(own, UTC).strftime("%Y-%m-%d")
        return compare(day, sign, value)
    if field == "version":
        return compare(own, sign, Version.parse(value))
    try:
        number = Decimal(value)
    except ArithmeticError:
        number = None
    if isinstance(own, bool):
        return sign == "=" and text == value.lower()
    if isinstance(own, Decimal):
        return number is not None and compare(own, sign, number)
    if field == "tag.domain" and number is not None and sign != "=":
        return False
    return compare(text, sign, value.lower())


def compare(left: Any, sign: str, right: Any) -> bool:
    if sign == "=":
        return bool(left == right)
    less, greater = bool(left < right), bool(left > right)
    return {"<": less, ">": greater, "<=": not greater, ">=": not less}[sign]
