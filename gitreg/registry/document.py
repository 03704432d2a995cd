"""The text of `model.yaml`: found or begun, filled in, all else left as its author had it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gitreg import formats, yaml12
from gitreg.domain.canonical import dumps, read_json
from gitreg.domain.model import SCHEMA, Artifact, read_metrics
from gitreg.domain.names import is_path, join_folder
from gitreg.errors import InvalidError, SetupError, UsageError
from gitreg.validation import display_name, read_model
from gitreg.value import Value

FILE = "model.yaml"
_LONGEST_METRIC = 100  # characters, as the schema has it


class ModelFolder(Value):
    """A model's folder: `path` is relative to the repository (`.` for its root)."""

    root: Path
    path: str

    @property
    def absolute(self) -> Path:
        """The folder on this machine."""
        return self.root / self.path

    @property
    def file(self) -> Path:
        """Its `model.yaml`."""
        return self.absolute / FILE

    def inside(self, name: str) -> str:
        """The path in the repository of a file in the folder."""
        return join_folder(self.path, name)


def find_folder(root: Path, where: Path | None, files: Sequence[Path]) -> ModelFolder:
    """Return the folder that is named, or else the one that all of `files` lie in.

    Raises: UsageError; SetupError for what lies outside the repository.
    """
    if where is None and not files:
        raise UsageError(
            "which model?", next_step="gitreg register models/iris, or --new NAME --file FILE"
        )
    folder = where.resolve() if where else _common(files)
    if folder.name == FILE and folder.is_file():
        folder = folder.parent
    if not folder.is_dir():
        raise SetupError(f"there is no folder {where}", next_step="name the model's folder")
    if not folder.is_relative_to(root.resolve()):
        raise SetupError(f"{folder} is outside the repository {root}", next_step="move it into it")
    return ModelFolder(root=root.resolve(), path=folder.relative_to(root.resolve()).as_posix())


def _common(files: Sequence[Path]) -> Path:
    parents = [file.absolute().parent.resolve() for file in files]
    first = parents[0]
    while not all(parent.is_relative_to(first) for parent in parents):
        first = first.parent
    return first


def read_text(folder: ModelFolder, new: str | None) -> str:
    """Return the text of the folder's `model.yaml`, or a first one for the model `new`.

    Raises: SetupError where there is neither; InvalidError.
    """
    file = folder.file
    if file.is_file():
        data = file.read_bytes().replace(b"\r\n", b"\n")
        name = display_name(file, folder.root)
        found = read_model(data, name=name).value["name"]
        if new is not None and new != found:
            raise UsageError(
                f"{name} is of the model {found}, not of {new}",
                next_step=f"gitreg register {folder.path}, or put {new} into another folder",
            )
        return data.decode()
    if new is None:
        raise SetupError(
            f"{folder.path} has no model.yaml",
            next_step="write one, or let gitreg do it: gitreg register --new NAME --file FILE",
        )
    return yaml12.dump({"schema": SCHEMA, "name": new, "version": "0.0.0"})


def fill_in(
    text: str,
    *,
    metrics: Mapping[str, Any] | None,
    parameters: Mapping[str, Any],
    tags: Mapping[str, Any],
) -> str:
    """Return `text` with new claims; metrics replace those of the version before."""
    if metrics is not None:
        text = yaml12.edit(text, ("metrics",), dict(metrics), name=FILE)
    for key, value in parameters.items():
        text = yaml12.edit(text, ("architecture", "hyperparameters", key), value, name=FILE)
    for key, value in tags.items():
        text = yaml12.edit(text, ("tags", key), value, name=FILE)
    return text


def complete(text: str, *, version: str, artifacts: Sequence[Artifact]) -> str:
    """Return `text` with what `register` knows: the version and the artifacts."""
    text = yaml12.edit(text, ("version",), version, name=FILE)
    entries = [artifact.to_dict() for artifact in artifacts]
    return yaml12.edit(text, ("artifacts",), entries, name=FILE)


def wanted_artifacts(
    folder: ModelFolder, value: Mapping[str, Any], files: Sequence[Path]
) -> list[dict[str, Any]]:
    """Return path, role and format of each artifact: those of `model.yaml`, then new ones.

    Raises: SetupError where there is none, or a file is missing or outside the folder.
    """
    entries = {entry["path"]: dict(entry) for entry in value.get("artifacts", [])}
    for file in files:
        path = _relative(folder, file)
        entries.setdefault(path, {"path": path})
    if not entries:
        for found in sorted(folder.absolute.glob("*.dvc")):
            entries[found.stem] = {"path": found.stem}
    if not entries:
        raise SetupError(
            f"{folder.path} names no artifacts",
            next_step="name the model's files: gitreg register … --file FILE",
        )
    for number, entry in enumerate(entries.values()):
        entry.setdefault("role", "model" if number == 0 else "file")
        entry.setdefault("format", formats.guess(folder.absolute / entry["path"]))
        if not (folder.absolute / entry["path"]).exists():
            raise SetupError(
                f"the artifact {folder.inside(entry['path'])} does not exist",
                next_step="train it, dvc checkout it, or take it out of model.yaml",
            )
    return list(entries.values())


def _relative(folder: ModelFolder, file: Path) -> str:
    absolute = file.absolute().parent.resolve() / file.name
    if not absolute.is_relative_to(folder.absolute):
        raise SetupError(
            f"{file} is outside the model's folder {folder.path}",
            next_step="move it there: paths in model.yaml are relative to it",
        )
    path = absolute.relative_to(folder.absolute).as_posix()
    if not is_path(path):
        raise SetupError(f"{path!r} is not a name that every system takes", next_step="rename it")
    return path


def read_metric_words(words: Sequence[str]) -> dict[str, Any]:
    """Read `name=number` words as metrics.

    Raises: UsageError.
    """
    metrics = read_assignments(words, "--metric")
    try:
        read_metrics(metrics)
    except ValueError as error:
        raise UsageError(f"--metric: {error}") from error
    return metrics


def read_metrics_file(path: Path) -> dict[str, Any]:
    """Read a `metrics.json`: names to numbers, nested ones joined with `.`.

    Raises: InvalidError.
    """
    try:
        data = read_json(path.read_bytes())
        metrics = dict(_flatten(data)) if isinstance(data, dict) else {}
        read_metrics(metrics)
    except (OSError, ValueError) as error:
        raise InvalidError(
            f"{path}: {error}", next_step='write JSON such as {"accuracy": 0.95}'
        ) from error
    if not metrics:
        raise InvalidError(f"{path} has no metrics", next_step='write {"accuracy": 0.95}')
    return metrics


def _flatten(data: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in data.items():
        name = before + key
        if len(name) > _LONGEST_METRIC:  # one long key would be in the name of each below it
            raise ValueError(f"the metric {name[:60]!r}… has over {_LONGEST_METRIC} characters")
        if isinstance(value, dict) and "value" not in value:
            pairs += _flatten(value, f"{name}.")
        else:
            pairs.append((name, value))
    return pairs


def read_assignments(items: Sequence[str], option: str) -> dict[str, Any]:
    """Read `key=value` words; values are read as YAML scalars.

    Raises: UsageError.
    """
    result = {}
    for item in items:
        key, equals, text = item.partition("=")
        if not key or not equals:
            raise UsageError(f"{option} wants KEY=VALUE, not {item!r}")
        value = yaml12.load(text.encode(), name=option).value
        result[key] = value if isinstance(value, str | int | float | bool) else text
    return result


def same_content(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two model documents differ in nothing but their version."""
    first, second = ({**value, "version": ""} for value in (one, other))
    return dumps(first) == dumps(second)
