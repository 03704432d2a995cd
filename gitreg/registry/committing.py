"""A commit of a few files on the user's branch, beside whatever else they have under way.

The commit is made first and published with its tag; branch, index and work tree follow last, so
that a failure leaves them as they were. Staged and unstaged work on other files is not touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from gitreg.domain.canonical import git_object_id
from gitreg.domain.finding import Finding
from gitreg.errors import SetupError
from gitreg.git.process import GitProcessError
from gitreg.git.repository import Repository
from gitreg.git.worktree import Head, build_tree, stage, write_file
from gitreg.signing import Key, sign
from gitreg.value import Value


class Change(Value):
    """One file, by its path in the repository: bytes for the commit, the index and the work tree.

    They differ only where a person has other changes to the same file under way.
    """

    committed: bytes
    staged: bytes
    shown: bytes

    @classmethod
    def same(cls, data: bytes) -> Change:
        """The same bytes everywhere."""
        return cls(committed=data, staged=data, shown=data)


def read_head(repository: Repository, *, detached: bool = False) -> Head:
    """Return HEAD where a commit can be made on top of it.

    Raises: SetupError for a detached HEAD, unless `detached` allows it.
    """
    head = Head.read(repository)
    if head.branch is None and not detached:
        short = (head.commit or "")[:12]
        raise SetupError(
            f"HEAD is detached at {short}: no branch would hold the version's commit",
            next_step="switch to a branch (git switch main), or add --detached: "
            "then the version's tag alone holds it",
        )
    return head


class Author(Value):
    """Who commits: the name and e-mail that Git shows, and the clock (Unix seconds)."""

    name: str
    email: str
    clock: Callable[[], int]


def make_commit(
    repository: Repository,
    head: Head,
    changes: Mapping[str, Change],
    message: str,
    author: Author,
    *,
    key: Key | None,
) -> str:
    """Store a commit of `changes` on top of `head`, and return its name; no ref moves.

    It is signed with `key` where `commit.gpgsign` asks for signed commits.
    """
    files = {path: change.committed for path, change in changes.items()}
    snapshot = build_tree(repository, head.commit, files)
    who = f"{author.name} <{author.email}> {author.clock()} {time.strftime('%z')}"
    parent = f"parent {head.commit}\n" if head.commit else ""
    header = f"tree {snapshot.tree}\n{parent}author {who}\ncommitter {who}\n"
    body = f"\n{message}\n"
    if key and repository.config.get("commit.gpgsign", "").lower() in ("true", "yes", "on", "1"):
        armour = sign((header + body).encode(), key)
        header += "gpgsig " + armour.rstrip("\n").replace("\n", "\n ") + "\n"
    commit = (header + body).encode()
    repository.write([*snapshot.objects, ("commit", commit)])
    return git_object_id("commit", commit, like=repository.zero)


def show_commit(
    repository: Repository, head: Head, commit: str, changes: Mapping[str, Change]
) -> list[Finding]:
    """Let branch, index and work tree follow to `commit`; idempotent.

    Raises: SetupError where the index is locked or a file cannot be written.
    """
    notes = []
    if head.branch and head.commit != commit:
        try:
            repository.update_refs([(head.branch, commit, head.commit or repository.zero)])
        except GitProcessError:
            notes.append(
                Finding(
                    severity="warning",
                    code="branch.moved",
                    where=head.branch.removeprefix("refs/heads/"),
                    what=f"moved on meanwhile, so it does not have the commit {commit[:12]}",
                    next_step=f"git merge {commit[:12]}",
                )
            )
    if not notes and head.branch:
        blobs = repository.write([("blob", change.staged) for change in changes.values()])
        stage(repository, dict(zip(changes, blobs, strict=True)))
    for path, change in changes.items():
        write_file(repository.folder / path, change.shown)
    return notes
