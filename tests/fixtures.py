"""Real Git and real keys for tests: what a test calls, beside the fixtures of conftest.py."""

from __future__ import annotations

import subprocess
from pathlib import Path

NAME = "Alice Example"
EMAIL = "alice@example.org"


def run_git(path: Path, *args: str) -> str:
    """Run git in `path` and return what it printed, without the last line break."""
    return _run("git", "-C", str(path), *args).removesuffix("\n")


def make_repository(path: Path) -> Path:
    """Make a repository with one commit on main, by Alice."""
    run_git(path.parent, "init", "--quiet", path.name)
    (path / "README.md").write_text("A registry.\n", encoding="utf-8")
    run_git(path, "add", "README.md")
    run_git(path, "commit", "--quiet", "--message", "Begin")
    return path


def make_key(path: Path, *, comment: str = EMAIL) -> Path:
    """Make an ed25519 key without a passphrase at `path`, and its public half at `path`.pub."""
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))
    return path


def _run(*command: str) -> str:
    done = subprocess.run(
        command, capture_output=True, check=False, encoding="utf-8", stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout
