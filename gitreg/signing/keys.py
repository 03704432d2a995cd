"""Keys and signing: `ssh-keygen` does both, so agents and hardware keys work."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from gitreg.domain.key import fingerprint
from gitreg.errors import SetupError
from gitreg.signing.sshsig import NAMESPACE, verify
from gitreg.terminal import has_terminal
from gitreg.value import Value


class Key(Value):
    """A key that can sign: `public` is `type base64`, `origin` says where it was found."""

    public: str
    path: Path | None
    origin: str

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint as `ssh-keygen -l` shows it."""
        return fingerprint(self.public)


def read_public_key(path: Path) -> str:
    """Return the public half, `type base64`, of a private or public key file.

    Raises: SetupError.
    """
    public = path if path.suffix == ".pub" else path.with_name(path.name + ".pub")
    try:
        text = public.read_text() if public.exists() else _derive_public(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"{path} is not a key that can be read", next_step="name an SSH key with --key FILE"
        ) from error
    words = text.split()
    if len(words) < 2 or not words[0].startswith(("ssh-", "ecdsa-", "sk-")):
        raise SetupError(
            f"{public} is not an SSH public key", next_step="name an SSH key with --key FILE"
        )
    return f"{words[0]} {words[1]}"


def _derive_public(path: Path) -> str:
    if not path.is_file():
        raise SetupError(f"there is no key {path}", next_step="name an SSH key with --key FILE")
    return _ssh_keygen(["-y", "-f", str(path)]).decode()


def agent_keys() -> list[str]:
    """Return the public keys that the user's agent holds; none where there is no agent."""
    import shutil

    program = shutil.which("ssh-add")
    if program is None or not os.environ.get("SSH_AUTH_SOCK"):
        return []
    done = subprocess.run([program, "-L"], capture_output=True, check=False)
    lines = done.stdout.decode(errors="replace").splitlines() if done.returncode == 0 else []
    return [" ".join(line.split()[:2]) for line in lines if len(line.split()) >= 2]


def create_key(path: Path, *, comment: str) -> None:
    """Make a new ed25519 key without a passphrase at `path`; an existing one is never touched.

    Raises: SetupError.
    """
    if path.exists():
        raise SetupError(f"{path} exists already", next_step=f"use it with --key {path}")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _ssh_keygen(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])


def sign(payload: bytes, key: Key) -> str:
    """Return the armoured signature of `payload`.

    Raises: SetupError where the key cannot be used, such as one that a locked agent keeps.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="gitreg-") as folder:
        path = key.path
        if path is None:  # the agent has the private half
            path = Path(folder) / "key.pub"
            path.write_text(key.public + "\n")
        arguments = ["-q", "-Y", "sign", "-n", NAMESPACE.decode(), "-f", str(path)]
        try:
            armour = _ssh_keygen(arguments, stdin=payload).decode()
        except SetupError as error:
            raise SetupError(
                f"the key {key.origin} could not sign: {error.what}",
                next_step="unlock it (ssh-add -X for a locked agent, ssh-add FILE for a key with a "
                "passphrase), or name another key with --key FILE",
            ) from error
    if verify(payload, armour) != key.public:
        raise SetupError(
            f"{key.path} and its .pub file are not one pair: the signature is by another key",
            next_step=f"ssh-keygen -y -f {key.path} prints the right public half",
        )
    return armour


def _ssh_keygen(arguments: list[str], stdin: bytes = b"") -> bytes:
    import shutil

    program = shutil.which("ssh-keygen")
    if program is None:
        raise SetupError("ssh-keygen is not installed", next_step="install OpenSSH 8.2 or later")
    quiet = not has_terminal()
    done = subprocess.run(
        [program, *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **({"SSH_ASKPASS_REQUIRE": "never"} if quiet else {})},
        start_new_session=quiet,  # so that it finds no terminal to ask on
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise SetupError(said[-1] if said else "ssh-keygen failed")
    return done.stdout
