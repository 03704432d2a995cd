"""The DVC pipeline that made an artifact, from what `dvc.lock`, `dvc.yaml` and `.dvc` files say.

DVC's stages are called steps here: a stage is what a version holds. The files are a stranger's:
what does not have DVC's shape is refused, and nothing in them is opened or run.

Formats: DVC's "dvc.yaml, dvc.lock and .dvc files" in its user guide; schema 2.0 of `dvc.lock`.
"""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitreg.domain.lineage import Gathering, Node
from gitreg.domain.names import is_text
from gitreg.value import Value

MAX_FILES = 5000  # dependencies and outputs of one file


class File(Value):
    """A dependency or an output: `path` is in the repository, or an address elsewhere.

    `md5` is DVC's name for its bytes; `origin` is where DVC imported it from, with the revision.
    """

    path: str
    md5: str | None = None
    origin: str | None = None

    @property
    def id(self) -> str:
        """The id of its node."""
        return f"file:{self.path}@{self.md5}"


class Step(Value):
    """One command of a pipeline, or with no command a `.dvc` file that tracks what it names."""

    name: str
    file: str
    cmd: str | None = None
    deps: tuple[File, ...] = ()
    outs: tuple[File, ...] = ()
    params: Mapping[str, Any] = {}

    def makes(self, path: str) -> File | None:
        """Return the output that is `path`, or a folder that it lies in, or a part of it."""
        for out in self.outs:
            if path == out.path or path.startswith(f"{out.path}/"):
                return out
        return next((out for out in self.outs if out.path.startswith(f"{path}/")), None)


def read_lock(lock: object, definition: object, *, file: str) -> list[Step]:
    """Read the values of a `dvc.lock`, called `file`, and of the `dvc.yaml` beside it.

    The latter tells the folder that a step works in, to which its paths are relative.

    Raises: ValueError with the place that is not as DVC writes it.
    """
    stages = _mapping(_mapping(lock, "the file").get("stages", {}), "stages")
    wanted = definition.get("stages") if isinstance(definition, Mapping) else None
    steps, left = [], MAX_FILES
    for name, value in stages.items():
        where = f"stages.{name[:80]}"
        stage = _mapping(value, where)
        folder = _working_folder(wanted, name, file)
        deps, outs = (_files(stage, key, where, folder) for key in ("deps", "outs"))
        left -= 1 + len(deps) + len(outs)
        if left < 0:
            raise ValueError(f"it has more than {MAX_FILES} steps and files")
        params = _mapping(stage.get("params") or {}, f"{where}.params")
        cmd = _command(stage.get("cmd"), where)
        steps.append(Step(name=name, file=file, cmd=cmd, deps=deps, outs=outs, params=params))
    return steps


def read_tracked(value: object, *, file: str) -> Step:
    """Read the value of the `.dvc` file called `file`.

    Raises: ValueError.
    """
    tracked = _mapping(value, "the file")
    folder = _join(posixpath.dirname(file), tracked.get("wdir"))
    deps, outs = (_files(tracked, key, "", folder) for key in ("deps", "outs"))
    if len(deps) + len(outs) > MAX_FILES:
        raise ValueError(f"it has more than {MAX_FILES} files")
    return Step(name=posixpath.basename(file), file=file, deps=deps, outs=outs)


def add_pipeline(
    gathering: Gathering, target: str, made: File, steps: Sequence[Step], *, depth: int
) -> bool:
    """Take in the steps that made the file `made` of the node `target`, and those before them.

    False where no step made it. At most `depth` steps lie between a step and the file.
    """
    waiting, seen = deque([(made, target, 0)]), set[str]()
    while waiting:
        wanted, node, level = waiting.popleft()
        for step, out in _makers(steps, wanted):
            step_id = f"step:{step.file}:{step.name}"
            gathering.add(_step_node(step_id, step))
            gathering.link(step_id, node, "made by" if step.cmd else "tracked by")
            _compare(gathering, wanted, out, step)
            if step_id in seen or step_id not in gathering:
                continue
            seen.add(step_id)
            if level == depth:
                _tell_cut(gathering, step)
                continue
            for dep in step.deps:
                dep_id = gathering.add(_file_node(dep))
                gathering.link(dep_id, step_id, "uses")
                waiting.append((dep, dep_id, level + 1))
    return bool(seen)


