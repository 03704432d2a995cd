"""Verifying SSHSIG signatures (OpenSSH's PROTOCOL.sshsig) in this process, with `cryptography`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from gitreg.errors import UntrustedError

NAMESPACE = b"git"
_HEAD = b"SSHSIG\0\0\0\1"
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_ARMOUR = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]{70}\n)*[A-Za-z0-9+/=]{1,70}\n)"
    r"-----END SSH SIGNATURE-----\n"
)
_RSA_BITS = 3072
_TOUCHED = 0x01

Check = Callable[[bytes, bytes], None]


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
    if not blob.startswith(_HEAD):
        raise SignatureError("the signature is not SSHSIG version 1")
    public, namespace, reserved, hash_name, signature = _read_strings(blob[len(_HEAD) :], 5)
    if namespace != NAMESPACE or reserved:
        raise SignatureError("the signature is for another namespace than git")
    if hash_name not in _HASHES:
        raise SignatureError("the signature's hash is neither sha256 nor sha512")
    digest = _HASHES[hash_name](payload).digest()
    check, key = _verifier(public)
    check(signature, _signed_before_digest(hash_name) + digest)
    return key


def _read_strings(data: bytes, count: int) -> list[bytes]:
    """Read `data` as exactly so many strings of SSH's wire format (RFC 4251, section 5)."""
    strings, start = [], 0
    for _ in range(count):
        begin = start + 4
        start = begin + int.from_bytes(data[start:begin], "big")
        strings.append(data[begin:start])
    if start > len(data):
        raise SignatureError("the signature is cut off")
    if start < len(data):
        raise SignatureError("something follows the signature")
    return strings


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


@lru_cache
def _signed_before_digest(hash_name: bytes) -> bytes:
    size = _HASHES[hash_name]().digest_size
    fields = (NAMESPACE, b"", hash_name)
    return b"SSHSIG" + b"".join(map(_string, fields)) + size.to_bytes(4, "big")


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise SignatureError("the signature is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise SignatureError("the signature's base64 is not canonical")
    return data


@lru_cache(maxsize=1024)
def _verifier(public: bytes) -> tuple[Check, str]:
    """Return a check of (signature, signed bytes) by a public key, and the key's text."""
    kind = public[4 : 4 + int.from_bytes(public[:4], "big")]
    make = _KINDS.get(kind)
    if make is None:
        raise SignatureError(f"keys of type {kind[:40].decode(errors='replace')} are not accepted")
    return make(public), f"{kind.decode()} {base64.b64encode(public).decode()}"


def _split(signature: bytes, *names: bytes) -> tuple[bytes, bytes]:
    name, data = _read_strings(signature, 2)
    if name not in names:
        raise SignatureError("the signature's algorithm does not fit its key, or is too weak")
    return name, data


def _refusing(verify_with: Callable[..., None]) -> Callable[..., None]:
    """Return the check with the one error that callers expect."""
    from cryptography.exceptions import InvalidSignature

    def check(*arguments: Any) -> None:
        try:
            verify_with(*arguments)
        except (InvalidSignature, ValueError) as error:
            raise SignatureError("the signature does not fit the signed bytes") from error

    return check


def _ed25519_point(raw: bytes) -> Callable[..., None]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(raw) != 32:
        raise SignatureError("the key is not an ed25519 key")
    return _refusing(Ed25519PublicKey.from_public_bytes(raw).verify)


def _ed25519(public: bytes) -> Check:
    kind, raw = _read_strings(public, 2)
    verify_with = _ed25519_point(raw)

    def check(signature: bytes, signed: bytes) -> None:
        _, data = _split(signature, kind)
        verify_with(data, signed)

    return check


def _sk_ed25519(public: bytes) -> Check:
    """Keys in hardware sign over a counter and flags (OpenSSH's PROTOCOL.u2f)."""
    kind, raw, application = _read_strings(public, 3)
    verify_with = _ed25519_point(raw)
    application = hashlib.sha256(application).digest()

    def check(signature: bytes, signed: bytes) -> None:
        _, data = _split(signature[:-5], kind)
        flags_and_counter = signature[-5:]
        if not flags_and_counter[0] & _TOUCHED:
            raise SignatureError("the hardware key was not touched")
        outer = application + flags_and_counter
        verify_with(data, outer + hashlib.sha256(signed).digest())

    return check


def _ecdsa(public: bytes) -> Check:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    kind, curve_name, point = _read_strings(public, 3)
    small = kind.endswith(b"256")
    curve = ec.SECP256R1() if small else ec.SECP384R1()
    algorithm = ec.ECDSA(hashes.SHA256() if small else hashes.SHA384())
    if curve_name != kind[-8:]:
        raise SignatureError("the key's curve does not fit its type")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
    except ValueError as error:
        raise SignatureError("the key is not a point of its curve") from error
    verify_with = _refusing(key.verify)

    def check(signature: bytes, signed: bytes) -> None:
        _, data = _split(signature, kind)
        r, s = map(_positive, _read_strings(data, 2))
        verify_with(encode_dss_signature(r, s), signed, algorithm)

    return check


def _rsa(public: bytes) -> Check:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    _, *numbers = _read_strings(public, 3)
    exponent, modulus = map(_positive, numbers)
    if modulus.bit_length() < _RSA_BITS:
        raise SignatureError(f"RSA keys need {_RSA_BITS} bits or more")
    try:
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as error:
        raise SignatureError("the key is not an RSA key") from error
    verify_with = _refusing(key.verify)

    def check(signature: bytes, signed: bytes) -> None:
        name, data = _split(signature, b"rsa-sha2-256", b"rsa-sha2-512")
        algorithm = hashes.SHA256() if name.endswith(b"256") else hashes.SHA512()
        verify_with(data, signed, padding.PKCS1v15(), algorithm)

    return check


def _positive(data: bytes) -> int:
    """Read an mpint that is above zero and has no needless byte."""
    value = int.from_bytes(data, "big", signed=True)
    if value <= 0 or len(data) != value.bit_length() // 8 + 1:
        raise SignatureError("a number in the signature is not canonical")
    return value


_KINDS: dict[bytes, Callable[[bytes], Check]] = {
    b"ssh-ed25519": _ed25519,
    b"sk-ssh-ed25519@openssh.com": _sk_ed25519,
    b"ecdsa-sha2-nistp256": _ecdsa,
    b"ecdsa-sha2-nistp384": _ecdsa,
    b"ssh-rsa": _rsa,
}
