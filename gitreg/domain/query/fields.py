"""The fields that a query may name, and of which kind their values are."""

from __future__ import annotations

import enum

from gitreg.domain.query.mistake import find_nearest
from gitreg.value import Value


class Kind(enum.Enum):
    """What a field's values are; the value is what messages call one."""

    TEXT = "a text"
    NUMBER = "a number"
    BYTES = "a number of bytes"
    VERSION = "a version"
    RELEASE = "the version of a package"
    TIME = "a date"
    FLAG = "true or false"
    ANY = "a text, a number, true or false"


class Field(Value, kw_only=False):
    """One field, by the name that documents have it under."""

    name: str
    kind: Kind


FIELDS = {
    "registry": Kind.TEXT,
    "name": Kind.TEXT,
    "version": Kind.VERSION,
    "description": Kind.TEXT,
    "task": Kind.TEXT,
    "license": Kind.TEXT,
    "author": Kind.TEXT,
    "framework.name": Kind.TEXT,
    "framework.version": Kind.RELEASE,
    "family": Kind.TEXT,
    "parameters": Kind.NUMBER,
    "dataset": Kind.TEXT,
    "parent": Kind.TEXT,
    "lineage": Kind.TEXT,
    "format": Kind.TEXT,
    "size": Kind.BYTES,
    "stage": Kind.TEXT,
    "held": Kind.TEXT,
    "registered": Kind.TIME,
    "by": Kind.TEXT,
    "newest": Kind.FLAG,
    "deprecated": Kind.FLAG,
    "yanked": Kind.FLAG,
}
FAMILIES = {
    "metrics": Kind.NUMBER,
    "measured": Kind.NUMBER,
    "claimed": Kind.NUMBER,
    "params": Kind.ANY,
    "tag": Kind.ANY,
}
_OTHER_NAMES = {
    "model": "name",
    "framework": "framework.name",
    "authors": "author",
    "parents": "parent",
    "stages": "stage",
    "tags": "tag",
    "metric": "metrics",
    "param": "params",
    "licence": "license",
}


def find_field(name: str) -> Field | None:
    """Return the field of that name, None where there is none."""
    plain = name.lower()
    plain = _OTHER_NAMES.get(plain, plain)
    if plain in FIELDS:
        return Field(plain, FIELDS[plain])
    family, _, member = name.partition(".")
    family = _OTHER_NAMES.get(family.lower(), family.lower())
    return Field(f"{family}.{member}", FAMILIES[family]) if family in FAMILIES and member else None


def field_of(name: str) -> Field:
    """Return a field that a parsed query names."""
    return find_field(name) or Field(name, Kind.ANY)


def suggest_field(name: str) -> str:
    """Return what to do about a field that does not exist."""
    family, point, member = name.partition(".")
    if family.lower() in {*FAMILIES, *_OTHER_NAMES} and not member:
        return f"name one of them, such as {family.lower()}.NAME"
    near = find_nearest(family, [*FAMILIES, *_OTHER_NAMES]) if point and member else None
    nearest = f"{near}.{member[:60]}" if near and find_field(f"{near}.x") else None
    nearest = nearest or find_nearest(name, [*FIELDS, *_OTHER_NAMES])
    known = ", ".join([*FIELDS, *(f"{family}.X" for family in FAMILIES)])
    return (
        f"did you mean {nearest}?"
        if nearest
        else f"put quotes around words to look for; the fields are {known}"
    )