def _makers(steps: Sequence[Step], wanted: File) -> Iterator[tuple[Step, File]]:
    for step in steps:
        if out := step.makes(wanted.path):
            yield step, out


def _compare(gathering: Gathering, wanted: File, out: File, step: Step) -> None:
    """Tell where a step made other bytes than those that were used."""
    if out.path == wanted.path and wanted.md5 and out.md5 != wanted.md5:
        gathering.tell(
            "warning",
            "lineage.other-bytes",
            f"{step.file}: {step.name}",
            f"it says that {out.path} has the md5 {out.md5}, and what was used has {wanted.md5}",
            next_step="dvc repro made only a part of it anew, or somebody edited the file",
        )


def _tell_cut(gathering: Gathering, step: Step) -> None:
    if step.deps:
        gathering.tell(
            "note",
            "lineage.depth",
            f"{step.file}: {step.name}",
            "what it depends on is not shown",
            next_step="--depth N shows more",
        )


def _step_node(step_id: str, step: Step) -> Node:
    details = {"file": step.file, "cmd": step.cmd, "params": step.params}
    return Node(id=step_id, kind="step", label=step.name, details=details)


def _file_node(file: File) -> Node:
    return Node(
        id=file.id,
        kind="file",
        label=file.path,
        details={"md5": file.md5, "from": file.origin},
    )


def _files(stage: Mapping[str, Any], key: str, where: str, folder: str) -> tuple[File, ...]:
    where = f"{where}.{key}".lstrip(".")
    entries = stage.get(key) or []
    if not isinstance(entries, list):
        raise ValueError(f"{where} is not a list")
    return tuple(_file(_mapping(entry, f"an entry of {where}"), where, folder) for entry in entries)


def _file(entry: Mapping[str, Any], where: str, folder: str) -> File:
    path, md5, repo = entry.get("path"), entry.get("md5"), entry.get("repo")
    if not isinstance(path, str) or not is_text(path):
        raise ValueError(f"a path of {where} is not one line of text")
    if not isinstance(md5, str | None):
        raise ValueError(f"the md5 of {path} is not a text")
    origin = None
    if isinstance(repo, Mapping):
        revision = repo.get("rev_lock") or repo.get("rev")
        origin = f"{repo.get('url')}{f' at {revision}' if revision else ''}"
        return File(path=path, md5=md5, origin=origin)  # a path in that repository
    return File(path=_join(folder, path), md5=md5)


def _working_folder(wanted: object, name: str, file: str) -> str:
    """Return the folder of a step: `wdir` of its entry in dvc.yaml, else where that is.

    A step made by `foreach` or `matrix` is called `name@item`.
    """
    folder = posixpath.dirname(file)
    stage = wanted.get(name.partition("@")[0]) if isinstance(wanted, Mapping) else None
    if isinstance(stage, Mapping) and isinstance(stage.get("do"), Mapping):
        stage = stage["do"]
    return _join(folder, stage.get("wdir")) if isinstance(stage, Mapping) else folder


def _join(folder: str, path: object) -> str:
    """Return a path in the repository; one that is absolute, or an address, as it is."""
    if not isinstance(path, str) or not path:
        return folder
    return path if "://" in path else posixpath.normpath(posixpath.join(folder, path))


def _command(value: object, where: str) -> str | None:
    lines = value if isinstance(value, list) else [] if value is None else [value]
    texts = [line for line in lines if isinstance(line, str)]
    if len(texts) < len(lines):
        raise ValueError(f"{where}.cmd is not a text")
    return "; ".join(texts) or None


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} is not a mapping")
    return value
