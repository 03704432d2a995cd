from __future__ import annotations

from pathlib import Path

import pytest

from gitreg.errors import SetupError
from gitreg.signing import Key, agent_keys, create_key, read_public_key, sign, verify
from tests.fixtures import run, write


def test_a_key_is_read_from_either_half(session_key: Path, tmp_path: Path) -> None:
    public = read_public_key(session_key)
    assert public.startswith("ssh-ed25519 ")
    assert len(public.split(" ")) == 2
    assert read_public_key(session_key.with_suffix(".pub")) == public
    alone = tmp_path / "alone"
    alone.write_bytes(session_key.read_bytes())
    alone.chmod(0o600)
    assert read_public_key(alone) == public


@pytest.mark.parametrize("data", [b"junk\n", b"", b"\xff\xfe", b"one two\n"])
def test_what_is_no_key_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "key.pub"
    file.write_bytes(data)
    with pytest.raises(SetupError, match=r"not an SSH public key|not a key that can be read"):
        read_public_key(file)


def test_its_fingerprint_is_that_of_openssh(session_key: Path) -> None:
    key = Key(public=read_public_key(session_key), path=session_key, origin="here")
    assert key.fingerprint in run("ssh-keygen", "-lf", str(session_key))


def test_a_new_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "new/id"
    create_key(path, comment="me")
    before = path.read_bytes()
    with pytest.raises(SetupError, match="exists already"):
        create_key(path, comment="me")
    assert path.read_bytes() == before


def test_without_an_agent_there_are_no_agents_keys() -> None:
    assert agent_keys() == []


def test_an_agent_that_is_gone_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    assert agent_keys() == []


@pytest.mark.usefixtures("agent")
def test_a_key_of_the_agent_signs(session_key: Path) -> None:
    run("ssh-add", "-q", str(session_key))
    (public,) = agent_keys()
    armour = sign(b"x", Key(public=public, path=None, origin="agent"))
    assert verify(b"x", armour) == public == read_public_key(session_key)


def test_without_openssh_it_is_told_what_to_install(
    session_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    key = Key(public=read_public_key(session_key), path=session_key, origin="here")
    with pytest.raises(SetupError, match="ssh-keygen is not installed"):
        sign(b"x", key)
    assert agent_keys() == []


def test_a_private_file_that_is_none_cannot_sign(session_key: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "broken", "junk")
    file.chmod(0o600)
    with pytest.raises(SetupError, match="could not sign"):
        sign(b"x", Key(public=read_public_key(session_key), path=file, origin="here"))
