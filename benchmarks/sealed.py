"""A home of its own for a benchmark, where Alice's key signs: nothing of the user's is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from people import private_key, public_key

BIN = Path(sys.executable).parent


def seal(home: Path) -> None:
    """Make this process, and all that it starts, take `home` for the user's.

    Nor does anything of Python's stay: without its compiled files a command takes twice as long.
    """
    theirs = ("GIT_", "XDG_", "DVC_", "PYTHON")
    for name in [name for name in os.environ if name.startswith(theirs)]:
        del os.environ[name]
    os.environ.pop("SSH_AUTH_SOCK", None)
    path = f"{BIN}:{os.environ['PATH']}"
    os.environ |= {"HOME": str(home), "DVC_NO_ANALYTICS": "1", "PATH": path}
    key = home / ".ssh" / "id_ed25519"
    key.parent.mkdir(mode=0o700)
    key.touch(mode=0o600)
    key.write_text(private_key("alice"), encoding="utf-8")
    key.with_suffix(".pub").write_text(public_key("alice") + "\n", encoding="utf-8")
    for name, value in (
        ("user.name", "Alice"),
        ("user.email", "alice@example.org"),
        ("gpg.format", "ssh"),
        ("user.signingkey", str(key)),
    ):
        subprocess.run(["git", "config", "--global", name, value], check=True)
