"""Putting the workflows of a forge into a repository; what somebody edited is not overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from typing import Literal

from gitreg import __version__
from gitreg.domain.canonical import sha256
from gitreg.domain.checkpoint import Checkpoint
from gitreg.errors import SetupError, UsageError
from gitreg.git.process import GitProcessError
from gitreg.git.repository import Repository
from gitreg.git.worktree import Head, check_writable, write_file
from gitreg.registry.metadata import read_artifacts
from gitreg.registry.open import Registry
from gitreg.value import Value

# Where each file goes, by the forge and the template's name.
_FILES = {
    "github": {
        "gitreg.yml": ".github/workflows/gitreg.yml",
        "gitreg-comment.yml": ".github/workflows/gitreg-comment.yml",
    },
    "gitlab": {"gitlab-ci.yml": ".gitlab-ci.yml"},
}
KINDS = tuple(_FILES)
State = Literal["new", "there", "renewed"]

_BRANCH = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._/-]*[A-Za-z0-9_])?")
_HEAD = re.compile(
    r"# Written by gitreg ci install, and unedited while this is so: ([0-9a-f]{16})\n"
)
# The extra that a format of models needs, and those of a registry that has no model yet.
_FORMATS = {
    **dict.fromkeys(("joblib", "pickle", "skops"), "sklearn"),
    **dict.fromkeys(("safetensors", "torchscript"), "torch"),
    **{name: name for name in ("lightgbm", "mlflow", "onnx", "tensorflow", "xgboost")},
}
_FIRST = ("onnx", "sklearn")
_REMOTES = {"s3": b"s3://", "ssh": b"ssh://"}
_DEPLOY_JOB = """
deploy-{stage}:
  extends: .deploy
  environment:
    name: {stage}
  resource_group: gitreg-{stage}
  variables:
    STAGE: {stage}
"""


class Installed(Value):
    """What is in place: each file's path and what became of it, and what CI has to be told."""

    files: dict[str, State]
    root: str
    checkpoint: str


def install_workflows(
    registry: Registry, kind: str, *, branch: str | None = None, force: bool = False
) -> Installed:
    """Write the workflows of `kind`, for a default `branch`, into the work tree.

    A file that was edited since gitreg wrote it is replaced by `force` alone.

    Raises: SetupError; UsageError for a branch that no workflow can name.
    """
    ledger, top = registry.ledger, registry.root
    branch = branch or default_branch(registry.repository)
    if not _BRANCH.fullmatch(branch):
        raise UsageError(
            f"the workflows cannot name the branch {branch!r}", next_step="--branch main"
        )
    fill = _filler(registry, branch)
    texts = {path: _seal(fill(_template(name))) for name, path in _FILES[kind].items()}
    states: dict[str, State] = {}
    for path, text in texts.items():
        check_writable(top / path)
        found = (top / path).read_bytes() if (top / path).is_file() else None
        states[path] = _judge(path, found, text.encode(), force=force)
    for path, text in texts.items():
        if states[path] != "there":
            write_file(top / path, text.encode())
    head = ledger.records[-1]
    checkpoint = Checkpoint(index=head.record.index, digest=head.digest)
    return Installed(files=states, root=f"sha256:{ledger.root}", checkpoint=str(checkpoint))


def default_branch(repository: Repository) -> str:
    """Return the branch that the remote shows first, else the one that is checked out here."""
    try:
        name = repository.git("symbolic-ref", "-q", "refs/remotes/origin/HEAD").decode().strip()
    except GitProcessError:
        name = Head.read(repository).branch or ""
    return re.sub("^refs/(heads|remotes/origin)/", "", name) or "main"


def _template(name: str) -> str:
    return resources.files("gitreg").joinpath("workflows", name).read_text("utf-8")


def _filler(registry: Registry, branch: str) -> Callable[[str], str]:
    """Return what puts this registry's own names into a template."""
    policy = registry.state.policy()
    entries = policy.policy.models if policy else ()
    stages = sorted({stage for entry in entries for stage in entry.stages})
    names = {
        "__BRANCH__": branch,
        "__PACKAGE__": f"gitreg[{','.join(_find_extras(registry))}]=={__version__}",
        "__DEPLOY_JOBS__": "".join(_DEPLOY_JOB.format(stage=stage) for stage in stages),
    }

    def fill(text: str) -> str:
        for name, value in names.items():
            text = text.replace(name, value)
        return text

    return fill


def _find_extras(registry: Registry) -> list[str]:
    """Return the extras that the newest version of each model and the DVC remote need."""
    state, found = registry.state, {"parquet"}
    for entry in filter(None, map(state.newest, state.models())):
        artifacts = read_artifacts(registry.repository, registry.ledger, entry)
        found |= {_FORMATS[item.format] for item in artifacts if item.format in _FORMATS}
    config = registry.root / ".dvc/config"
    said = config.read_bytes() if config.is_file() else b""
    found |= {extra for extra, scheme in _REMOTES.items() if scheme in said}
    return sorted(found if state.models() else found | set(_FIRST))


def _seal(text: str) -> str:
    digest = sha256(text.encode())[:16]
    return f"# Written by gitreg ci install, and unedited while this is so: {digest}\n{text}"


def _judge(path: str, found: bytes | None, wanted: bytes, *, force: bool) -> State:
    """Say what is to become of a file.

    Raises: SetupError where somebody edited it.
    """
    if found is None:
        return "new"
    if found == wanted:
        return "there"
    head = _HEAD.match(found.decode(errors="replace"))
    if force or (head and sha256(found.split(b"\n", 1)[1])[:16] == head[1]):
        return "renewed"
    raise SetupError(
        f"{path} is there already, and not as gitreg wrote it",
        next_step="commit it, add --force, and git diff shows what was yours",
    )
