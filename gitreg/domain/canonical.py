"""Canonical JSON (RFC 8785) and the digests that records cite.

One value has one text, so that a digest of the text is a digest of the value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

Json = Any  # what a JSON text stands for; its reader says what it must be

# Far beyond any document of ours, and far below what any Python's stack can hold: the
# verdict must not depend on who calls.
_MAX_DEPTH = 64
# Integers beyond this are not exact in every JSON reader (RFC 8785, appendix D).
_EXACT = 2**53
_SURELY_EXACT = 16  # characters, a sign among them
_MAX_DIGITS = 400  # a double has no more before its point
_TOO_DEEP = f"the JSON is nested more than {_MAX_DEPTH} levels deep"


def sha256(data: bytes) -> str:
    """Return the lower-case hex sha256 of `data`."""
    import hashlib  # it loads OpenSSL, which a command that looks something up does without

    return hashlib.sha256(data).hexdigest()


def git_object_id(kind: str, data: bytes, *, like: str) -> str:
    """Return the name Git gives to an object, in the hash that the object name `like` is in."""
    import hashlib

    digest = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return digest(f"{kind} {len(data)}\0".encode() + data).hexdigest()


def dumps(value: object) -> bytes:
    """Return the canonical JSON text of `value`.

    Raises: ValueError for NaN, infinities, integers beyond 2**53, values and keys that JSON does
    not have, and deep nesting.
    """
    _check_depth(value)
    return _text(value).encode()


def loads(data: bytes) -> Json:
    """Read canonical JSON; any other text of the same value is refused.

    Raises: ValueError.
    """
    text = data.decode("utf-8")
    value = _parse(text, _CANONICAL)
    # The standard library's writer differs in a few numbers and in the order of rare keys only.
    if text.isascii() and _QUICK.encode(value) == text:
        return value
    if dumps(value) != data:
        raise ValueError("the JSON is not in canonical form (RFC 8785)")
    return value


def read_json(data: bytes) -> Json:
    """Read any JSON text, with duplicate keys, NaN, infinities and deep nesting refused.

    Raises: ValueError.
    """
    return _parse(data.decode("utf-8"), _ANY)


def _parse(text: str, decoder: json.JSONDecoder) -> Json:
    try:
        value = decoder.decode(text)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    if text.count("[") + text.count("{") > _MAX_DEPTH:
        _check_depth(value)
    return value


def _check_depth(value: object) -> None:
    level = _holders([value])
    for _ in range(_MAX_DEPTH):
        if not level:
            return
        level = [inner for holder in level for inner in _holders(holder)]
    if level:
        raise ValueError(_TOO_DEEP)


def _holders(value: Mapping[str, object] | Iterable[object]) -> list[Iterable[object]]:
    items = value.values() if isinstance(value, Mapping) else value
    return [item for item in items if isinstance(item, Mapping | list | tuple)]


def _any_int(token: str) -> int:
    if len(token) > _MAX_DIGITS:  # Python's own limit is a setting
        raise ValueError(f"the JSON number {token[:20]}… has too many digits")
    return int(token)


def _any_float(token: str) -> float:
    value = float(token)
    if not math.isfinite(value):
        raise ValueError(f"{token[:20]} is not a JSON number")
    return value


def _canonical_int(token: str) -> float:
    if len(token) < _SURELY_EXACT:
        return int(token)
    # Canonical JSON writes a double of up to 21 digits without an exponent.
    value = _any_int(token)
    return value if abs(value) <= _EXACT else _canonical_float(token)


def _canonical_float(token: str) -> float:
    value = float(token)
    if repr(value) == token and token[-2:] != ".0" and "e" not in token:
        return value  # Python and ECMAScript write most numbers alike
    if _number(value) != token:
        raise ValueError(f"the JSON number {token[:20]} is not in canonical form (RFC 8785)")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("the JSON repeats a key")
    return result


# A key that is there twice is written once, so that the text differs: no need to look for it here.
_CANONICAL = json.JSONDecoder(
    parse_int=_canonical_int, parse_float=_canonical_float, parse_constant=_any_float
)
_ANY = json.JSONDecoder(
    parse_int=_any_int,
    parse_float=_any_float,
    parse_constant=_any_float,
    object_pairs_hook=_unique,
)
_QUICK = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
)


def _text(value: object) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > _EXACT:
            raise ValueError("an integer beyond 2**53 is not exact in JSON")
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("the keys of JSON are texts")
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(key)}:{_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(item) for item in value) + "]"
    raise ValueError(f"JSON has no {type(value).__name__}")


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785, section 3.2.2.3)."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a JSON number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"{digits[0]}.{digits[1:]}{power}" if len(digits) > 1 else digits + power
