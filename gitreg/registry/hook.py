"""Putting gitreg's hooks where Git runs them; a hook of somebody else is never overwritten."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from gitreg.errors import SetupError
from gitreg.git.repository import Repository
from gitreg.git.worktree import write_file
from gitreg.value import Value

# Isolated (-I): what lies in the repository, where hooks run, is never imported.
_CALL = "{python} -I -m gitreg hook {hook}"
_SERVER = """\
#!/bin/sh
# gitreg judges what is pushed here (docs/hosting.md).
exec {call}
"""
_CLONE = """\
#!/bin/sh
# gitreg judges what is pushed from here (docs/hosting.md).
[ -x {python} ] || {{ echo "gitreg is gone from here: gitreg hook install" >&2; exit 0; }}
exec {call} "$@"
"""
# What a hook that is there already does first: the rest of it reads the same input again.
_LINE = (
    'pushed=$(mktemp) && cat >"$pushed" && {call} "$@" <"$pushed" && exec <"$pushed" '
    '&& rm "$pushed" || {{ rm -f "$pushed"; exit 1; }}'
)
_SHELL = re.compile(r"#!.*[/ ](ba|da|k|z|a)?sh\b")


class Installed(Value):
    """Where the hook is, and whether it was there already."""

    path: Path
    changed: bool


def install_hook(repository: Repository, *, server: bool) -> Installed:
    """Put the pre-receive hook into a bare repository, or the pre-push hook into a clone.

    Raises: SetupError where another hook is there, with the line to add to it.
    """
    hook = "pre-receive" if server else "pre-push"
    _check_kind(repository, server=server)
    _check_python()
    folder = repository.hooks_folder
    if folder.exists() and not folder.is_dir():
        raise SetupError(
            f"hooks are turned off: core.hooksPath is {folder}",
            next_step="git config --show-origin core.hooksPath shows where; unset it there",
        )
    python = shlex.quote(sys.executable)
    call = _CALL.format(python=python, hook=hook)
    template = _SERVER if server else _CLONE
    path = folder / hook
    text = template.format(python=python, call=call)
    line = _LINE.format(call=call)
    found = path.read_text("utf-8", errors="replace") if path.exists() else None
    if found is not None and line not in found and not _is_ours(found, template, hook):
        raise _foreign(path, found, line)
    if found is None or line not in found:
        write_file(path, text.encode())
    changed = found is None or (line not in found and found != text)
    if not path.stat().st_mode & 0o111:
        path.chmod(0o755)
        changed = True
    return Installed(path=path, changed=changed)


def _is_ours(text: str, template: str, hook: str) -> bool:
    """Whether gitreg wrote this hook, for whatever Python."""
    found = re.search(r"^exec (.+?) -I -m gitreg hook ", text, flags=re.MULTILINE)
    python = found[1] if found else ""
    return text == template.format(python=python, call=_CALL.format(python=python, hook=hook))


def _foreign(path: Path, text: str, line: str) -> SetupError:
    if _SHELL.match(text):
        return SetupError(
            f"there is a hook already, and it stays as it is: {path}",
            next_step=f"add this as its second line: {line}",
        )
    return SetupError(
        f"there is a hook already that is no shell script, and it stays as it is: {path}",
        next_step=f"rename it to {path.name}.own, and put a shell script in its place that begins "
        f'with this line and ends with exec "$0.own" "$@": {line}',
    )


def _check_kind(repository: Repository, *, server: bool) -> None:
    if server and repository.root is not None:
        raise SetupError(
            f"{repository.folder} has a work tree; people push to a bare repository",
            next_step="name the bare one with --repo, or leave out --server for a clone's hook",
        )
    if not server and repository.root is None:
        raise SetupError(
            f"{repository.folder} is a bare repository, which pushes nothing",
            next_step="add --server to judge what is pushed to it",
        )


def _check_python() -> None:
    """See that the hook will find this gitreg, whoever runs it and wherever.

    Raises: SetupError.
    """
    script = "import gitreg; print(gitreg.__file__)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=False, text=True
    )
    if done.stdout.strip() != sys.modules["gitreg"].__file__:
        raise SetupError(
            f"{sys.executable} finds this gitreg only with the settings of your shell",
            next_step="install gitreg in an environment of its own, with pipx or a venv",
        )
