"""Attack 19: whoever makes a signature by weak means, or passes one off as something else.

The keys are in the policy where it takes them, so that nothing but the signature stops the record.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from gitreg.domain.record import Record
from gitreg.signing import read_public_key
from gitreg.value import replace
from tests.attack.crew import Crew, is_void
from tests.fixtures import Cli, run, write

# The order of P-256 (SEC 2, section 2.4.2).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def text(data: bytes) -> bytes:
    """SSH's string (RFC 4251, section 5)."""
    return struct.pack(">I", len(data)) + data


def armour(public: bytes, signature: bytes, *, namespace: bytes, hash_name: bytes) -> str:
    blob = b"SSHSIG\0\0\0\1" + b"".join(map(text, (public, namespace, b"", hash_name, signature)))
    lines = base64.b64encode(blob).decode()
    body = "\n".join(lines[start : start + 70] for start in range(0, len(lines), 70))
    return f"-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n"


def signed_bytes(record: Record, *, namespace: bytes, hash_name: bytes) -> bytes:
    digest = hashlib.new(hash_name.decode(), record.payload(), usedforsecurity=False).digest()
    return b"SSHSIG" + b"".join(map(text, (namespace, b"", hash_name, digest)))


def unsigned(crew: Crew) -> Record:
    """What erin may say, for somebody else to sign."""
    return crew.sign("erin", crew.registration("1.0.0", model="sandbox/rose"))


def push(crew: Crew, record: Record, signature: str) -> None:
    draft = crew.registration("1.0.0", model="sandbox/rose", object=record.object)
    crew.push_record(replace(record, signature=signature), draft.files)


def give_erin(crew: Crew, *keys: str) -> None:
    """Let the root enact a policy in which erin has these keys too."""
    policy = crew.policy()
    policy["people"]["erin"]["keys"] += keys
    crew.write("alice", crew.proposal(policy))
    crew.write("bob", crew.enactment(policy))


