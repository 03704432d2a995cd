"""The files of a version's commit: `model.yaml`, `.dvc` files, and lines of shared files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from gitreg import yaml12
from gitreg.artifacts.tracking import Tracked
from gitreg.domain.canonical import git_object_id
from gitreg.domain.model import Artifact
from gitreg.errors import SetupError
from gitreg.git.worktree import Head, read_at, staged_id
from gitreg.registry.committing import Change
from gitreg.registry.document import FILE, ModelFolder
from gitreg.registry.open import Registry

_CONFIG = ".dvc/config"


def version_files(
    registry: Registry,
    head: Head,
    folder: ModelFolder,
    text: str,
    tracked: Sequence[tuple[Artifact, Tracked]],
) -> dict[str, Change]:
    """Return every file that belongs to a version, by its path in the repository.

    `text` is the filled-in `model.yaml`. Files that others write in too (`dvc.yaml`,
    `.gitignore`) get their line in what is committed, staged and shown, each on its own. DVC's
    configuration comes along where it changed, since without it nobody finds the artifacts.
    """
    changes = {folder.inside(FILE): Change.same(text.encode())}
    for artifact, found in tracked:
        path = folder.inside(artifact.path)
        if found.lock:
            _check_committed(registry, head, found.lock)
            continue
        parent, _, name = path.rpartition("/")
        changes[f"{path}.dvc"] = Change.same(found.dvc_file(name))
        ignore = f"{parent}/.gitignore" if parent else ".gitignore"
        before = changes.get(ignore) or _shared(registry, head, ignore)
        changes[ignore] = _edit(before, partial(_with_line, line=f"/{name}"))
    artifacts = ("artifacts", _model(text))
    entry = {"path": folder.inside(tracked[0][0].path), "type": "model"}
    changes["dvc.yaml"] = _edit(
        _shared(registry, head, "dvc.yaml"),
        lambda old: yaml12.edit(old, artifacts, entry, name="dvc.yaml"),
    )
    config = registry.root / _CONFIG
    if config.is_file():
        data = config.read_bytes()
        blob = git_object_id("blob", data, like=registry.repository.zero)
        staged = staged_id(registry.repository, _CONFIG)
        if data != read_at(registry.repository, head.commit, _CONFIG) or staged != blob:
            changes[_CONFIG] = Change.same(data)
    return changes


def _check_committed(registry: Registry, head: Head, lock: Path) -> None:
    """See that the commit will have the pipeline that makes an artifact."""
    for file in (lock, lock.with_name("dvc.yaml")):
        path = file.relative_to(registry.root.resolve()).as_posix()
        committed = read_at(registry.repository, head.commit, path)
        if committed is None or (file == lock and committed != lock.read_bytes()):
            raise SetupError(
                f"{path} is not committed as it is, and its pipeline makes an artifact",
                next_step=f"git commit {path}, then register",
            )


def _model(text: str) -> str:
    return str(yaml12.load(text.encode(), name=FILE).value["name"])


def _shared(registry: Registry, head: Head, path: str) -> Change:
    """Return a file as it is committed, staged and shown now."""
    repository = registry.repository
    committed = read_at(repository, head.commit, path) or b""
    staged = committed
    if blob := staged_id(repository, path):
        with repository.reader() as reader:
            found = reader.read_one(blob)
        staged = (found.data if found else None) or b""
    file = registry.root / path
    shown = file.read_bytes() if file.is_file() else staged
    return Change(committed=committed, staged=staged, shown=shown)


def _edit(change: Change, edit: Callable[[str], str]) -> Change:
    def edited(data: bytes) -> bytes:
        # Lines of others may be in any encoding.
        return edit(data.decode(errors="surrogateescape")).encode(errors="surrogateescape")

    texts = (change.committed, change.staged, change.shown)
    done = {text: edited(text) for text in set(texts)}  # mostly they are one, and may be long
    return Change(
        committed=done[change.committed], staged=done[change.staged], shown=done[change.shown]
    )


def _with_line(text: str, line: str) -> str:
    if line in text.split("\n"):
        return text
    lead = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{lead}{line}\n"
