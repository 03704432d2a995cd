from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gitreg.domain.key import fingerprint, is_public_key
from gitreg.signing import read_public_key
from tests.fixtures import run
from tests.ledgers import key_of


def key(kind: str, size: int = 60) -> str:
    blob = len(kind).to_bytes(4, "big") + kind.encode() + bytes(size)
    return f"{kind} {base64.b64encode(blob).decode()}"


@pytest.mark.parametrize(
    "kind",
    [
        *("ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ssh-rsa"),
        *("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384"),
    ],
)
def test_the_types_that_can_sign_are_keys(kind: str) -> None:
    assert is_public_key(key(kind))


@pytest.mark.parametrize(
    "text",
    [
        *("", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 AAAA", "ssh-ed25519 ÄÖÜ="),
        *(key("ssh-dss"), key("ssh-ed25519-cert-v01@openssh.com"), key("ssh-rsa", 2000)),
        *(key("ssh-ed25519", 8), key("ssh-ed25519").replace("ssh-ed25519 ", "ssh-rsa ")),
        *(key_of("alice") + " alice@laptop", key_of("alice") + "\n", key_of("alice") + "===="),
        *(key_of("alice")[:-2], "ssh-ed25519  " + key_of("alice").split()[1]),
    ],
)
def test_another_text_is_no_key(text: str) -> None:
    assert not is_public_key(text)


def test_a_key_has_one_spelling() -> None:
    spelled = key("ssh-rsa", 60)  # its base64 ends in padding, whose spare bits say nothing
    other = spelled.removesuffix("A=") + "B="
    assert base64.b64decode(spelled.split()[1]) == base64.b64decode(other.split()[1])
    assert is_public_key(spelled)
    assert not is_public_key(other)


def test_the_fingerprint_is_the_one_that_ssh_keygen_shows(session_key: Path) -> None:
    shown = run("ssh-keygen", "-l", "-f", str(session_key)).split()[1]
    assert fingerprint(read_public_key(session_key)) == shown
