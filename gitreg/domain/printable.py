"""Text and figures of others, made fit to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


def clean(text: str) -> str:
    """Return `text` with control, bidi and other invisible characters escaped."""
    if text.isascii() and text.isprintable():
        return text
    import unicodedata  # most text is plain

    return "".join(
        letter
        if not unicodedata.category(letter).startswith("C")
        else letter.encode("unicode_escape", "surrogatepass").decode()
        for letter in text
    )


def shorten(figure: Decimal) -> str:
    """Return `figure` to six digits, without zeros that say nothing."""
    text = f"{figure:.6g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
