"""The people of a benchmark's ledger, and their keys, the same ones every time.

They sign in this process: starting ssh-keygen 20,000 times would take longer than all that is
measured.
"""

from __future__ import annotations

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gitreg.ledger.appending import Signer
from gitreg.signing import Key

PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "ci")
BEGIN = 1_700_000_000  # Unix seconds
_KEYS = {
    name: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    for name in PEOPLE
}


def allowed_signers() -> str:
    """Return the file that `git verify-tag` looks signers up in."""
    return "".join(f'{name}@example.org namespaces="git" {public_key(name)}\n' for name in PEOPLE)


def signer_at(person: str, index: int) -> Signer:
    """Return the signer of record `index`; a minute lies between two records."""
    key = Key(public=public_key(person), path=None, origin="a benchmark's")
    time = BEGIN + 60 * index
    name = person.capitalize()
    return Signer(key=key, name=name, email=f"{person}@example.org", clock=lambda: time)


def public_key(person: str) -> str:
    """Return a person's public key, `type base64`."""
    return f"ssh-ed25519 {base64.b64encode(_blob(person)).decode()}"


def private_key(person: str) -> str:
    """Return a person's private key, as ssh-keygen keeps it in a file."""
    form = (Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return _KEYS[person].private_bytes(*form).decode()


def armour(person: str, payload: bytes) -> str:
    """Return what `ssh-keygen -Y sign -n git` writes (OpenSSH's PROTOCOL.sshsig)."""
    signed = b"SSHSIG" + _strings(b"git", b"", b"sha512", hashlib.sha512(payload).digest())
    signature = _strings(b"ssh-ed25519", _KEYS[person].sign(signed))
    parts = (_blob(person), b"git", b"", b"sha512", signature)
    text = base64.b64encode(b"SSHSIG" + struct.pack(">I", 1) + _strings(*parts)).decode()
    lines = "\n".join(text[at : at + 70] for at in range(0, len(text), 70))
    return f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n"


def _blob(person: str) -> bytes:
    return _strings(b"ssh-ed25519", _KEYS[person].public_key().public_bytes_raw())


def _strings(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)
