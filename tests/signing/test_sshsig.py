"""Signatures of real keys, and what is refused (attack 19)."""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gitreg.signing import SignatureError, read_public_key, verify
from tests.fixtures import make_key, run, write

PAYLOAD = b"what is signed\n"


def make(path: Path, *how: str) -> Path:
    run("ssh-keygen", "-q", "-N", "", "-f", str(path), *how)
    return path


def sign(key: Path, *, namespace: str = "git", options: tuple[str, ...] = ()) -> str:
    done = subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key), *options],
        input=PAYLOAD,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def armour(blob: bytes) -> str:
    encoded = base64.b64encode(blob).decode()
    lines = [encoded[start : start + 70] for start in range(0, len(encoded), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def build(
    public: bytes,
    signature: bytes,
    *,
    namespace: bytes = b"git",
    reserved: bytes = b"",
    hash_name: bytes = b"sha512",
    head: bytes = b"SSHSIG\0\0\0\1",
    tail: bytes = b"",
) -> str:
    return armour(
        head + b"".join(map(text, (public, namespace, reserved, hash_name, signature))) + tail
    )


def signed_bytes(hash_name: str = "sha512") -> bytes:
    digest = hashlib.new(hash_name, PAYLOAD).digest()
    return b"SSHSIG" + b"".join(map(text, (b"git", b"", hash_name.encode(), digest)))


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


@pytest.mark.parametrize(
    "how",
    [
        ("-t", "ed25519"),
        ("-t", "ecdsa", "-b", "256"),
        ("-t", "ecdsa", "-b", "384"),
        ("-t", "rsa", "-b", "3072"),
    ],
    ids=" ".join,
)
def test_a_good_key_is_accepted_and_named(tmp_path: Path, how: tuple[str, ...]) -> None:
    key = make(tmp_path / "key", *how)
    assert verify(PAYLOAD, sign(key)) == read_public_key(key)
    with pytest.raises(SignatureError, match="does not fit the signed bytes"):
        verify(PAYLOAD + b"!", sign(key))


def test_both_good_hashes_are_accepted(session_key: Path) -> None:
    for name in ("sha256", "sha512"):
        assert verify(PAYLOAD, sign(session_key, options=("-O", f"hashalg={name}")))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (("-t", "rsa", "-b", "2048"), "3072 bits"),
        (("-t", "ecdsa", "-b", "521"), "are not accepted"),
    ],
    ids=["rsa 2048", "ecdsa 521"],
)
def test_a_weak_or_unknown_key_is_refused(tmp_path: Path, how: tuple[str, ...], why: str) -> None:
    key = make(tmp_path / "key", *how)
    with pytest.raises(SignatureError, match=why):
        verify(PAYLOAD, sign(key))


def test_another_namespace_is_refused(session_key: Path) -> None:
    with pytest.raises(SignatureError, match="another namespace"):
        verify(PAYLOAD, sign(session_key, namespace="file"))


def test_a_certificate_is_refused(tmp_path: Path) -> None:
    authority, key = make_key(tmp_path / "ca"), make_key(tmp_path / "key")
    run("ssh-keygen", "-q", "-s", str(authority), "-I", "me", "-n", "git", f"{key}.pub")
    with pytest.raises(SignatureError, match="are not accepted"):
        verify(PAYLOAD, sign(tmp_path / "key-cert.pub"))


@pytest.mark.parametrize("kind", [b"ssh-dss", b"sk-ecdsa-sha2-nistp256@openssh.com", b"\xff" * 99])
def test_a_key_of_another_type_is_refused(kind: bytes) -> None:
    with pytest.raises(SignatureError, match="are not accepted"):
        verify(PAYLOAD, build(text(kind) + text(b"x" * 32), text(kind) + text(b"x" * 64)))


class TestForm:
    """One ed25519 key, its signature put together by hand."""

    def parts(self) -> tuple[bytes, bytes]:
        key = Ed25519PrivateKey.generate()
        public = text(b"ssh-ed25519") + text(raw(key))
        return public, text(b"ssh-ed25519") + text(key.sign(signed_bytes()))

    def test_the_plain_form_is_accepted(self) -> None:
        assert verify(PAYLOAD, build(*self.parts())).startswith("ssh-ed25519 ")

    @pytest.mark.parametrize("name", [b"md5", b"sha1", b"sha384", b""])
    def test_another_hash_is_refused(self, name: bytes) -> None:
        with pytest.raises(SignatureError, match="neither sha256 nor sha512"):
            verify(PAYLOAD, build(*self.parts(), hash_name=name))

    @pytest.mark.parametrize("head", [b"SSHSIG\0\0\0\2", b"XSHSIG\0\0\0\1"])
    def test_another_version_is_refused(self, head: bytes) -> None:
        with pytest.raises(SignatureError, match="not SSHSIG version 1"):
            verify(PAYLOAD, build(*self.parts(), head=head))

    def test_a_reserved_field_that_is_used_is_refused(self) -> None:
        with pytest.raises(SignatureError, match="namespace"):
            verify(PAYLOAD, build(*self.parts(), reserved=b"x"))

    def test_more_after_the_end_is_refused_everywhere(self) -> None:
        public, signature = self.parts()
        for odd in (
            build(public, signature, tail=b"x"),
            build(public + b"x", signature),
            build(public, signature + b"x"),
        ):
            with pytest.raises(SignatureError, match="something follows"):
                verify(PAYLOAD, odd)

    def test_a_cut_signature_is_refused(self) -> None:
        public, signature = self.parts()
        with pytest.raises(SignatureError, match="cut off"):
            verify(PAYLOAD, armour(b"SSHSIG\0\0\0\1" + text(public)))
        with pytest.raises(SignatureError, match="cut off"):
            verify(PAYLOAD, build(public, signature[:-1]))

    def test_a_key_of_another_length_is_refused(self) -> None:
        _, signature = self.parts()
        for kind in (b"ssh-ed25519", b"sk-ssh-ed25519@openssh.com"):
            public = text(kind) + text(b"x" * 31) + (text(b"ssh:") if kind[:2] == b"sk" else b"")
            with pytest.raises(SignatureError, match="not an ed25519 key"):
                verify(PAYLOAD, build(public, signature))

    def test_an_algorithm_of_another_key_is_refused(self) -> None:
        public, signature = self.parts()
        odd = signature.replace(b"ssh-ed25519", b"ssh-ed25518")
        with pytest.raises(SignatureError, match="algorithm does not fit"):
            verify(PAYLOAD, build(public, odd))

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda said: said + "\n",
            lambda said: " " + said,
            lambda said: said.replace("\n", "\r\n"),
            lambda said: said.replace("BEGIN SSH", "BEGIN  SSH"),
            lambda said: said.removesuffix("\n"),
            lambda said: said.replace("U1NIU0lH", "U1NIU0l\n", 1),
            lambda _: "",
        ],
    )
    def test_armour_that_is_not_canonical_is_refused(self, spoil: object) -> None:
        with pytest.raises(SignatureError, match=r"armour|base64"):
            verify(PAYLOAD, spoil(build(*self.parts())))  # type: ignore[operator]

    @pytest.mark.parametrize(
        ("body", "why"),
        [("A", "not base64"), ("QUI=QUI=", "not base64"), ("QR==", "not canonical")],
    )
    def test_base64_that_is_not_canonical_is_refused(self, body: str, why: str) -> None:
        odd = f"-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n"
        with pytest.raises(SignatureError, match=why):
            verify(PAYLOAD, odd)


