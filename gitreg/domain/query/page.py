"""What a query answers: a page of hits, how many there are in all, and what may be misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from gitreg.domain.moment import iso_time
from gitreg.domain.printable import shorten
from gitreg.domain.query.document import Document
from gitreg.domain.query.fields import Field, Kind, field_of
from gitreg.domain.query.literals import Comparable, text_of
from gitreg.domain.query.mistake import find_nearest
from gitreg.domain.query.tree import Query
from gitreg.domain.spreadsheet import csv_line
from gitreg.domain.version import Version
from gitreg.value import Value

_OWN_COLUMNS = ("name", "version", "stage")
SHOWN = ("registry", *_OWN_COLUMNS, "deprecated", "yanked")  # fields that every hit has


class Hit(Value, kw_only=False):
    """A document that was found, and how well its text fits the words; 0 where there are none."""

    document: Document
    score: float


class Page(Value):
    """The hits from number `offset` on, of `total`; `notes` say what the query may have meant.

    `fields` are those that the query names beside name, version and stage.
    """

    query: Query
    hits: Sequence[Hit]
    total: int
    offset: int = 0
    notes: Sequence[str] = ()

    @property
    def fields(self) -> Sequence[str]:
        """The fields that the query names, without those that every hit has."""
        return [name for name in self.query.fields() if name not in self.columns]

    @property
    def columns(self) -> Sequence[str]:
        """The fields that every hit has; its registry where there are several."""
        several = any(hit.document.registry for hit in self.hits)
        return ("registry", *_OWN_COLUMNS) if several else _OWN_COLUMNS

    @property
    def rest(self) -> int:
        """How many hits come after this page."""
        return max(0, self.total - self.offset - len(self.hits))

    def __iter__(self) -> Iterator[Hit]:
        """Iterate over the hits."""
        return iter(self.hits)

    def __len__(self) -> int:
        """How many hits are on the page."""
        return len(self.hits)

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "query": str(self.query),
            "total": self.total,
            "offset": self.offset,
            "hits": [self._hit(hit) for hit in self.hits],
            "notes": list(self.notes),
        }

    def _hit(self, hit: Hit) -> dict[str, object]:
        values = hit.document.values
        named = {name: field_of(name) for name in self.fields}
        return {
            "registry": hit.document.registry or None,
            "model": hit.document.model,
            "version": str(hit.document.version),
            "score": hit.score,
            "stages": list(values.get("stage", ())),
            "deprecated": is_flagged(hit.document, "deprecated"),
            "yanked": is_flagged(hit.document, "yanked"),
            "fields": {
                name: [_plain(field.kind, value) for value in values_of(hit.document, field)]
                for name, field in named.items()
            },
        }

    def to_csv(self) -> str:
        """Return the page as CSV; several values of a field are separated by a comma."""
        columns = [*self.columns, *self.fields]
        lines = [
            [show_field(hit.document, name, exact=True) or "" for name in columns]
            for hit in self.hits
        ]
        return "".join(map(csv_line, [columns, *lines]))


def values_of(document: Document, field: Field) -> Sequence[Comparable]:
    """Return what a document has in a field; its lineage is shown by its parents."""
    return document.values.get("parent" if field.name == "lineage" else field.name, ())


def is_flagged(document: Document, name: str) -> bool:
    """Whether a document has a field that is true."""
    return document.values.get(name) == (True,)


def show_field(document: Document, name: str, *, exact: bool = False) -> str | None:
    """Return what a document has in a field, None where it has nothing.

    Fractions have six digits, and the times of dates are left out, unless it is to be `exact`.
    """
    field = field_of(name)
    values = values_of(document, field)
    return ", ".join(_show(field.kind, value, exact=exact) for value in values) or None


def note_unknown(name: str, known: Sequence[str]) -> str:
    """Return a note on a field that no version has; `known` are others of its family."""
    near = find_nearest(name, known)
    meant = f"; did you mean {near}?" if near else ""
    return f"no version has {name[:80]}{meant}"


def _show(kind: Kind, value: Comparable, *, exact: bool) -> str:
    if kind is Kind.TIME and isinstance(value, int):
        return iso_time(value) if exact else iso_time(value).partition("T")[0]
    if isinstance(value, Decimal) and not exact and value.as_tuple().exponent != 0:
        return shorten(value)
    return text_of(value)


def _plain(kind: Kind, value: Comparable) -> object:
    """Return a value as JSON has it."""
    if isinstance(value, Decimal):
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    if kind is Kind.TIME and isinstance(value, int):
        return iso_time(value)
    return str(value) if isinstance(value, Version) else value
