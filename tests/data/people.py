"""People who sign a registry that is kept: every type of key, and every form that a signature has.

`ssh-keygen` signs where it can; what it does not write, but reads, is put together here.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from gitreg.signing import Key, read_public_key
from tests.fixtures import run, write

_DEVICE = b"sk-ssh-ed25519@openssh.com"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a key; `sign` returns the armour over a payload."""

    name: str
    key: Key
    file: Path
    sign: Callable[[bytes], str]


def with_key_file(folder: Path, name: str, *how: str, options: tuple[str, ...] = ()) -> Person:
    """Make a key as `ssh-keygen HOW`; `options` are those of its signatures."""
    file = folder / name
    run("ssh-keygen", "-q", "-N", "", "-C", f"{name}@example.org", "-f", str(file), *how)

    def sign(payload: bytes) -> str:
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(file)]
        for option in options:
            command += ["-O", option]
        done = subprocess.run(command, input=payload, capture_output=True, check=True)
        return done.stdout.decode()

    return _person(name, file, sign)


def with_rsa_sha256(folder: Path, name: str) -> Person:
    """An RSA key whose signatures are rsa-sha2-256: some agents make those."""
    person = with_key_file(folder, name, "-t", "rsa", "-b", "3072")
    key = load_ssh_private_key(person.file.read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    public = base64.b64decode(person.key.public.split(" ")[1])

    def sign(payload: bytes) -> str:
        made = key.sign(_signed(payload), padding.PKCS1v15(), hashes.SHA256())
        return _armour(public, _text(b"rsa-sha2-256") + _text(made))

    return _person(name, person.file, sign)


def with_device(folder: Path, name: str) -> Person:
    """A hardware key in software: touched, with its PIN given, and counting."""
    key = Ed25519PrivateKey.generate()
    public = _text(_DEVICE) + _text(key.public_key().public_bytes_raw()) + _text(b"ssh:")
    file = write(
        folder / f"{name}.pub",
        f"{_DEVICE.decode()} {base64.b64encode(public).decode()} {name}@example.org\n",
    )
    used = 0

    def sign(payload: bytes) -> str:
        nonlocal used
        used += 1
        flags = b"\x05" + used.to_bytes(4, "big")
        outer = hashlib.sha256(b"ssh:").digest() + flags + hashlib.sha256(_signed(payload)).digest()
        return _armour(public, _text(_DEVICE) + _text(key.sign(outer)) + flags)

    return _person(name, file, sign)


def _person(name: str, file: Path, sign: Callable[[bytes], str]) -> Person:
    private = file if file.suffix != ".pub" else None
    key = Key(public=read_public_key(file), path=private, origin=f"{name}'s")
    return Person(name=name, key=key, file=file, sign=sign)


def _text(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _signed(payload: bytes) -> bytes:
    digest = hashlib.sha512(payload).digest()
    return b"SSHSIG" + b"".join(map(_text, (b"git", b"", b"sha512", digest)))


def _armour(public: bytes, signature: bytes) -> str:
    fields = (public, b"git", b"", b"sha512", signature)
    encoded = base64.b64encode(b"SSHSIG\0\0\0\1" + b"".join(map(_text, fields))).decode()
    lines = [encoded[start : start + 70] for start in range(0, len(encoded), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])
