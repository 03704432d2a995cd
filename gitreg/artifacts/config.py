"""DVC's configuration files: sections of `key = value` lines, in time that grows with their length.

The format is ConfigObj's, as far as DVC writes it. ConfigObj itself matches lines with patterns
that 90 hostile bytes keep busy for minutes, and a foreign `.dvc/config` is read before anything
of it is known.
"""

from __future__ import annotations

import re
from collections.abc import Container

Config = dict[str, dict[str, str]]

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_QUOTES = ('"""', "'''", '"', "'")


def parse_config(text: str) -> Config:
    """Return the values of each section; names are in lower case, as DVC takes them.

    Lists are left out, and so is what stands before the first section: nothing there is for us.

    Raises: ValueError that names the line.
    """
    config: Config = {}
    section: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        try:
            section = _read_line(line.strip(), config, section)
        except ValueError as error:
            raise ValueError(f"line {number} {error}") from error
    return config


def _read_line(line: str, config: Config, section: dict[str, str]) -> dict[str, str]:
    """Put what a line says where it belongs, and return the section that goes on."""
    if _CONTROL.search(line):
        raise ValueError("has a control character")
    if not line or line.startswith("#"):
        return section
    if line.startswith("["):
        return config.setdefault(_new_name(_read_section(line), config), {})
    key, equals, text = line.partition("=")
    if not equals:
        raise ValueError("is neither a [section] nor key = value")
    name = _new_name(_read_text(key) or "", section)
    value = _read_text(text)
    if value is not None:
        section[name] = value
    return section


def _new_name(name: str, known: Container[str]) -> str:
    if not name:
        raise ValueError("has no name")
    if name.lower() in known:
        raise ValueError(f"names {name[:60]!r} a second time")
    return name.lower()


def _read_section(line: str) -> str:
    inside = line[1:].strip()
    quoted, rest = _split_quoted(inside)
    plain, bracket, rest = rest.partition("]")
    both = quoted is not None and plain.strip()
    if not bracket or both or plain.startswith("[") or not _is_comment(rest):
        raise ValueError("is not a [section]")
    return plain.strip() if quoted is None else quoted


def _read_text(written: str) -> str | None:
    quoted, rest = _split_quoted(written.strip())
    if quoted is not None:
        return quoted if _is_comment(rest) else None
    plain = rest.partition("#")[0].strip()
    return None if "," in plain else plain


def _split_quoted(text: str) -> tuple[str | None, str]:
    """Return what is quoted at the beginning, and what follows; None where nothing is.

    Raises: ValueError where the quote has no end.
    """
    for quote in _QUOTES:
        if text.startswith(quote):
            inside, end, rest = text[len(quote) :].partition(quote)
            if not end:
                raise ValueError("has a quote without an end")
            return inside, rest
    return None, text


def _is_comment(text: str) -> bool:
    return not text.strip() or text.strip().startswith("#")
