"""The words of texts, and where they stand next to each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
_BETWEEN, _GAP = " ", "\n"  # words; texts, so that no phrase reaches over
_EDGE = "\0"  # of a word


def split_words(text: str) -> list[str]:
    """Return the words of a text: runs of letters and digits, without case and accents."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _WORD.findall(text.casefold())


def write_texts(texts: Sequence[Sequence[str]]) -> str:
    """Return texts, of which each is its words in their order, as `mark_words` reads them."""
    return _GAP.join(map(_BETWEEN.join, texts))


def mark_words(written: str) -> str:
    """Return written texts with an edge on both sides of each word.

    So occurrences of a phrase that do not overlap are those of a text in a text.
    """
    inner = written.replace(_BETWEEN, _EDGE * 2).replace(_GAP, f"{_EDGE}{_GAP}{_EDGE}")
    return f"{_EDGE}{inner}{_EDGE}"


def mark_phrase(words: Sequence[str], *, prefix: bool) -> str:
    """Return what to look for in texts with marks; with `prefix` the last word may go on."""
    marked = mark_words(write_texts([words]))
    return marked.removesuffix(_EDGE) if prefix else marked