class TestHardwareKeys:
    KIND = b"sk-ssh-ed25519@openssh.com"

    def sign(self, flags: bytes, application: bytes = b"ssh:") -> str:
        key = Ed25519PrivateKey.generate()
        counter = b"\0\0\0\7"
        outer = hashlib.sha256(application).digest() + flags + counter
        signature = key.sign(outer + hashlib.sha256(signed_bytes()).digest())
        public = text(self.KIND) + text(raw(key)) + text(application)
        return build(public, text(self.KIND) + text(signature) + flags + counter)

    def test_a_touched_one_is_accepted(self) -> None:
        assert verify(PAYLOAD, self.sign(b"\x01")).startswith("sk-ssh-ed25519@openssh.com ")
        assert verify(PAYLOAD, self.sign(b"\x05"))

    def test_a_last_line_of_padding_alone_is_accepted(self) -> None:
        # ssh-keygen breaks lines after 70 characters, whatever they are.
        said = self.sign(b"\x01", b"ssh:" + b"x" * 46)
        assert "\n==\n" in said
        assert verify(PAYLOAD, said)

    def test_one_without_flags_is_refused(self) -> None:
        public = text(self.KIND) + text(b"x" * 32) + text(b"ssh:")
        for signature in (b"", text(self.KIND) + text(b"x" * 64)):
            with pytest.raises(SignatureError, match="cut off"):
                verify(PAYLOAD, build(public, signature))

    @pytest.mark.parametrize("flags", [b"\0", b"\x04"])
    def test_an_untouched_one_is_refused(self, flags: bytes) -> None:
        with pytest.raises(SignatureError, match="was not touched"):
            verify(PAYLOAD, self.sign(flags))


class TestNumbers:
    def test_an_ecdsa_key_of_another_curve_or_off_it_is_refused(self) -> None:
        kind = b"ecdsa-sha2-nistp256"
        for curve, point, why in (
            (b"nistp384", b"", "curve does not fit"),
            (b"nistp256", b"\4" + b"\1" * 64, "not a point"),
        ):
            public = text(kind) + text(curve) + text(point)
            with pytest.raises(SignatureError, match=why):
                verify(PAYLOAD, build(public, b""))

    @pytest.mark.parametrize("number", [b"", b"\0", b"\0\1", b"\x80"])
    def test_a_number_that_is_not_canonical_is_refused(self, number: bytes) -> None:
        public = text(b"ssh-rsa") + text(number) + text(b"\1")
        with pytest.raises(SignatureError, match="not canonical"):
            verify(PAYLOAD, build(public, b""))

    def test_an_rsa_exponent_that_is_none_is_refused(self) -> None:
        public = text(b"ssh-rsa") + text(b"\2") + text(b"\1" + b"\0" * 384)
        with pytest.raises(SignatureError, match="not an RSA key"):
            verify(PAYLOAD, build(public, b""))

    def test_an_rsa_signature_by_sha1_is_refused(self, tmp_path: Path) -> None:
        key = make(tmp_path / "key", "-t", "rsa", "-b", "3072")
        public = base64.b64decode(read_public_key(key).split(" ")[1])
        with pytest.raises(SignatureError, match="too weak"):
            verify(PAYLOAD, build(public, text(b"ssh-rsa") + text(b"x" * 384)))


def test_what_git_signs_is_accepted(repo: Path, alice_key: Path) -> None:
    for key, value in (("gpg.format", "ssh"), ("user.signingkey", str(alice_key))):
        run("git", "-C", str(repo), "config", key, value)
    run("git", "-C", str(repo), "tag", "-s", "-m", "signed", "t")
    data = subprocess.run(
        ["git", "-C", str(repo), "cat-file", "tag", "t"], capture_output=True, check=True
    ).stdout
    payload, begin, rest = data.partition(b"-----BEGIN SSH")
    assert verify(payload, (begin + rest).decode()) == read_public_key(alice_key)
    write(repo / "x", "")
