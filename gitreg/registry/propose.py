"""Proposing a promotion by pull request: a branch that edits `stages.yaml`, and nothing else.

The branch is made on top of the remote's default branch. The user's own branch, index and work tree
are not touched, and nothing is signed into the ledger: `ci sync` does that after the merge.
"""

from __future__ import annotations

import os
from pathlib import Path

from gitreg import yaml12
from gitreg.domain.names import join_folder, parse_text
from gitreg.errors import RefusedError, SetupError
from gitreg.forge import compare_link, find_forge
from gitreg.git.remote import Remote
from gitreg.git.repository import Repository
from gitreg.git.transfer import default_branch, fetch, push
from gitreg.git.worktree import Head, read_at
from gitreg.registry.ci_plan import STAGES
from gitreg.registry.committing import Change, make_commit
from gitreg.registry.document import FILE
from gitreg.registry.identity import candidate_keys, find_author
from gitreg.registry.open import Registry
from gitreg.registry.review import Review, review
from gitreg.signing import Key
from gitreg.value import Value

_HEADS = "refs/heads/"


class Proposed(Value):
    """A promotion that waits in a branch at the remote.

    `pull` is the address of its pull request, None where no token was there to open one; then
    `link` is the page on which a person does it, None where the forge is unknown too.
    """

    review: Review
    branch: str
    base: str
    commit: str
    remote: str
    pull: str | None = None
    link: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The shape that `--json` prints."""
        return {
            "model": self.review.version.model,
            "version": self.review.version.version,
            "stage": self.review.stage,
            "seq": self.review.seq,
            "branch": self.branch,
            "base": self.base,
            "commit": self.commit,
            "remote": self.remote,
            "pull": self.pull,
            "link": self.link,
            "broken": [{"rule": item.rule, "what": item.what} for item in self.review.broken],
        }


def propose(
    registry: Registry,
    reference: str,
    *,
    stage: str,
    base: str | None = None,
    reason: str | None = None,
    key: Path | None = None,
) -> Proposed:
    """Push a branch that asks for a version in `stage`, and open its pull request.

    `base` is the branch to merge it into, else the remote's default one. The same proposal made
    again finds the same branch and the same pull request.

    Raises: NotFoundError; RefusedError where the version holds the stage, or the policy has none of
    that name; SetupError; TransferError.
    """
    text = None if reason is None else parse_text(reason, field="the reason")
    seen = review(registry, reference, stage=stage)
    version = seen.version
    remote = registry.remote
    if remote is None:
        raise SetupError(
            "there is no remote to propose to",
            next_step=f"git remote add origin URL, or gitreg promote {reference} --stage {stage}",
        )
    if stage in registry.state.held_stages(version.model, version.version):
        raise RefusedError(
            f"{version.model} {version.version} holds {stage} already",
            rule="replaces",
            next_step="nothing is left to do",
        )
    target, tip = _find_base(registry.repository, remote, base)
    branch = f"promote/{version.model}/{version.version}/{stage}-{seen.seq}"
    repository = registry.repository
    signing = next(candidate_keys(repository, key), None)
    commit = _push_branch(repository, remote, seen, tip=tip, branch=branch, key=signing)
    forge = find_forge(remote.push_url, os.environ)
    pull = forge.open_pull(branch, target, _title(seen), _body(seen, text)) if forge else None
    return Proposed(
        review=seen,
        branch=branch,
        base=target,
        commit=commit,
        remote=remote.name,
        pull=pull,
        link=None if pull else compare_link(remote.push_url, branch, target),
    )


def _find_base(repository: Repository, remote: Remote, named: str | None) -> tuple[str, str]:
    """Return the branch to merge into, and its commit at the remote.

    Raises: SetupError where it has none of that name; TransferError.
    """
    ref = f"{_HEADS}{named}" if named else default_branch(repository, remote.url)
    tip = fetch(repository, remote.url, [ref]).get(ref) if ref else None
    if ref is None or tip is None:
        raise SetupError(
            f"{remote.name} has no branch {named or 'that is its default'}",
            next_step="name the branch to merge into: --base main",
        )
    return ref.removeprefix(_HEADS), tip


def _push_branch(
    repository: Repository,
    remote: Remote,
    seen: Review,
    *,
    tip: str,
    branch: str,
    key: Key | None,
) -> str:
    """Push the branch, unless it is there; return its commit.

    Raises: RefusedError where it is there and asks for something else; SetupError; TransferError.
    """
    folder = seen.version.path
    path, model = join_folder(folder, STAGES), join_folder(folder, FILE)
    if read_at(repository, tip, model) is None:
        raise SetupError(
            f"the branch to merge into has no {model}",
            next_step="push what the version was registered from, and merge it first",
        )
    before = (read_at(repository, tip, path) or b"").decode()
    wanted = {"version": seen.version.version, "seq": seen.seq}
    after = yaml12.edit(before, (seen.stage,), wanted, name=path).encode()
    ref = f"{_HEADS}{branch}"
    there = fetch(repository, remote.push_url, [ref]).get(ref)
    if there is not None:
        return _same(repository, there, path, after, branch)
    author = find_author(repository)
    head, changes = Head(branch=None, commit=tip), {path: Change.same(after)}
    commit = make_commit(repository, head, changes, _title(seen), author, key=key)
    push(repository, remote.push_url, [(ref, commit)])
    return commit


def _same(repository: Repository, there: str, path: str, after: bytes, branch: str) -> str:
    if read_at(repository, there, path) == after:
        return there
    raise RefusedError(
        f"the branch {branch} is there, with another {path.rpartition('/')[2]}",
        rule="branch",
        next_step="merge it or close it, remove the branch, then propose again",
    )


def _title(seen: Review) -> str:
    return f"Promote {seen.version.model} {seen.version.version} to {seen.stage}"


def _body(seen: Review, reason: str | None) -> str:
    version = seen.version
    asked = f"Asks for `{version.model}` {version.version} in {seen.stage}, as change {seen.seq}"
    parts = [
        f"{asked}; {seen.champion or 'nothing'} was there last.",
        f"Registered by {version.person} from {version.commit}.",
        *([reason] if reason else []),
    ]
    return "\n\n".join(parts) + "\n"
