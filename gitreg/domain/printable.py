"""Text that others wrote, made safe to show."""

from __future__ import annotations

import unicodedata


def clean(text: str) -> str:
    """Return `text` with control, bidi and other invisible characters escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter
        if not unicodedata.category(letter).startswith("C")
        else letter.encode("unicode_escape", "surrogatepass").decode()
        for letter in text
    )
