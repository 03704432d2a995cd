"""Reading YAML 1.2's core schema, strictly.

`no`, `1:30` and dates are texts, `1e-3` is a number; duplicate keys, anchors, aliases and tags
are refused; depth and size are bounded. Every value knows its line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import yaml

from gitreg.domain.finding import Finding
from gitreg.errors import InvalidError, SetupError
from gitreg.value import Value, replace

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_VALUES = 100_000  # each is remembered with its path

Path = tuple[str | int, ...]

# PyYAML types none of the attributes that its events have.
_Event = Any

# PyYAML's own parser reads a few texts differently (tabs, `!`, byte order marks): with it, somebody
# would find a signed policy void that holds for everybody else.
_Loader: Any = getattr(yaml, "CSafeLoader", None)
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_INT = re.compile(r"[-+]?[0-9]{1,300}")
_OCTAL = re.compile(r"0o[0-7]{1,100}")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# libyaml compares each such line with all before: 1 MiB of them would keep it busy for 20 seconds.
_TAG_LINE = re.compile("(?:\\A\ufeff?|[\r\n\x85\u2028\u2029])%TAG")
_SPECIAL = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}


class Span(Value, kw_only=False):
    """Where a value stands: offsets into the text, its line and column from 0.

    `key` is the offset of its key in a mapping; `flow` tells `{…}` and `[…]` from blocks.
    """

    start: int
    end: int
    line: int
    column: int
    key: int | None = None
    flow: bool = False


class Document(Value):
    """A value read from YAML; `spans` tells where each part of it stands, by path."""

    value: Any
    spans: Mapping[Path, Span] = {}

    def line(self, path: Path) -> int:
        """Return the line, from 1, of the value at `path`, or of the nearest one around it."""
        while path and path not in self.spans:
            path = path[:-1]
        span = self.spans.get(path)
        return span.line + 1 if span else 1


def load(data: bytes, *, name: str) -> Document:
    """Read one document; `name` is the file's, for errors.

    Raises: InvalidError with one finding that has the line; SetupError without libyaml.
    """
    if _Loader is None:
        raise SetupError(
            "PyYAML is installed here without libyaml, and would read some files differently",
            next_step="pip install --force-reinstall --only-binary pyyaml pyyaml",
        )
    if len(data) > MAX_BYTES:
        raise invalid(name, 1, f"the file has {len(data)} bytes, over {MAX_BYTES}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise invalid(name, line, "the text is not UTF-8", "save the file as UTF-8") from error
    if match := _TAG_LINE.search(text):
        line = text.count("\n", 0, match.end()) + 1
        raise invalid(name, line, "tag directives (%TAG) are not read", "remove it")
    return _Reader(name).read(text)


class _Reader:
    """Builds the value from events with a stack of its own, so that depth cannot hurt."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.spans: dict[Path, Span] = {}
        self.stack: list[_Open] = []
        self.root: Any = None

    def read(self, text: str) -> Document:
        documents = 0
        try:
            for event in yaml.parse(text, Loader=_Loader):
                documents += isinstance(event, yaml.DocumentStartEvent)
                if documents > 1:
                    raise self.wrong(event, "there is a second document (---)", "keep one")
                self.take(event)
        except yaml.YAMLError as error:
            line = _line_of(error, text)
            what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
            raise invalid(self.name, line, f"this is not YAML: {what}") from error
        return Document(value=self.root, spans=self.spans)

    def wrong(self, event: _Event, what: str, next_step: str | None = None) -> InvalidError:
        return invalid(self.name, event.start_mark.line + 1, what, next_step)

    def take(self, event: _Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self.wrong(event, "anchors (&) and aliases (*) are not read", "write it out")
        if getattr(event, "tag", None) and event.tag != "!":
            raise self.wrong(event, f"the tag {event.tag[:80]} is not read", "remove it")
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] and not event.style
            self.place(resolve(event.value) if plain else event.value, event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(self.stack) >= MAX_DEPTH:
                raise self.wrong(event, f"the nesting is deeper than {MAX_DEPTH} levels")
            value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            path = self.place(value, event)
            self.stack.append(_Open(value, path))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.close(event)

    def close(self, event: _Event) -> None:
        """Note where a collection ends: at its bracket, or with the last value in its block."""
        closed = self.stack.pop()
        span = self.spans[closed.path]
        end = event.end_mark.index if span.flow else max(closed.end, span.start)
        self.spans[closed.path] = replace(span, end=end)
        if self.stack:
            self.stack[-1].end = end

    def place(self, value: Any, event: _Event) -> Path:
        """Put a value where it belongs, and return its path."""
        path: Path = ()
        key: int | None = None
        if not self.stack:
            self.root = value
        elif isinstance((top := self.stack[-1]).value, list):
            path = (*top.path, len(top.value))
            top.value.append(value)
        elif top.key is None:
            top.key, top.key_start = self.key(event, top), event.start_mark.index
            return (*top.path, top.key)
        else:
            path, key = (*top.path, top.key), top.key_start
            top.value[top.key] = value
            top.key = None
        mark, end = event.start_mark, event.end_mark.index
        flow = bool(getattr(event, "flow_style", False))
        if len(self.spans) >= MAX_VALUES:
            raise self.wrong(event, f"there are more than {MAX_VALUES} values")
        self.spans[path] = Span(mark.index, end, mark.line, mark.column, key, flow)
        if self.stack:
            self.stack[-1].end = end
        return path

    def key(self, event: _Event, top: _Open) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self.wrong(event, "a key must be a text")
        if event.value == "<<" and not event.style:
            raise self.wrong(event, "merge keys (<<) are not read", "write it out")
        if event.value in top.value:
            raise self.wrong(
                event, f"the key {event.value[:80]} is there twice", "keep one of them"
            )
        return str(event.value)


class _Open:
    """A mapping or sequence that is being read."""

    def __init__(self, value: Any, path: Path) -> None:
        self.value = value
        self.path = path
        self.key: str | None = None
        self.key_start = 0
        self.end = 0


def resolve(text: str) -> Any:
    """Return what a plain scalar stands for in the core schema."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text, 0)
    if _HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return _SPECIAL.get(text.lower(), text)


def _line_of(error: yaml.YAMLError, text: str) -> int:
    """Return the line, from 1, that PyYAML stopped at; it counts bytes where it has no mark."""
    if mark := getattr(error, "problem_mark", None):
        return int(mark.line) + 1
    return text.encode()[: getattr(error, "position", 0)].count(b"\n") + 1


def invalid(name: str, line: int, what: str, next_step: str | None = None) -> InvalidError:
    """Return the error of one place in a YAML file."""
    where = f"{name}:{line}"
    finding = Finding(severity="error", code="yaml", where=where, what=what, next_step=next_step)
    return InvalidError(f"{where}: {what}", findings=[finding], next_step=next_step)
