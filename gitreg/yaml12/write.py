"""Writing YAML: whole values, and one value into a text that a person wrote."""

from __future__ import annotations

from typing import Any

import yaml

from gitreg.errors import InvalidError
from gitreg.yaml12.read import Document, Span, invalid, load, resolve


class _Dumper(yaml.SafeDumper):
    """Quotes texts that either YAML 1.1 or 1.2 would read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write values out each time: aliases are not read back."""
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        """Indent the items of a list below their key."""
        del indentless
        super().increase_indent(flow, indentless=False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = None if isinstance(resolve(text), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump(value: object) -> str:
    """Return `value` as YAML that `load` reads back the same; numbers are finite."""
    text = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=False,
    )
    # The end of the document, which a text alone may need, is no line that a value ends with.
    return text.removesuffix("...\n") if text.endswith("\n...\n") else text


def edit(text: str, path: tuple[str, ...], value: object, *, name: str) -> str:
    """Return `text` with `value` at `path`, all else as it was, comments included.

    Missing keys are added at the end of their mapping. What stands in flow style (`{…}`) on the
    way is written out as a block.

    Raises: InvalidError where `text` cannot be read, is not a mapping, or is written in a way that
    does not take the value.
    """
    document = load(text.encode(errors="surrogateescape"), name=name)
    if not isinstance(document.value, dict | None):
        raise invalid(name, 1, "the file is not a mapping of keys to values")
    edited = _edit(text, document, path, value)
    if edited != text and not _says(edited, _merged(document.value, path, value)):
        line, field = document.line(path), ".".join(path)
        what = f"{field} cannot be written here without a change of something else"
        raise invalid(name, line, what, "write the file as plain lines of key: value")
    return edited


def _says(text: str, value: object) -> bool:
    try:
        return repr(load(text.encode(), name="").value) == repr(value)
    except InvalidError:
        return False


def _edit(text: str, document: Document, path: tuple[str, ...], value: object) -> str:
    if document.value is None:
        return _ended(text) + _block(path, value, indent=0)
    depth = 0
    while depth < len(path) and path[: depth + 1] in document.spans:
        depth += 1
    around = path[: min(depth, len(path) - 1)]
    while around and not _has_room(document, around):
        path, value = around, _merged(_at(document.value, around), path[len(around) :], value)
        depth = len(around)
        around = around[:-1]
    if document.spans[()].flow:
        return dump(_merged(document.value, path, value))
    if depth == len(path):
        return _replace(text, document, path, value)
    return _insert(text, document, path, depth, value)


def _has_room(document: Document, path: tuple[str, ...]) -> bool:
    """Whether the value at `path` is a mapping in block style."""
    return isinstance(_at(document.value, path), dict) and not document.spans[path].flow


def _replace(text: str, document: Document, path: tuple[str, ...], value: object) -> str:
    if repr(_at(document.value, path)) == repr(value):
        return text
    span = document.spans[path]
    start = text.rfind("\n", 0, span.key or 0) + 1
    indent = document.spans[path[:-1]].column
    return text[:start] + _block(path[-1:], value, indent=indent) + text[_line_end(text, span) :]


def _insert(text: str, document: Document, path: tuple[str, ...], depth: int, value: object) -> str:
    around = document.spans[path[:depth]]
    end = _line_end(text, around) if depth else len(text)
    block = _block(path[depth:], value, indent=around.column)
    return _ended(text[:end]) + block + text[end:]


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _merged(inside: object, path: tuple[str, ...], value: object) -> object:
    if not path:
        return value
    copy = dict(inside) if isinstance(inside, dict) else {}
    copy[path[0]] = _merged(copy.get(path[0]), path[1:], value)
    return copy


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _line_end(text: str, span: Span) -> int:
    """Return the offset after the last line that the value stands on."""
    end = span.end
    while end > span.start and text[end - 1] in " \n":
        end -= 1
    newline = text.find("\n", end)
    return len(text) if newline < 0 else newline + 1


def _block(path: tuple[str, ...], value: object, *, indent: int) -> str:
    for key in reversed(path):
        value = {key: value}
    return "".join(f"{' ' * indent}{line}\n" for line in dump(value).splitlines())
