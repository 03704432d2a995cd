"""A repository on this machine: where it is, what it is configured to, its refs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from gitreg.errors import SetupError
from gitreg.git.process import GitProcess, GitProcessError, read_lines, run_git
from gitreg.value import Value

if TYPE_CHECKING:
    from gitreg.git.objects import ObjectReader

_FACTS = (
    "--is-bare-repository",
    "--is-shallow-repository",
    "--show-object-format",
    "--absolute-git-dir",
    "--git-common-dir",
    "--show-toplevel",
)
_CONFIG = ("config", "--list", "-z")


class CommitHeader(NamedTuple):
    """A commit's name, its tree, and its parents."""

    id: str
    tree: str
    parents: tuple[str, ...]


class BlockedRefError(SetupError):
    """The ref `other` stands where `ref` should be: Git keeps refs like files and folders."""

    def __init__(self, other: str, ref: str) -> None:
        super().__init__(
            f"{other} is in the way of {ref}: Git cannot have both",
            next_step=f"rename it, or remove it: git update-ref -d {other}",
        )
        self.other = other

    def blocks(self, ref: str) -> bool:
        """Whether `other` stands in the way of `ref` too."""
        return ref.startswith(f"{self.other}/") or self.other.startswith(f"{ref}/")


class Repository(Value):
    """A Git repository; `root` is the top of its work tree, or None for a bare one.

    `environment` is what a hook was told by Git (`process.hook_environment`), else empty.
    """

    __slots__ = ("__dict__",)  # for what is read once

    folder: Path
    root: Path | None
    git_dir: Path
    common_dir: Path
    object_format: str
    is_shallow: bool
    environment: Mapping[str, str] = {}

    @classmethod
    def discover(cls, where: Path, *, environment: Mapping[str, str] | None = None) -> Self:
        """Find the repository that `where` lies in.

        Raises: SetupError where there is none.
        """
        if not where.is_dir():
            raise SetupError(f"{where} is not a folder", next_step="name a Git repository")
        with (  # both at once
            GitProcess(["rev-parse", *_FACTS], folder=where, extra=environment) as asked,
            GitProcess(_CONFIG, folder=where, extra=environment) as configured,
        ):
            facts = _read_facts(asked, where)
            config = configured.read()
        bare = facts[0] == "true"
        root = None if bare or len(facts) < len(_FACTS) else Path(facts[5])
        git_dir = Path(facts[3])
        common_dir = (where / facts[4]).resolve()
        found = cls(
            folder=root or git_dir,
            root=root,
            git_dir=git_dir,
            common_dir=common_dir,
            object_format=facts[2],
            is_shallow=facts[1] == "true",
            environment=environment or {},
        )
        found.__dict__["config"] = _read_config(config)
        return found

    @classmethod
    def create_bare(cls, path: Path, object_format: str) -> Self:
        """Create an empty one that only gitreg uses; the folders above it are made too."""
        path.mkdir(parents=True, exist_ok=True)
        options = ["--quiet", "--bare", "--template=", f"--object-format={object_format}"]
        run_git(["init", *options, "."], folder=path)
        return cls.discover(path)

    @property
    def zero(self) -> str:
        """The object name that stands for nothing, as long as this repository's names are."""
        return "0" * (64 if self.object_format == "sha256" else 40)

    def git(
        self, *arguments: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> bytes:
        """Run Git here.

        Raises: GitProcessError.
        """
        extra = {**self.environment, **(extra or {})}
        return run_git(arguments, folder=self.folder, stdin=stdin, extra=extra)

    def reader(self) -> ObjectReader:
        """Return a reader of this repository's objects."""
        from gitreg.git.objects import ObjectReader  # a warm command reads none

        return ObjectReader(self.folder, self.environment)

    def write(self, objects: Sequence[tuple[str, bytes]]) -> list[str]:
        """Store objects and return their names."""
        from gitreg.git.objects import write_objects

        return write_objects(self.folder, objects, like=self.zero)

    @cached_property
    def config(self) -> Mapping[str, str]:
        """The effective configuration, read once; the last value of each key wins."""
        return _read_config(self.git(*_CONFIG))

    @property
    def hooks_folder(self) -> Path:
        """Where Git looks for hooks here: what core.hooksPath says outside of this process."""
        arguments = ("--show-scope", "--type=path", "-z", "--get-all", "core.hooksPath")
        words = self.git("config", *arguments).decode(errors="surrogateescape").split("\0")
        chosen = [
            path for scope, path in zip(words[::2], words[1::2], strict=False) if scope != "command"
        ]
        return self.folder / chosen[-1] if chosen else self.common_dir / "hooks"

    def set_config(self, key: str, value: str) -> None:
        """Write one value to the repository's own configuration."""
        self.git("config", "--local", key, value)
        self.__dict__.pop("config", None)

    def refs(self, *prefixes: str) -> dict[str, str]:
        """Return the object names of all refs at or below `prefixes`, by full ref name."""
        output = self.git("for-each-ref", "--format=%(objectname) %(refname)", *prefixes)
        pairs = (line.split(" ", 1) for line in read_lines(output))
        return {name: object_id for object_id, name in pairs}

    def update_refs(self, updates: Sequence[tuple[str, str, str | None]]) -> None:
        """Set `(ref, new, old)` in one transaction; an `old` of None accepts any value.

        A `new` of `zero` deletes the ref.

        Raises: GitProcessError where a ref is not at `old` any more; then none is changed.
        SetupError where one is locked; BlockedRefError.
        """
        if not updates:
            return
        lines = []
        for ref, new, old in updates:
            action = "delete" if new == self.zero else "update"
            words = [action, ref, *([] if action == "delete" else [new])]
            lines.append(" ".join([*words, *([] if old is None else [old])]))
        try:
            self.git("update-ref", "--stdin", stdin="\n".join([*lines, ""]).encode())
        except GitProcessError as error:
            blocking = find_blocking(error.stderr)
            raise lock_error(error) or (BlockedRefError(*blocking) if blocking else error) from None

    def continues(self, one: str | None, other: str) -> bool:
        """Whether the commit `other` is `one`, or leads back to it by first parents alone.

        A merge that has `one` for its second parent is a fast-forward to Git, and none here. From
        None leads what has a beginning.
        """
        if one == other:
            return True
        first = next(self.history(other, after=one), None)
        return first is not None and first.parents[:1] == ((one,) if one else ())

    def commits(self, tip: str, *, after: str | None = None) -> list[str]:
        """Return the first-parent history of `tip`, oldest first, without that of `after`."""
        limits = [f"^{after}"] if after else []
        output = self.git("rev-list", "--first-parent", "--reverse", tip, *limits, "--")
        return output.decode().split()

    def history(self, tip: str, *, after: str | None = None) -> Iterator[CommitHeader]:
        """Yield what `commits` lists, with trees and parents; a shallow clone hides some of these.

        Git reads each commit for this anyway, so that nobody has to ask for it again.
        """
        limits = [f"^{after}"] if after else []
        options = ("--first-parent", "--reverse", "--no-commit-header", "--format=%H %T %P")
        for line in BytesIO(self.git("rev-list", *options, tip, *limits, "--")):
            commit, tree, *parents = line.decode().split()
            yield CommitHeader(commit, tree, tuple(parents))

    def has_commit(self, object_id: str) -> bool:
        """Whether the commit and its tree are here."""
        with self.reader() as reader:
            return reader.read_one(f"{object_id}^{{tree}}") is not None


def lock_error(error: GitProcessError) -> SetupError | None:
    """Return what to tell a person where Git failed on a lock; None where it did on something else.

    A Git that is killed leaves its locks behind.
    """
    lock = re.search(r"Unable to create '([^']+\.lock)': File exists", error.stderr)
    if lock is None:
        return None
    return SetupError(
        f"another Git process holds {lock[1]}, or was killed and left it",
        next_step="let it end; if there is none, remove that file. Then run the same command again",
    )


def find_blocking(said: str) -> tuple[str, str] | None:
    """Return the ref that stands in the way, and of which one, where Git said so."""
    found = re.search(r"'(refs/[^']+)' exists; cannot create '(refs/[^']+)'", said)
    return (found[1], found[2]) if found else None


def git_version() -> str:
    """Return the version of the Git in use."""
    return run_git(["version"], folder=Path.cwd()).decode().split()[2]


def _read_facts(asked: GitProcess, where: Path) -> list[str]:
    """Return what Git says of the repository around `where`, in the order of `_FACTS`.

    Raises: SetupError where there is none.
    """
    try:
        output = asked.read().decode()
    except GitProcessError as error:
        output = error.stdout  # a bare repository has no top level, and says so last
        if output.count("\n") < len(_FACTS) - 1:
            raise _not_a_repository(where, error) from error
    return output.splitlines()


def _read_config(output: bytes) -> Mapping[str, str]:
    values = {}
    for item in output.decode(errors="replace").split("\0"):
        key, _, value = item.partition("\n")
        values[key] = value
    return values


def _not_a_repository(where: Path, error: GitProcessError) -> SetupError:
    if "dubious ownership" in error.stderr:
        return SetupError(
            f"the repository at {where} belongs to another user",
            next_step=f"if you trust it: git config --global --add safe.directory {where}",
        )
    return SetupError(
        f"{where} is not in a Git repository",
        next_step="run git init here, or name a repository with --repo",
    )
