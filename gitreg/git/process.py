"""One Git process, sealed: what the repository configures runs nothing and changes no answer."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from gitreg.errors import GitregError, SetupError
from gitreg.terminal import has_terminal

# Variables that would point Git at another repository, or change how objects are read.
_DROPPED = {
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_INDEX_VERSION",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_QUARANTINE_PATH",
    "GIT_PAGER",
    "GIT_EXTERNAL_DIFF",
}
# What Git tells a hook about the repository, and about the quarantine of what is pushed to it.
_OF_A_HOOK = (
    "GIT_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
_SEALED = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # Git before 2.45 does not know the line above, and would fetch by the repository's own ways.
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C.UTF-8",
}
_OPTIONS = (
    "--no-pager",
    "--literal-pathspecs",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "advice.graftFileDeprecated=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.commitGraph=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "core.filesRefLockTimeout=2000",  # milliseconds: other processes here change refs too
    "-c",
    "core.packedRefsTimeout=2000",
)


class GitProcessError(GitregError):
    """Git ended with a status other than 0; `stderr` is what it said."""

    def __init__(
        self, arguments: Sequence[str], status: int, stderr: str, stdout: str = ""
    ) -> None:
        super().__init__(
            f"git {' '.join(arguments[:2])} ended with {status}: {stderr.strip()}",
            next_step="check the folder's permissions and the space left; git fsck checks the rest",
        )
        self.status = status
        self.stderr = stderr.strip()
        self.stdout = stdout


def command(arguments: Sequence[str]) -> list[str]:
    """Return the argument list of a sealed Git process.

    Raises: SetupError where Git is not installed.
    """
    for folder in os.get_exec_path():
        git = Path(folder, "git")
        if git.is_file() and os.access(git, os.X_OK):
            return [str(git), *_OPTIONS, *arguments]
    raise SetupError("git is not installed", next_step="install Git 2.34 or later")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the user's environment, less what could redirect Git."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    if not has_terminal():
        kept |= {"GIT_TERMINAL_PROMPT": "0", "SSH_ASKPASS_REQUIRE": "never"}
    return {**kept, **_SEALED, **(extra or {})}


def hook_environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return what a hook has to hand on to Git, out of the environment that Git gave it.

    Raises: SetupError in a namespace, where refs have other names than here.
    """
    if given.get("GIT_NAMESPACE"):
        raise SetupError(
            "gitreg does not know Git's namespaces (GIT_NAMESPACE)",
            next_step="give the registry a repository of its own",
        )
    kept = {name: given[name] for name in _OF_A_HOOK if name in given}
    if "GIT_DIR" in kept:
        kept["GIT_DIR"] = str(Path(kept["GIT_DIR"]).absolute())
    return kept


class GitProcess:
    """A Git process that was started: its output can wait until something else is done."""

    def __init__(
        self, arguments: Sequence[str], *, folder: Path, extra: Mapping[str, str] | None = None
    ) -> None:
        self._arguments = arguments
        self._process = subprocess.Popen(
            command(arguments),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(extra),
            start_new_session=not has_terminal(),  # so that ssh finds no terminal to ask on
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it, where nobody has read what it said."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()

    def read(self, stdin: bytes = b"") -> bytes:
        """Wait for its end and return its standard output.

        Raises: GitProcessError.
        """
        output, said = self._process.communicate(stdin)
        if self._process.returncode:
            stderr, stdout = said.decode(errors="replace"), output.decode(errors="replace")
            raise GitProcessError(self._arguments, self._process.returncode, stderr, stdout)
        return output


def run_git(
    arguments: Sequence[str],
    *,
    folder: Path,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """Run Git in `folder` and return its standard output.

    Raises: GitProcessError.
    """
    with GitProcess(arguments, folder=folder, extra=extra) as process:
        return process.read(stdin)


def read_lines(output: bytes) -> list[str]:
    """Return the lines of what Git printed. A ref's name may have any byte but ASCII's controls."""
    return (
        output.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n") if output else []
    )
