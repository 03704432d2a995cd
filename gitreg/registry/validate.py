"""Validation: one version, put to all the checks of a release."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from gitreg.formats.isolated import Limits
from gitreg.registry.document import FILE
from gitreg.registry.open import Registry, resolve
from gitreg.registry.version import ModelVersion
from gitreg.validation.checks import run_checks
from gitreg.validation.outcome import Validation
from gitreg.validation.schema import read_valid
from gitreg.validation.subject import Subject
from gitreg.value import Value


class Request(Value):
    """What is asked for beyond `model.yaml`: checks `module:function`, imported from `folder`.

    `limits` bound loading, one answer, and each whole run of a team's check.
    """

    checks: Sequence[str] = ()
    folder: Path = Path()
    limits: Limits = Limits(seconds=60.0)


def validate(registry: Registry, reference: str, request: Request | None = None) -> Validation:
    """Return everything that is wrong with a version, at once; nothing is written.

    Raises: NotFoundError; UsageError.
    """
    version = ModelVersion(registry, resolve(registry.state, reference))
    return validate_version(version, request)


def validate_version(version: ModelVersion, request: Request | None = None) -> Validation:
    """Return everything that is wrong with a version, which need not be registered.

    Of `version` there are used: `model`, `version`, `entry.path`, `metadata`, `artifacts`,
    `permits_code`, and the methods `read`, `code`, `path` and `loadable`.
    """
    asked = request or Request()
    subject = Subject(
        model=version.model,
        version=version.version,
        file=str(PurePosixPath(version.entry.path) / FILE),
        signed=version.metadata,
        metadata=read_valid(version.metadata),
        read=version.read,
        find_files=lambda: _files(version),
        find_model=version.loadable,
        permits_code=version.permits_code,
        write_code=lambda folder: _write_code(version, folder),
        own_checks=asked.checks,
        own_folder=asked.folder,
    )
    return run_checks(subject, asked.limits)


def _files(version: ModelVersion) -> dict[str, Path]:
    """Return each artifact, and each file of those that are folders."""
    found: dict[str, Path] = {}
    for artifact in version.artifacts:
        place = found[artifact.path] = version.path(artifact.path)
        if artifact.is_folder:
            inside = sorted(path for path in place.rglob("*") if path.is_file())
            found |= {f"{artifact.path}/{path.relative_to(place)}": path for path in inside}
    return found


def _write_code(version: ModelVersion, folder: Path) -> list[Path]:
    """Write the Python files of the version; they are imported from its folder, then from above."""
    for path, data in version.code().items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return [folder / version.entry.path, folder]
