"""The grammars of names: models, stages, people, and the one-line texts that records carry.

Names are what Git refs, GTO, DVC and file systems all accept without quoting:
lower-case ASCII, so that no two names differ by case or by look alone.
"""

from __future__ import annotations

from gitreg.domain.grammar import Grammar
from gitreg.errors import UsageError

LEDGER = "refs/heads/gitreg-ledger"  # the branch
_WORD = r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?"
MODEL = Grammar(rf"(?!(?:refs|gitreg)(?:/|\Z))(?=.{{1,100}}\Z){_WORD}(?:/{_WORD})*")
STAGE = Grammar(r"(?=.{1,40}\Z)[a-z](?:[a-z0-9_-]*[a-z0-9])?")
PERSON = Grammar(r"(?=.{1,64}\Z)[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")

# Controls, format and bidi marks, line separators, surrogates, private use. Spelled out, for the
# categories of `unicodedata` grow with Python, and every reader must judge a record alike.
_UNSAFE_IN_TEXT = Grammar(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\ufffb"
    "\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bcaf"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_MAX_TEXT = 1000


def parse_model(text: str) -> str:
    """Return `text` if it is a model name such as `iris` or `fraud/scorer`.

    Raises: UsageError.
    """
    if not MODEL.fullmatch(text):
        raise UsageError(
            f"{text!r} is not a model name",
            next_step="use lower-case letters, digits, '-' and '_', with '/' between teams, "
            "such as iris or fraud/scorer (at most 100 characters; refs and gitreg are reserved)",
        )
    return text


def is_model_pattern(text: str) -> bool:
    """Whether `text` is a model name, or a beginning of some that ends in `*`: `fraud/*`, `*`."""
    prefix = text.removesuffix("*")
    return text == "*" or bool(MODEL.fullmatch(prefix if prefix == text else prefix.rstrip("/-_")))


def parse_stage(text: str) -> str:
    """Return `text` if it is a stage name such as `production`.

    Raises: UsageError.
    """
    if not STAGE.fullmatch(text):
        raise UsageError(
            f"{text!r} is not a stage name",
            next_step="begin with a lower-case letter, then letters, digits, '-' and '_', "
            "such as production (at most 40 characters)",
        )
    return text


def parse_person(text: str) -> str:
    """Return `text` if it is a person's or a role's name in a policy.

    Raises: UsageError.
    """
    if not PERSON.fullmatch(text):
        raise UsageError(
            f"{text!r} is not a person's name",
            next_step="use lower-case letters, digits, '.', '-' and '_', such as alice",
        )
    return text


def parse_catalog_name(text: str) -> str:
    """Return `text` if it is a name that a user's catalog can give to a registry.

    Raises: UsageError.
    """
    if not PERSON.fullmatch(text):
        raise UsageError(
            f"{text!r} is not a name for a registry",
            next_step="use lower-case letters, digits, '.', '-' and '_', such as research",
        )
    return text


def is_text(text: str) -> bool:
    """Whether `text` is one printable line: no controls, no bidi marks, no spaces around it."""
    if not text or len(text) > _MAX_TEXT or text != text.strip():
        return False
    return not _UNSAFE_IN_TEXT.search(text)


def parse_text(text: str, *, field: str) -> str:
    """Return `text` if a record can carry it as `field`.

    Raises: UsageError.
    """
    if not is_text(text):
        raise UsageError(
            f"{field} must be one printable line of 1 to {_MAX_TEXT} characters",
            next_step="remove line breaks, control characters and spaces at the ends",
        )
    return text


def is_path(text: str) -> bool:
    """Whether `text` is a plain relative path with `/`: no `..`, no empty part, no backslash."""
    if not is_text(text) or "\\" in text:
        return False
    return all(part not in ("", ".", "..") and part.lower() != ".git" for part in text.split("/"))


def join_folder(folder: str, name: str) -> str:
    """Return the path in the repository of a file in a folder, which is `.` for the top."""
    return name if folder == "." else f"{folder}/{name}"


def is_folder(text: str) -> bool:
    """Whether `text` is a plain relative path, or `.` for the repository itself."""
    return text == "." or is_path(text)
