"""Verifying SSHSIG signatures (OpenSSH's PROTOCOL.sshsig) in this process, with `cryptography`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from gitreg.errors import UntrustedError

NAMESPACE = b"git"
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_ARMOUR = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/]{70}\n)*[A-Za-z0-9+/]{1,70}={0,2}\n)"
    r"-----END SSH SIGNATURE-----\n"
)
_RSA_BITS = 3072
_TOUCHED = 0x01


class SignatureError(UntrustedError):
    """The signature is not one that gitreg accepts, or does not fit the bytes."""


def verify(payload: bytes, armour: str) -> str:
    """Return the public key, `type base64`, that made `armour` over `payload`.

    Raises: SignatureError.
    """
    match = _ARMOUR.fullmatch(armour)
    if not match:
        raise SignatureError("the signature's armour is not canonical")
    blob = _decode(match[1].replace("\n", ""))
    fields = _Fields(blob)
    if fields.take(6) != b"SSHSIG" or fields.number() != 1:
        raise SignatureError("the signature is not SSHSIG version 1")
    public, namespace, reserved = fields.string(), fields.string(), fields.string()
    hash_name, signature = fields.string(), fields.string()
    fields.end()
    if namespace != NAMESPACE or reserved:
        raise SignatureError("the signature is for another namespace than git")
    if hash_name not in _HASHES:
        raise SignatureError("the signature's hash is neither sha256 nor sha512")
    digest = _HASHES[hash_name](payload).digest()
    signed = b"SSHSIG" + b"".join(map(_string, (namespace, reserved, hash_name, digest)))
    check, kind = _verifier(public)
    check(signature, signed)
    return f"{kind} {base64.b64encode(public).decode()}"


class _Fields:
    """SSH wire format, read to its end (RFC 4251, section 5)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) != count:
            raise SignatureError("the signature is cut off")
        self._at += count
        return part

    def number(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def string(self) -> bytes:
        return self.take(self.number())

    def end(self) -> None:
        if self._at != len(self._data):
            raise SignatureError("something follows the signature")


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise SignatureError("the signature is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise SignatureError("the signature's base64 is not canonical")
    return data


@lru_cache(maxsize=1024)
def _verifier(public: bytes) -> tuple[Callable[[bytes, bytes], None], str]:
    """Return a check of (signature, signed bytes) by a public key, and the key's type."""
    fields = _Fields(public)
    kind = fields.string()
    make = _KINDS.get(kind)
    if make is None:
        raise SignatureError(f"keys of type {kind[:40].decode(errors='replace')} are not accepted")
    check = make(fields, kind)
    fields.end()
    return check, kind.decode()


def _split(signature: bytes, *names: bytes) -> tuple[bytes, bytes, _Fields]:
    fields = _Fields(signature)
    name = fields.string()
    if name not in names:
        raise SignatureError("the signature's algorithm does not fit its key, or is too weak")
    return name, fields.string(), fields


def _check(verify_with: Callable[..., None], *arguments: Any) -> None:
    from cryptography.exceptions import InvalidSignature

    try:
        verify_with(*arguments)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError("the signature does not fit the signed bytes") from error


def _ed25519(fields: _Fields, kind: bytes) -> Callable[[bytes, bytes], None]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = fields.string()
    if len(raw) != 32:
        raise SignatureError("the key is not an ed25519 key")
    key = Ed25519PublicKey.from_public_bytes(raw)

    def check(signature: bytes, signed: bytes) -> None:
        _, data, rest = _split(signature, kind)
        rest.end()
        _check(key.verify, data, signed)

    return check


def _sk_ed25519(fields: _Fields, kind: bytes) -> Callable[[bytes, bytes], None]:
    """Keys in hardware sign over a counter and flags (OpenSSH's PROTOCOL.u2f)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw, application = fields.string(), fields.string()
    if len(raw) != 32:
        raise SignatureError("the key is not an ed25519 key")
    key = Ed25519PublicKey.from_public_bytes(raw)

    def check(signature: bytes, signed: bytes) -> None:
        _, data, rest = _split(signature, kind)
        flags, counter = rest.take(1), rest.take(4)
        rest.end()
        if not flags[0] & _TOUCHED:
            raise SignatureError("the hardware key was not touched")
        outer = hashlib.sha256(application).digest() + flags + counter
        _check(key.verify, data, outer + hashlib.sha256(signed).digest())

    return check


def _ecdsa(fields: _Fields, kind: bytes) -> Callable[[bytes, bytes], None]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    small = kind.endswith(b"256")
    curve = ec.SECP256R1() if small else ec.SECP384R1()
    algorithm = ec.ECDSA(hashes.SHA256() if small else hashes.SHA384())
    if fields.string() != kind[-8:]:
        raise SignatureError("the key's curve does not fit its type")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve, fields.string())
    except ValueError as error:
        raise SignatureError("the key is not a point of its curve") from error

    def check(signature: bytes, signed: bytes) -> None:
        _, data, rest = _split(signature, kind)
        rest.end()
        numbers = _Fields(data)
        r, s = (_positive(numbers.string()) for _ in range(2))
        numbers.end()
        _check(key.verify, encode_dss_signature(r, s), signed, algorithm)

    return check


def _rsa(fields: _Fields, kind: bytes) -> Callable[[bytes, bytes], None]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    del kind
    exponent, modulus = _positive(fields.string()), _positive(fields.string())
    if modulus.bit_length() < _RSA_BITS:
        raise SignatureError(f"RSA keys need {_RSA_BITS} bits or more")
    try:
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as error:
        raise SignatureError("the key is not an RSA key") from error

    def check(signature: bytes, signed: bytes) -> None:
        name, data, rest = _split(signature, b"rsa-sha2-256", b"rsa-sha2-512")
        rest.end()
        algorithm = hashes.SHA256() if name.endswith(b"256") else hashes.SHA512()
        _check(key.verify, data, signed, padding.PKCS1v15(), algorithm)

    return check


def _positive(data: bytes) -> int:
    """Read an mpint that is above zero and has no needless byte."""
    value = int.from_bytes(data, "big", signed=True)
    if value <= 0 or len(data) != value.bit_length() // 8 + 1:
        raise SignatureError("a number in the signature is not canonical")
    return value


_KINDS: dict[bytes, Callable[[_Fields, bytes], Callable[[bytes, bytes], None]]] = {
    b"ssh-ed25519": _ed25519,
    b"sk-ssh-ed25519@openssh.com": _sk_ed25519,
    b"ecdsa-sha2-nistp256": _ecdsa,
    b"ecdsa-sha2-nistp384": _ecdsa,
    b"ssh-rsa": _rsa,
}
