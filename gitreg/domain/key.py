"""Public keys as a policy writes them: `type base64` (RFC 4253, section 6.6)."""

from __future__ import annotations

import base64
import hashlib

TYPES = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ssh-rsa",
)
_MAX_BYTES = 1500  # RSA with 8192 bits has 1047


def is_public_key(text: str) -> bool:
    """Whether `text` is a key of a type that can sign, as ssh-keygen writes it, without comment.

    One key has one text: another spelling of its base64 would be a key that no signature matches.
    """
    kind, _, body = text.partition(" ")
    try:
        blob = base64.b64decode(body, validate=True)
    except ValueError:
        return False
    name = len(kind).to_bytes(4, "big") + kind.encode()
    return (
        kind in TYPES
        and base64.b64encode(blob).decode() == body
        and blob.startswith(name)
        and len(name) + 32 <= len(blob) <= _MAX_BYTES
    )


def fingerprint(key: str) -> str:
    """Return the fingerprint of a public key as `ssh-keygen -l` shows it."""
    blob = base64.b64decode(key.split(" ")[1])
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"
