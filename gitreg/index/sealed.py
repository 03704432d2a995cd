"""Bytes with a checksum before them, so that damage is seen.

Law: `unseal(seal(body)) == body`.
"""

from __future__ import annotations

from zlib import crc32

from gitreg.index.codec import DamagedError

_SUM = 4  # bytes


def seal(body: bytes) -> bytes:
    """Return the bytes after their checksum."""
    return crc32(body).to_bytes(_SUM, "little") + body


def unseal(data: bytes) -> memoryview:
    """Return what was sealed.

    Raises: DamagedError.
    """
    body = memoryview(data)[_SUM:]
    if crc32(body).to_bytes(_SUM, "little") != data[:_SUM]:
        raise DamagedError("a row of the index is damaged")
    return body
