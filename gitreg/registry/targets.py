"""`deploy.yaml`: read from the commit that is checked out, with every finding and its line."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from gitreg import schema, yaml12
from gitreg.domain.finding import Finding
from gitreg.domain.names import is_path
from gitreg.domain.target import Targets
from gitreg.errors import InvalidError, NotFoundError
from gitreg.git.worktree import Head, read_at
from gitreg.registry.open import Registry
from gitreg.yaml12 import Document

FILE = "deploy.yaml"


def read_targets(registry: Registry) -> Targets:
    """Return the targets of the work tree's HEAD: what is not committed was not reviewed.

    Raises: InvalidError with every finding; NotFoundError where there is no such file.
    """
    root = registry.root
    data = read_at(registry.repository, Head.read(registry.repository).commit, FILE)
    if data is None:
        there = (root / FILE).exists()
        raise NotFoundError(
            f"{FILE} is not committed" if there else f"there is no {FILE} here",
            next_step=f"commit {FILE}" if there else "docs/deploy.md shows one",
        )
    return check_targets(data)


def is_changed(registry: Registry) -> bool:
    """Whether the work tree's file is another than the one that counts."""
    path = registry.root / FILE
    data = read_at(registry.repository, Head.read(registry.repository).commit, FILE)
    return path.is_file() and path.read_bytes() != data


def check_targets(data: bytes) -> Targets:
    """Return what the bytes of a `deploy.yaml` say.

    Raises: InvalidError with every finding.
    """
    document = yaml12.load(data, name=FILE)
    findings = schema.check(document, schema="deploy.v1", name=FILE)
    if not findings:
        findings = list(_beyond(document))
    if findings:
        count = f"{len(findings)} things are wrong" if findings[1:] else findings[0].what
        raise InvalidError(f"{FILE}: {count}", findings=findings)
    return Targets.from_dict(document.value)


def _beyond(document: Document) -> Iterator[Finding]:
    """Yield what a JSON Schema cannot say."""
    models: dict[str, Any] = document.value.get("models", {})
    for pattern, stages in models.items():
        seen: dict[str, str] = {}
        for stage, targets in stages.items():
            names: set[str] = set()
            for number, target in enumerate(targets):
                place = ("models", pattern, stage, number)
                path = target["path"]
                if target["name"] in names:
                    yield _wrong(document, (*place, "name"), "is there twice in this stage")
                names.add(target["name"])
                seconds = target.get("check", {}).get("seconds", 0)
                if math.isnan(seconds):
                    yield _wrong(document, (*place, "check", "seconds"), "is not a number")
                if path != "/" and not is_path(path[1:].removesuffix("/")):
                    yield _wrong(document, (*place, "path"), "is not a plain absolute path")
                other = seen.setdefault(str(PurePosixPath(path)), f"{stage}.{number}")
                if other != f"{stage}.{number}":
                    what = f"is that of {other} too, and they would share one link"
                    yield _wrong(document, (*place, "path"), what)


def _wrong(document: Document, path: tuple[str | int, ...], what: str) -> Finding:
    return Finding(
        severity="error",
        code="deploy.field",
        where=f"{FILE}:{document.line(path)}",
        what=f"{'.'.join(map(str, path))} {what}",
        next_step="docs/deploy.md has every field",
    )