def ssh_keygen(record: Record, folder: Path, key: Path, *, namespace: str = "git") -> str:
    """Sign with ssh-keygen, which checks little of this."""
    file = write(folder / "payload", record.payload())
    run("ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key), str(file))
    return (folder / "payload.sig").read_text(encoding="ascii")


@pytest.mark.parametrize("hash_name", [b"md5", b"sha1"])
def test_19_a_signature_with_a_broken_hash(crew: Crew, hash_name: bytes) -> None:
    record = unsigned(crew)
    key = load_ssh_private_key(crew.key("erin").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    public = base64.b64decode(crew.public("erin").split()[1])
    data = signed_bytes(record, namespace=b"git", hash_name=hash_name)
    signature = text(b"ssh-ed25519") + text(key.sign(data))
    push(crew, record, armour(public, signature, namespace=b"git", hash_name=hash_name))
    assert "neither sha256 nor sha512" in is_void(crew, "signature")


@pytest.mark.parametrize("namespace", ["file", "gitreg", "GIT"])
def test_19_a_signature_made_for_another_namespace(
    crew: Crew, tmp_path: Path, namespace: str
) -> None:
    record = unsigned(crew)
    push(crew, record, ssh_keygen(record, tmp_path, crew.key("erin"), namespace=namespace))
    assert "another namespace" in is_void(crew, "signature")


def test_19_an_rsa_key_of_less_than_3072_bits(crew: Crew, tmp_path: Path) -> None:
    key = tmp_path / "rsa"
    run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(key))
    give_erin(crew, read_public_key(key))
    record = unsigned(crew)
    push(crew, record, ssh_keygen(record, tmp_path, key))
    assert "3072 bits" in is_void(crew, "signature")


def test_19_a_dsa_key(crew: Crew, tmp_path: Path) -> None:
    """No policy takes it, and no signature by it is read."""
    kind = b"ssh-dss"
    public = text(kind) + b"".join(text(b"\1" * size) for size in (128, 20, 128, 128))
    policy = crew.policy()
    policy["people"]["erin"]["keys"] = [f"ssh-dss {base64.b64encode(public).decode()}"]
    crew.forge("alice", crew.proposal(policy))
    record, signature = unsigned(crew), text(kind) + text(b"\1" * 40)
    push(crew, record, armour(public, signature, namespace=b"git", hash_name=b"sha512"))
    assert "ssh-dss are not accepted" in is_void(crew, "policy-bytes", "signature")


def test_19_a_certificate(crew: Crew, tmp_path: Path) -> None:
    """Signed by alice as an authority over erin's key: only keys in the policy count."""
    key = Path(run_copy(crew.key("mallory"), tmp_path))
    options = ("-s", str(crew.key("alice")), "-I", "alice", "-n", "alice,git")
    run("ssh-keygen", "-q", *options, f"{key}.pub")
    record = unsigned(crew)
    push(crew, record, ssh_keygen(record, tmp_path, Path(f"{key}-cert.pub")))
    assert "cert-v01@openssh.com are not accepted" in is_void(crew, "signature")


def run_copy(key: Path, folder: Path) -> str:
    run("cp", str(key), f"{key}.pub", str(folder))
    return str(folder / key.name)


def test_19_a_hardware_key_that_nobody_touched(crew: Crew) -> None:
    key = Ed25519PrivateKey.generate()
    kind = b"sk-ssh-ed25519@openssh.com"
    public = text(kind) + text(key.public_key().public_bytes_raw()) + text(b"ssh:")
    give_erin(crew, f"{kind.decode()} {base64.b64encode(public).decode()}")
    record = unsigned(crew)
    message = hashlib.sha256(signed_bytes(record, namespace=b"git", hash_name=b"sha512")).digest()
    for flags in (b"\0", b"\4"):  # none, and "verified" without "touched"
        counter = flags + b"\0\0\0\7"
        signature = key.sign(hashlib.sha256(b"ssh:").digest() + counter + message)
        blob = text(kind) + text(signature) + counter
        push(crew, record, armour(public, blob, namespace=b"git", hash_name=b"sha512"))
    assert "was not touched" in is_void(crew, "signature", "signature")


def test_19_an_ecdsa_signature_turned_into_its_twin_by_somebody_without_the_key(
    crew: Crew, cli: Cli, tmp_path: Path
) -> None:
    """(r, n - s) fits what (r, s) fits. The twin says nothing new: beside the first it is void,
    and in its place it is another history, which whoever saw the first is told of.
    """
    key = tmp_path / "ecdsa"
    run("ssh-keygen", "-q", "-t", "ecdsa", "-b", "256", "-N", "", "-f", str(key))
    give_erin(crew, read_public_key(key))
    start, record = crew.tip, unsigned(crew)
    record = replace(record, signature=ssh_keygen(record, tmp_path, key))
    twin = turn_around(record, key)
    push(crew, record, record.signature)
    crew.before = None
    url = crew.origin.as_uri()
    cli.ok("list", "--repo", url)
    push(crew, record, twin)
    assert [item.rule for item in crew.ledger().void] == ["chain"]
    crew.repository.update_refs([("refs/heads/gitreg-ledger", start or "", None)])
    crew.ledger_anew()
    push(crew, record, twin)
    assert crew.state.version("sandbox/rose", "1.0.0")
    assert "FORK: record" in cli.no("list", "--repo", url)


def turn_around(record: Record, key: Path) -> str:
    private = load_ssh_private_key(key.read_bytes(), None)
    assert isinstance(private, EllipticCurvePrivateKey)
    assert isinstance(private.curve, SECP256R1)
    lines = record.signature.splitlines()[1:-1]
    rest = base64.b64decode("".join(lines))[len(b"SSHSIG") + 4 :]
    fields = list(read_texts(rest))
    kind, data = read_texts(fields[4])
    first, second = read_texts(data)
    turned = _ORDER - int.from_bytes(second, "big")
    other = turned.to_bytes(turned.bit_length() // 8 + 1, "big")
    signature = text(kind) + text(text(first) + text(other))
    return armour(fields[0], signature, namespace=b"git", hash_name=fields[3])


def read_texts(data: bytes) -> list[bytes]:
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found
